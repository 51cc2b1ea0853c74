package holonomy.api

import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import java.io.File

/** A file of the checkout that is made from the sources holds [text]; with `-Dkept.write=true` it is written. */
internal fun keep(path: String, text: String) {
    val file = File(System.getProperty("holonomy.root"), path)
    if (System.getProperty("kept.write").toBoolean()) file.apply { parentFile.mkdirs() }.writeText(text)
    withClue("$path is no longer what the sources give; CONTRIBUTING.md has the command that writes it again") {
        file.isFile shouldBe true
        val (kept, made) = file.readLines() to text.trimEnd('\n').lines()
        (kept - made.toSet()).joinToString("\n") shouldBe (made - kept.toSet()).joinToString("\n")
        file.readText() shouldBe text
    }
}
