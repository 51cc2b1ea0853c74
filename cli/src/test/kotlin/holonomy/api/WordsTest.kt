package holonomy.api

import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File

private const val HEAD =
    """# The words of a script

Every public word of `holonomy.dsl`, then those of each study (`holonomy.study.markers` and so on), by the file that it
stands in: what its doc comment says first, and where it is said, in this order of places: the experiments, the README, the tutorial, the tests. 'Said nowhere yet' are types that scripts
needn't name, and words that wait for their use. Made from the sources; CONTRIBUTING.md has the command.
"""

class WordsTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        val words = listOf("dsl", "study").flatMap { wordsOf(File(root, "dsl/src/main/kotlin/holonomy/$it")) }
        val places =
            listOf("experiments", "scripts", "README.md", "docs/tutorial.md", "dsl/src/test/kotlin/holonomy/dsl").map {
                place ->
                File(root, place)
                    .walk()
                    .filter { it.extension in setOf("kts", "md", "kt") }
                    .sortedBy { it.path }
                    .flatMap { codeOf(it) }
                    .toList()
            }

        "every word has a doc comment" { words.filter { it.line.isEmpty() }.map { it.name }.shouldBeEmpty() }

        "docs/words.md lists every word with its line and an example" {
            words.shouldNotBeEmpty()
            val sections =
                words
                    .groupBy { it.file }
                    .map { (file, own) ->
                        val rows = own.map { row(it, exampleOf(it, places)) }
                        "\n## $file\n\n| word | what it is | example |\n|---|---|---|\n" +
                            rows.joinToString("\n", postfix = "\n")
                    }
            keep("docs/words.md", HEAD + sections.joinToString(""))
        }

        "words are read as Kotlin reads them" {
            val file = File(tempdir(), "Some.kt")
            file.writeText(
                """
                package some

                /** Many runs. And more. */
                class Runs internal constructor() {
                    /**
                     * Those of [kind],
                     * in order.
                     *
                     * @param kind which
                     */
                    infix fun of(kind: String) = kind

                    internal fun hidden() = 1
                }

                /** Their mean. */
                fun <T> Runs.mean(x: T) = x

                /** Not for others. */
                internal val secret = 1

                /** Two of a kind. */
                val one = 1
                val other = 1

                val bare = 1

                /** Asked for. */
                @Marked
                class Scope(
                    val inner: Int,
                )
                """
                    .trimIndent()
            )
            wordsOf(file.parentFile).map { listOf(it.owner, it.name, it.line) } shouldBe
                listOf(
                    listOf(null, "Runs", "Many runs"),
                    listOf("Runs", "of", "Those of kind, in order"),
                    listOf("Runs", "mean", "Their mean"),
                    listOf(null, "one", "Two of a kind"),
                    listOf(null, "other", "Two of a kind"),
                    listOf(null, "bare", ""),
                    listOf(null, "Scope", "Asked for"),
                )
        }
    })

private fun row(word: Word, example: String?): String {
    val name = listOfNotNull(word.owner, word.name).joinToString(".")
    val cells = listOf("`$name`", word.line, example?.let { "`$it`" } ?: "said nowhere yet")
    return cells.joinToString(" | ", "| ", " |") { it.replace("|", "\\|") }
}
