package holonomy.store

import holonomy.data.AtomicFiles
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

private fun fill(folder: Path, text: String) {
    folder.resolve("data").createDirectories()
    for (name in listOf("a.svg", "data/a.parquet", "$text.csv")) folder.resolve(name).writeText(text)
}

/** The texts of a folder's files by path. */
private fun texts(folder: Path): Map<String, String> =
    if (!folder.isDirectory()) mapOf()
    else
        Files.walk(folder).use { files ->
            files.filter(Files::isRegularFile).toList().associate { "${folder.relativize(it)}" to it.readText() }
        }

private fun filled(text: String) = listOf("a.svg", "data/a.parquet", "$text.csv").associateWith { text }

class WholeFolderTest :
    FreeSpec({
        fun published(): Path = tempdir().toPath().resolve("one").also { fill(it, "old") }

        "what is new takes the place of all that was there, and nothing else is left" {
            val target = published()
            WholeFolder.replace(target) { fill(it, "new") }
            texts(target) shouldBe filled("new")
            target.parent.listDirectoryEntries().map { it.name } shouldBe listOf("one")
        }

        "a body that fails changes nothing" {
            val target = published()
            val failure = IOException("disk on fire")
            shouldThrow<IOException> {
                WholeFolder.replace(target) {
                    it.resolve("a.svg").writeText("half")
                    throw failure
                }
            } shouldBe failure
            texts(target) shouldBe filled("old")
            target.parent.listDirectoryEntries().map { it.name } shouldBe listOf("one")
        }

        "killed at every single step it leaves the old or the new folder, or none for the next call to put back" {
            var steps = 0
            WholeFolder.replace(published(), { fill(it, "new") }, AtomicFiles { _, _ -> steps++ })
            steps shouldBeGreaterThan 10
            for (n in 1..steps) {
                val target = published()
                var count = 0
                shouldThrow<Killed> {
                    WholeFolder.replace(
                        target,
                        { fill(it, "new") },
                        AtomicFiles { _, _ -> if (++count == n) throw Killed() },
                    )
                }
                withClue("killed at step $n of $steps") {
                    texts(target) shouldBeIn listOf(filled("old"), filled("new"), mapOf())
                    if (!target.exists()) texts(target.resolveSibling(".one.old")) shouldBe filled("old")
                    shouldThrow<IOException> { WholeFolder.replace(target) { throw IOException("no") } }
                    texts(target) shouldBeIn listOf(filled("old"), filled("new"))
                    WholeFolder.replace(target) { fill(it, "newer") }
                    texts(target) shouldBe filled("newer")
                    target.parent.listDirectoryEntries().map { it.name } shouldBe listOf("one")
                }
            }
        }
    })
