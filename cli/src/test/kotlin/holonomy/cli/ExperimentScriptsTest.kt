package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.Nightly
import holonomy.dsl.Experiment
import holonomy.dsl.Invocation
import holonomy.dsl.OptionError
import holonomy.dsl.PROFILES
import holonomy.host.ScriptError
import holonomy.host.ScriptHost
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import holonomy.laboratory.PublishedSet
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.laboratory.scriptName
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.fileSize

/** Small enough to train every script's runs in seconds; nothing is learned. */
private val MINIATURE =
    mapOf("steps" to "8", "batch" to "4", "width" to "16", "layers" to "2", "snapshots" to "9", "evaluations" to "3")

/** Pairs are evaluated whole: their study has no number of held-out sequences. */
private fun miniature(script: File) =
    when (script.parentFile.name) {
        "grokking" -> MINIATURE
        "language" ->
            MINIATURE + mapOf("heldOut" to "16", "steps" to "40", "snapshots" to "11") // controls take a fifth
        else -> MINIATURE + ("heldOut" to "16")
    }

/** The script whose control takes the path of another seed's run. */
private const val NEEDS_TWO = "grokking-interventions"

/** One script of each study, tried daily; the others nightly, as is what takes long. */
private val DAILY = setOf("collapse", "grokking-learning-rates", "language-learning")

/** Every script of `experiments/`, declared at all profiles and carried out in miniature. */
class ExperimentScriptsTest :
    FreeSpec({
        val home = Home(Path.of(System.getProperty("holonomy.root")))
        val host = scriptHost()
        val folder = tempdir().toPath() // of all scripts: what they share is trained once
        val scripts = home.experimentScripts()

        "there are scripts" { scripts.shouldNotBeEmpty() }

        "a mistake in --set, found in a script's prelude, is the command line's" {
            mapOf("widht" to "64", "width" to "abc").forEach { (key, value) ->
                val error =
                    shouldThrow<OptionError> {
                        host.declare(scripts.first(), Invocation(settings = mapOf(key to value)))
                    }
                error.message shouldStartWith "--set $key"
            }
        }
        "a mistake in an imported script is named with its place" {
            val folder = tempdir()
            folder
                .resolve("prelude.main.kts")
                .writeText("val a = 1\nrequire(a > 1) { \"a: expected more than 1, found ${'$'}a\" }\n")
            val script = folder.resolve("imports.main.kts")
            script.writeText("@file:Import(\"prelude.main.kts\")\nprintln(a)\n")
            shouldThrow<ScriptError> { ScriptHost(tempdir()).declare(script, Invocation()) }.message shouldBe
                "${folder.resolve("prelude.main.kts")}:2: a: expected more than 1, found 1\n" +
                    "    require(a > 1) { \"a: expected more than 1, found ${'$'}a\" }"
        }

        scripts.forEach { script ->
            val tags = if (script.scriptName in DAILY) setOf() else setOf(Nightly)
            script.scriptName.config(tags = tags) -
                {
                    val said = StringWriter()

                    fun carryOut(seeds: List<Long>, publish: Path? = null): Experiment {
                        val invocation = Invocation(seeds = seeds, settings = miniature(script))
                        val declared = host.declare(script, invocation)
                        val display = SilentDisplay(PrintWriter(said), quiet = false)
                        val (runs, out) = listOf("runs", "out").map(folder::resolve)
                        val options = RunOptions(invocation, 2, runs, out, publish, false, display) { it }
                        Laboratory().execute(declared, options) shouldBe ExitCode.DONE
                        return declared.single()
                    }

                    PROFILES.forEach { profile ->
                        "declares at the $profile profile" {
                            val declared = host.declare(script, Invocation(profile)).single()
                            declared.name shouldBe script.scriptName
                            declared.requests.shouldNotBeEmpty()
                        }
                    }

                    "trains, draws every figure and judges every claim" {
                        withClue(said) {
                            val experiment = carryOut(listOf(1, 2), folder.resolve("figures"))
                            val drawn = folder.resolve("out/quick/${experiment.name}")
                            for (figure in experiment.figures) {
                                val kinds =
                                    listOf("svg", "png", "csv", "json").map { drawn.resolve("${figure.name}.$it") }
                                kinds.filterNot { it.exists() && it.fileSize() > 0 } shouldContainExactly listOf()
                            }
                            val titles =
                                experiment.figures.map { figure ->
                                    ObjectMapper()
                                        .readTree(drawn.resolve("${figure.name}.json").toFile())["title"]
                                        .textValue()
                                }
                            titles.groupingBy { it }.eachCount().filterValues { it > 1 } shouldBe mapOf()
                            drawn.resolve("claims.json").exists() shouldBe true
                        }
                    }

                    // A picture whose digest (rows, texts, look) is that of the published one is left as it is.
                    "is judged again and has the same figures from its published tables, byte for byte, without a store" {
                        withClue(said) {
                            val published = folder.resolve("figures/${script.scriptName}")
                            val set = checkNotNull(PublishedSet.open(published)) { "run the test before this one too" }
                            val declared = host.declare(script, set.invocation).single()
                            val display = SilentDisplay(PrintWriter(said), quiet = false)
                            val (none, again) = listOf("none", "again").map(folder::resolve)
                            val redrawn = again.resolve("published/${script.scriptName}")
                            published.toFile().copyRecursively(redrawn.toFile())
                            redrawn.resolve("claims.json").deleteExisting()
                            val options =
                                RunOptions(set.invocation, 1, none, again, null, false, display, redrawn = true) { it }
                            Laboratory().redraw(listOf(declared to set), options) shouldBe ExitCode.DONE
                            none.exists() shouldBe false
                            fun texts(of: Path) =
                                of.toFile()
                                    .listFiles { file -> file.extension in setOf("csv", "json") }!!
                                    .associate { it.name to it.readText() }
                            texts(redrawn) shouldBe texts(published)
                        }
                    }

                    "is carried out with one seed too, where it declares at all"
                        .config(tags = setOf(Nightly)) {
                            withClue(said) {
                                if (script.scriptName == NEEDS_TWO)
                                    shouldThrow<ScriptError> { carryOut(listOf(1)) }.message shouldContain
                                        "another seed's path needs at least two seeds, found one; train two or more"
                                else {
                                    carryOut(listOf(1))
                                    said.toString() shouldNotContain "1 seeds"
                                    said.toString() shouldNotContain "inf]"
                                }
                            }
                        }
                }
        }
    })
