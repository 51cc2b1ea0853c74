package holonomy.dsl

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import java.io.File

/**
 * What a statistic can't do without: reading a table's cell as a number, arithmetic over many, our classes for either.
 */
private val COMPUTES =
    listOf(
        Regex("""\.number\("""),
        Regex("""\.(average|sum)\(\)|\.sumOf\b"""),
        Regex("""\b(sqrt|ln|log10|exp|pow)\("""),
        Regex("""holonomy\.inference\.(?!Scale\b)"""),
        Regex("""holonomy\.geometry\.(?!Statistic\b|HeadProduct\b)"""),
        Regex("""holonomy\.store\.(Snapshots|StoredTrajectory)\b"""),
    )

/** Sums that are not of results: the lengths of stages that a user gave. */
private val ALLOWED = mapOf("Curriculum.kt" to "steps.sum()")

/** The code of a line: without comments and texts. */
private fun code(line: String) =
    if (line.trim().startsWith("*") || line.trim().startsWith("/*")) ""
    else line.replace(Regex("\"([^\"\\\\$]|\\\\.)*\""), "\"\"").substringBefore("//")

private fun computes(line: String) = COMPUTES.any { it.containsMatchIn(code(line)) }

class NoStatisticTest :
    FreeSpec({
        "no word of the DSL computes a statistic" {
            val folder = File(System.getProperty("holonomy.root"), "dsl/src/main/kotlin/holonomy")
            val files = listOf("dsl", "study").flatMap { File(folder, it).walk() }.filter { it.extension == "kt" }
            files.shouldNotBeEmpty()
            files
                .flatMap { file ->
                    file
                        .readLines()
                        .filter(::computes)
                        .filterNot { ALLOWED[file.name]?.let(it::contains) ?: false }
                        .map { "${file.name}: ${it.trim()}" }
                }
                .shouldBeEmpty()
        }

        "the rule sees each of the ways it forbids, and neither comments nor texts" {
            listOf(
                    "val x = row.number(\"value\")",
                    "rows.map { it.value }.average()",
                    "val length = sqrt(x)",
                    "import holonomy.inference.Quantiles",
                    "import holonomy.geometry.Gram",
                    "import holonomy.store.Snapshots",
                    "import holonomy.inference.Scale",
                    "import holonomy.geometry.Statistic",
                    " * the ratio to sqrt(E)",
                    "title = \"sqrt(x)\"",
                )
                .map(::computes) shouldContainExactly List(6) { true } + List(4) { false }
        }
    })
