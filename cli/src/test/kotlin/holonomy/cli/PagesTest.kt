package holonomy.cli

import holonomy.dsl.Invocation
import holonomy.host.ScriptHost
import holonomy.laboratory.Home
import holonomy.laboratory.scriptName
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.inspectors.forAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter
import picocli.CommandLine

/** What README and `docs/` show, link and call is there. */
class PagesTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        val pages = Calls.pages(root) + File(root, "CONTRIBUTING.md")
        val readme = File(root, "README.md").readText()

        "the README is short" {
            val read = readme.replace(Regex(" \"[^\"]*\"\\)"), ")") // titles of links are not read
            (read.split(Regex("\\s+")).size <= WORDS) shouldBe true
        }

        "the README's script declares, and its edits are edits of it" {
            val script =
                Regex("```kotlin\n(#!.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(readme).single().groupValues[1]
            val folder = tempdir()
            File(root, "scripts/lab.main.kts").copyTo(File(folder, "scripts/lab.main.kts"))
            val file = File(folder, "experiments/width.main.kts").apply { parentFile.mkdirs() }
            file.writeText(script)
            val declared = ScriptHost(tempdir()).declare(file, Invocation()).single()
            declared.requests.size shouldBe 6
            declared.figures.map { it.name } shouldBe listOf("r90-against-width")
            script shouldContain "axis(\"width\", 32, 64)"
            script shouldContain "{ profile.mainTask }"
        }

        "the script that scripts/kill-sweep kills declares" {
            val script = File(root, "scripts/kill-sweep.main.kts")
            ScriptHost(tempdir()).declare(script, Invocation()).single().requests.size shouldBe 8
        }

        "the verdicts shown are the published ones" {
            val tables =
                pages.flatMap {
                    Regex("<!-- verdicts: (\\S+) -->\n(.*?)\n\n", RegexOption.DOT_MATCHES_ALL).findAll(it.readText())
                }
            tables.size shouldBe 9
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
            val links =
                pages.flatMap { page ->
                    Regex("\\]\\(([^)\\s#:]+)(?: \"[^\"]*\")?\\)").findAll(page.readText()).map {
                        page.parentFile.resolve(it.groupValues[1])
                    }
                }
            links.shouldNotBeEmpty()
            links.filterNot { it.exists() } shouldBe listOf()
        }

        "every call of ./holonomy shown is one that the command line takes, and its scripts are there" {
            val streams = PrintWriter(StringWriter()).let { Streams(it, it, Terminal(interactive = false)) }
            val home = Home(root.toPath())
            val scripts = home.experimentScripts().map { it.scriptName } + WRITTEN_BY_THE_READER
            val calls = pages.flatMap { Calls.of(it.relativeTo(root).path, it.readText()) }
            calls.size shouldBeGreaterThan 40
            calls.forAll { call ->
                val words = call.words
                withClue("${call.page}:${call.line}: ./holonomy ${words.joinToString(" ")}") {
                    val parsed =
                        try {
                            commandLine({ _, _ -> 0 }, home, streams).parseArgs(*words.toTypedArray())
                        } catch (missing: CommandLine.MissingParameterException) {
                            if (words.size > 1) throw missing
                            null // a command named without what it is to work on
                        }
                    val command = parsed?.subcommand()
                    if (command?.commandSpec()?.name() == "run") {
                        command
                            .matchedPositionals()
                            .flatMap { it.stringValues() }
                            .distinct()
                            .forAll { (it in scripts || File(root, it).isFile) shouldBe true }
                    }
                }
            }
        }

        "every script of scripts/ that is named is there" {
            val named =
                pages.flatMap { Regex("(?<![\\w./])scripts/[a-z][\\w-]*(\\.main\\.kts)?").findAll(it.readText()) }
            named.size shouldBeGreaterThan 10
            named.map { it.value }.distinct().filterNot { File(root, it).exists() } shouldBe listOf()
        }
    })

/** What README and tutorial have the reader write. */
private const val WRITTEN_BY_THE_READER = "width"

private const val WORDS = 900

private operator fun MatchResult.component1() = groupValues[0]

private operator fun MatchResult.component2() = groupValues[1]

private operator fun MatchResult.component3() = groupValues[2]
