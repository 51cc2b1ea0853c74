package holonomy.cli

import holonomy.Nightly
import holonomy.dsl.Invocation
import holonomy.host.ScriptError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter
import org.opentest4j.TestAbortedException

private const val MOST_LINES = 40
private val OTHERS = Regex("""@file:DependsOn\("(.*)"\)""")

/** The examples of `docs/cookbook`: short, and carried out as they stand, in miniature. */
class CookbookTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        val scripts = File(root, "docs/cookbook").listFiles { file -> file.name.endsWith(".main.kts") }!!.sorted()
        val host = scriptHost()
        val folder = tempdir().toPath()
        val tutorial = File(root, "docs/tutorial.md").readText()

        "the two scripts of a newcomer are there, and the two ways to other tools" {
            scripts.map { it.name } shouldContainExactly
                listOf("data-frame", "dimension", "early-dimension", "own-plot").map { "$it.main.kts" }
        }

        /** Skips the test where a library of others that the script asks for is neither here nor can be fetched. */
        fun assumeLibraries(script: File) {
            val others = script.readLines().mapNotNull { OTHERS.matchEntire(it)?.groupValues?.get(1) }
            if (others.isEmpty()) return
            val error = runCatching { host.declare(script, Invocation()) }.exceptionOrNull() as? ScriptError ?: return
            val missing = others.firstOrNull { it in error.message.orEmpty() } ?: return
            throw TestAbortedException("no repository to be reached has $missing")
        }

        scripts.forEach { script ->
            "${script.name} has at most $MOST_LINES lines, and the tutorial leads to it" {
                script.readLines().size shouldBeLessThanOrEqual MOST_LINES
                tutorial.contains("(cookbook/${script.name})") shouldBe true
            }

            "${script.name} trains, draws its figure and judges its claim"
                .config(tags = setOf(Nightly)) {
                    assumeLibraries(script)
                    val said = StringWriter()
                    withClue(said) {
                        val settings = mapOf("steps" to "8", "batch" to "4", "heldOut" to "16")
                        val invocation = Invocation(settings = settings)
                        val experiment = host.declare(script, invocation).single()
                        (experiment.figures.size to experiment.claims.size) shouldBe (1 to 1)
                        val display = SilentDisplay(PrintWriter(said), quiet = false)
                        val (runs, out) = listOf("runs", "out").map(folder::resolve)
                        val options = RunOptions(invocation, 2, runs, out, null, false, display) { it }
                        Laboratory().execute(listOf(experiment), options) shouldBe ExitCode.DONE
                        val drawn = out.resolve("quick/${experiment.name}").toFile()
                        File(drawn, "claims.json").exists() shouldBe true
                        experiment.figures
                            .filterNot { File(drawn, "${it.name}.png").length() > 0 }
                            .map { it.name } shouldBe listOf()
                    }
                }
        }
    })
