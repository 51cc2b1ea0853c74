package holonomy.api

import holonomy.data.UserError
import holonomy.dsl.Experiment
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import java.io.File

/** What other people's code may call is written down in `api/`: a change of it shows in review. */
class ApiTest :
    FreeSpec({
        "of core" { keep("api/core.txt", publicApi(UserError::class.java)) }
        "of dsl" { keep("api/dsl.txt", publicApi(Experiment::class.java)) }

        "a dump has what is public, and nothing that is internal" {
            val lines = publicApi(Experiment::class.java).lines()
            lines shouldContainAll listOf("class holonomy.dsl.Experiment", "  java.lang.String getName()")
            lines.filter { "Archive" in it || "runAtOnce" in it }.shouldBeEmpty()
        }

        "what a release had and is no more is a break, whatever came; what came is none" {
            val released = "class a.A\n  int one()\n  int two()\n\nclass a.B\n  int one()\n\nclass a.C : a.B\n"
            breaks(
                released,
                "class a.A\n  int one()\n  long two()\n  int three()\n\nclass a.C : a.B\n  int one()\n",
            ) shouldBe listOf("a.A: int two()", "a.B", "a.B: int one()")
            breaks(released, "$released\nclass a.D\n  int one()\n").shouldBeEmpty()
            breaks(released, released.replace("a.C : a.B", "a.C : a.A")) shouldBe listOf("a.C : a.B")
        }

        "the changelog names each break since the last release" {
            val root = File(System.getProperty("holonomy.root"))
            val said = File(root, "CHANGELOG.md").readText().substringAfter("\n## ").substringBefore("\n## ")
            val broken =
                listOf("core.txt", "dsl.txt").flatMap { name ->
                    // None where nothing has been released yet; scripts/release leaves them.
                    val released = File(root, "api/released/$name").takeIf { it.isFile }?.readText().orEmpty()
                    breaks(released, File(root, "api/$name").readText())
                }
            withClue(broken.joinToString("\n")) { broken.filterNot { named(it) in said }.shouldBeEmpty() }
        }
    })

/** The lines of a dump that another has no more, each with its class: what calls them breaks. */
private fun breaks(released: String, now: String): List<String> = told(released) - told(now).toSet()

private fun told(dump: String): List<String> {
    var type = ""
    return dump
        .lines()
        .filter { it.isNotBlank() }
        .map { line ->
            if (line.startsWith("  ")) "$type: ${line.trim()}"
            else line.substringAfter(' ').also { type = it.substringBefore(" : ") }
        }
}

/** The member's name, or else its class's. */
private fun named(broken: String): String =
    if (Regex("\\S: ") in broken) broken.substringAfter(": ").substringBefore('(').substringAfterLast(' ')
    else broken.substringBefore(" : ").substringAfterLast('.')
