package holonomy.notebook

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.Nightly
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.File
import java.util.Base64

/**
 * A notebook's kernel with the library, driven as Jupyter drives it. Needs jupyter-client (`apt-get install
 * python3-jupyter-client`); the kernel comes from Maven Central.
 */
class NotebookTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))

        val folder = tempdir()
        val kernel = File(folder, "kernel")
        val made by lazy {
            val library =
                System.getProperty("java.class.path").split(':').filterNot {
                    it.endsWith("/test-classes") || "kotest" in it
                }
            said("$root/scripts/notebook-kernel", "--to", kernel.path, "--library", library.joinToString(":"))
        }

        /** Whether there is what is needed; what goes wrong in making the kernel is for the test to find. */
        fun canRun(): Boolean {
            val missing =
                if (said(PYTHON, "-c", "import jupyter_client").first != 0)
                    "no jupyter-client; apt-get install python3-jupyter-client"
                else made.second.trim().takeIf { "Maven didn't find org.jetbrains" in it }
            if (missing != null) println("NotebookTest is skipped: $missing")
            return missing == null
        }

        fun cells(vararg cells: String): List<Ran> {
            withClue(made.second) { made.first shouldBe 0 }
            val driver = NotebookTest::class.java.getResource("/notebook.py")!!.path
            val ran = said(PYTHON, driver, "$kernel/kernel.json", folder.path, input = cells.joinToString("\n%%\n"))
            return withClue(
                "${ran.second}\n${File(folder, "kernel.log").takeIf { it.exists() }?.readText()?.takeLast(2000)}"
            ) {
                ran.first shouldBe 0
                ObjectMapper().readTree(ran.second.lines().last { it.startsWith("[") }).map { cell ->
                    Ran(cell["status"].asText(), cell["put"].map { it[0].asText() to it[1].asText() })
                }
            }
        }

        "an experiment in a cell: a line of progress, its figure and its claim; a table; a failure leaves the kernel alive"
            .config(tags = setOf(Nightly), enabledIf = { canRun() }) {
                val ran = cells(LOADING, experiment("small", 1e-3), TABLE, experiment("wild", 1e30), "1 + 1")
                withClue(ran) {
                    ran.map { it.status } shouldBe listOf("ok", "ok", "ok", "error", "ok")
                    val (_, small, table, wild, sum) = ran
                    small.text("stdout") shouldContain "training: 0 of 1 run, "
                    small.text("stdout") shouldContain "1 run: 0 in the store, 1 to train; "
                    val html = small.text("text/html")
                    val pictures = Regex("src=\"data:image/svg\\+xml;base64,([^\"]*)\"").findAll(html).toList()
                    pictures shouldHaveSize 1
                    val svg = Base64.getDecoder().decode(pictures.single().groupValues[1]).decodeToString()
                    svg shouldContain "<svg"
                    svg shouldContain "accuracy"
                    html shouldContain
                        "<tr><th>claim</th><th>measured</th><th>published</th><th>nulls</th><th>verdict</th></tr>"
                    html shouldContain "<tr><td>it ends</td><td>"
                    table.text("text/html") shouldBe
                        "<table><thead><tr><th>step</th><th>a &lt; b</th></tr></thead>" +
                            "<tbody><tr><td>3</td><td>0.500</td></tr></tbody></table>"
                    wild.text("stderr") shouldContain "experiment 'wild' is not whole"
                    wild.text("text/html") shouldNotContain "<img"
                    sum.text("text/plain") shouldBe "2"
                }
            }
    })

/** What a cell put out. */
private data class Ran(val status: String, val put: List<Pair<String, String>>) {
    fun text(kind: String) = put.filter { it.first == kind }.joinToString("") { it.second }
}

/** Exit code and output of a command; its own complaints are part of it. */
private fun said(vararg command: String, input: String = ""): Pair<Int, String> {
    val process = ProcessBuilder(*command).redirectErrorStream(true).start()
    process.outputWriter().use { it.write(input) }
    val output = process.inputReader().readText()
    return process.waitFor() to output
}

/** Debian's, which has Debian's packages. */
private const val PYTHON = "/usr/bin/python3"

private const val LOADING =
    """@file:CompilerArgs("-Xskip-metadata-version-check")
import holonomy.data.Table
import holonomy.dsl.*
import holonomy.study.markers.*
import holonomy.train.*

val sizes = MarkedSizes(12, 32, classes = 4, firstMarker = 16, reservedMarkers = 3, markers = 1..2, heldOut = 64)
val small = Profile("small", sizes, 2, 2, 16, 1e-3, .01, 0, 6, 4, 3, 3, listOf(1L))"""

private const val TABLE = """Table.builder(listOf(Table.whole("step"), Table.quantity("a < b"))).row(3L, 0.5).build()"""

/** The words of scripts, which the library imports. */
private fun experiment(name: String, rate: Double) =
    """experiment("$name", question = "Does it run?", study = "running") {
    val arm = small.attentionOnly.trainedBy(Training(Sgd.of($rate), 6, 4), name = "$name")
    val seen = accuracy(3, 16)
    val runs = train(arm, listOf(small.mainTask), listOf(1L)) { measure(seen) }
    figure("accuracy") { accuracyOverSteps(runs, seen) }
    claim("it ends", source = "ours", published = "none") { runs.finalAccuracy(seen) isAtLeast -99.0 }
}"""
