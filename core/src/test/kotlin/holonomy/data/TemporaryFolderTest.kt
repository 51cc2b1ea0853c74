package holonomy.data

import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.io.File
import java.nio.file.Path

/** Prints what a JVM says whose folder for temporary files is another one, when a table is written, twice. */
fun main(arguments: Array<String>) {
    repeat(2) {
        try {
            Parquet.write(Table.builder(listOf(Table.whole("i"))).row(1).build(), Path.of(arguments.single()))
            println("written")
        } catch (mistake: UserError) {
            println(mistake.message)
        }
    }
}

private fun writtenWith(temporary: File, file: File): List<String> {
    val process =
        ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=$temporary",
                "-cp",
                System.getProperty("java.class.path"),
                "holonomy.data.TemporaryFolderTestKt",
                file.path,
            )
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
    return process.inputStream.bufferedReader().readLines().also { process.waitFor() shouldBe 0 }
}

class TemporaryFolderTest :
    FreeSpec({
        val folder = tempdir()

        "a folder that isn't there is named, with what to do, also the second time" {
            val missing = File(folder, "missing")
            val message =
                "the temporary folder $missing can't be used (there is no such folder): expected a folder for DuckDB's library, 50 MB, " +
                    "to be unpacked into and loaded from; set TMPDIR to a folder that you can write, with 100 MB free, " +
                    "from which programs may be loaded (not mounted noexec)"
            writtenWith(missing, File(folder, "a.parquet")) shouldBe listOf(message, message)
        }
        "a folder that can't be written is named" {
            writtenWith(File("/proc"), File(folder, "a.parquet")).first().substringBefore(':') shouldBe
                "the temporary folder /proc can't be used (it can't be written)"
        }
        "a good one is used, and nothing stays in it" {
            val good = File(folder, "good").apply { mkdir() }
            writtenWith(good, File(folder, "a.parquet")) shouldBe listOf("written", "written")
            good.list().orEmpty().toList() shouldBe emptyList()
        }
    })
