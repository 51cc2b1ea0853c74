package holonomy.data

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.RandomSource
import io.kotest.property.arbitrary.arbitrary
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private val columns =
    listOf(Table.text("label"), Table.whole("step"), Table.quantity("value"), Table.text("it's \"odd\""))

private val tables = arbitrary { source ->
    val builder = Table.builder(columns)
    repeat(Arb.int(0..40).bind()) { builder.row(*randomRow(source)) }
    builder.build()
}

private fun randomRow(source: RandomSource): Array<Any?> {
    val random = source.random
    fun <T> orMissing(value: T): T? = if (random.nextInt(5) == 0) null else value
    return arrayOf(
        orMissing(Arb.string(0..10).sample(source).value),
        orMissing(random.nextLong()),
        orMissing(Double.fromBits(random.nextLong())),
        orMissing("x"),
    )
}

/** Prints the SHA-256 of a Parquet file it writes: run in a second JVM by the test below. */
object WriteParquetElsewhere {
    fun table(): Table {
        val builder = Table.builder(columns)
        for (i in 0 until 5000) builder.row("layer ${i % 7}", i, if (i % 11 == 0) null else 1.0 / i, null)
        return builder.build()
    }

    @JvmStatic
    fun main(arguments: Array<String>) {
        val file = Path.of(arguments[0])
        Parquet.write(Table.builder(listOf(Table.text("other"))).row("first").build(), file)
        Parquet.write(table(), file)
        println(Sha256.of(file))
    }
}

class ParquetTest :
    FreeSpec({
        val folder = tempdir().toPath()
        val file = folder.resolve("a.parquet")

        "what is written is read: types, order, missing cells, every double" {
            checkAll(PropTestConfig(seed = 4, iterations = 60), tables) { table ->
                Parquet.write(table, file)
                Parquet.read(file) shouldBe table
            }
        }

        "more rows than a row group keep their order" {
            val builder = Table.builder(listOf(Table.whole("i")))
            for (i in 0 until 300_000L) builder.row(i)
            Parquet.write(builder.build(), file)
            val read = Parquet.read(file)
            read.size() shouldBe 300_000
            (0 until 300_000).all { read.value(it, "i") == it.toLong() } shouldBe true
        }

        "equal tables are equal bytes, in this process and in another" {
            Parquet.write(WriteParquetElsewhere.table(), file)
            val here = file.readBytes()
            Parquet.write(WriteParquetElsewhere.table(), file)
            file.readBytes().contentEquals(here) shouldBe true
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val process =
                ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        WriteParquetElsewhere::class.java.name,
                        folder.resolve("b").toString(),
                    )
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
            process.inputStream.bufferedReader().readText().trim() shouldBe Sha256.of(here)
            process.waitFor() shouldBe 0
        }

        "threads that write at once write what each would alone" {
            val bytes = Sha256.of(file.also { Parquet.write(WriteParquetElsewhere.table(), it) })
            val hashes =
                (0 until 16)
                    .toList()
                    .parallelStream()
                    .map { i ->
                        val own = folder.resolve("own$i.parquet")
                        Parquet.write(Table.builder(listOf(Table.whole("i"))).row(i).build(), own)
                        Parquet.read(own).value(0, "i") shouldBe i.toLong()
                        Parquet.write(WriteParquetElsewhere.table(), own)
                        Sha256.of(own)
                    }
                    .toList()
            hashes.toSet() shouldBe setOf(bytes)
        }

        "folders with quotes and pattern characters" {
            val odd = folder.resolve("it's [a] *?").createDirectories().resolve("x'[0].parquet")
            val table = Table.builder(columns).row("a", 1, 2.0, null).build()
            Parquet.write(table, odd)
            folder.resolve("it's [a] *?").listDirectoryEntries().map { it.name } shouldBe listOf("x'[0].parquet")
            Parquet.read(odd) shouldBe table
            Query.run(mapOf("t" to listOf(Query.Source("r", odd))), "SELECT run, step FROM t").value(0, "run") shouldBe
                "r"
        }

        "no temporary files are left, not even DuckDB's library" {
            Parquet.write(WriteParquetElsewhere.table(), file)
            if (Files.isReadable(Path.of("/proc/self/maps"))) {
                val mapped = Path.of("/proc/self/maps").toFile().readLines().filter { "libduckdb_java" in it }
                mapped.filterNot { it.endsWith("(deleted)") }.shouldBeEmpty()
                mapped.isEmpty() shouldBe false
            }
            Files.exists(Path.of(".tmp")) shouldBe false
        }

        "a file that is none is named" {
            file.writeText("PAR1 this is not one")
            shouldThrow<UserError> { Parquet.read(file) }.message shouldStartWith "Parquet file $file cannot be read: "
            Parquet.write(WriteParquetElsewhere.table(), file)
            file.writeBytes(file.readBytes().let { it.copyOf(it.size - 20) })
            shouldThrow<UserError> { Parquet.read(file) }.message shouldStartWith "Parquet file $file cannot be read: "
            shouldThrow<java.nio.file.NoSuchFileException> { Parquet.read(folder.resolve("none")) }
            shouldThrow<java.io.IOException> {
                    Parquet.write(WriteParquetElsewhere.table(), folder.resolve("no/such/folder"))
                }
                .message shouldStartWith "cannot write ${folder.resolve("no/such/folder")}: "
        }

        "columns that SQL cannot tell apart are refused" {
            val table = Table.builder(listOf(Table.text("m"), Table.text("M"))).build()
            shouldThrow<IllegalArgumentException> { Parquet.write(table, file) }.message shouldContain
                "differ only in case"
        }
    })
