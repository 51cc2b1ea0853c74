package holonomy.cli

import holonomy.laboratory.Home
import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter

class ReadmeTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        val readme = File(root, "README.md").readText()

        "the script shown is the script" {
            val shown =
                Regex("<!-- script: (\\S+) -->\n```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
                    .findAll(readme)
                    .toList()
            shown.shouldNotBeEmpty()
            shown.forAll { (_, file, text) -> text shouldBe File(root, file).readText() }
        }

        "the verdicts shown are the published ones" {
            val tables =
                Regex("<!-- verdicts: (\\S+) -->\n(.*?)\n\n", RegexOption.DOT_MATCHES_ALL).findAll(readme).toList()
            tables.size shouldBe 2
            tables.forAll { (_, file, table) ->
                val published = File(root, file).readLines()
                val rows = table.lines().drop(2).map { row -> row.trim('|').split(" | ").map(String::trim) }
                rows.shouldNotBeEmpty()
                rows.forAll { (claim, paper, ours, nulls, verdict) ->
                    published.count {
                        it.contains("| $claim (") && it.contains("| $paper | $ours | $nulls | **$verdict**:")
                    } shouldBe 1
                }
            }
        }

        "every picture and file linked is there" {
            val links = Regex("\\]\\(([^)#:]+)\\)").findAll(readme).map { it.groupValues[1] }.toList()
            links.shouldNotBeEmpty()
            links.filterNot { File(root, it).exists() } shouldBe listOf()
        }

        "every option and command of ./holonomy named in it exists" {
            val out = StringWriter()
            fun help(vararg command: String): String {
                val streams = Streams(PrintWriter(out, true), PrintWriter(out, true), Terminal(interactive = false))
                commandLine({ _, _ -> 0 }, Home(root.toPath()), streams).execute(*command, "--help")
                return out.toString().also { out.buffer.setLength(0) }
            }
            val calls = Regex("\\./holonomy ([a-z]+)([^`#\n&|]*)").findAll(readme).toList()
            calls.shouldNotBeEmpty()
            calls.forAll { (_, command, rest) ->
                val help = help(command)
                help shouldContain "holonomy $command"
                Regex("--[a-z-]+").findAll(rest).forEach { help shouldContain it.value }
            }
        }
    })

private operator fun MatchResult.component1() = groupValues[0]

private operator fun MatchResult.component2() = groupValues[1]

private operator fun MatchResult.component3() = groupValues[2]
