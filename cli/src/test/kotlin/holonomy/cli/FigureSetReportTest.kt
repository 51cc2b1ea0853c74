package holonomy.cli

import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter

internal fun memoryScript(name: String, figure: String, atLeast: Double) =
    """
    import holonomy.dsl.*
    import holonomy.study.grokking.*

    experiment("$name", study = "memory", question = "Does it remember?") {
        val tiny = Profile("quick", PairSizes(7), 1, 2, 16, 3e-2, .1, 0, 30, 16, 4, 4, listOf(1, 2))
        val small = profiles(quick = tiny, standard = tiny.copy(name = "standard"), paper = tiny.copy(name = "paper"))
        val accuracy = pairAccuracy(4)
        val runs = train(small.encoder, on = listOf(pairs("a", 7) { a, _ -> a }), seeds = small.seeds) { measure(accuracy) }
        figure("curves") { $figure }
        claim("$name remembers", source = "ours", published = "a | b") { runs.finalTrainAccuracy(accuracy) isAtLeast $atLeast }
    }
    """
        .trimIndent()

internal const val WORKS = "pairAccuracyOverSteps(runs, accuracy)"
private const val FAILS = "error(\"no <picture> today\")"

/** A checkout with scripts of its own, and what its commands say. */
internal class Checkout(val root: File) {
    val said = StringWriter()

    init {
        write("scripts/figure-set.main.kts", "holonomy.dsl.figureSet(\"All figures\", about = \"A test.\")")
        write("experiments/first.main.kts", memoryScript("first", WORKS, -1.0))
        write("experiments/group/second.main.kts", memoryScript("group-second", WORKS, 1.5))
    }

    fun write(path: String, text: String) = root.resolve(path).apply { parentFile.mkdirs() }.writeText(text)

    fun read(path: String) = root.resolve(path).readText()

    fun figures(vararg options: String): Int = command("figures", *options)

    fun command(vararg options: String): Int =
        plain(
            options.first(),
            "--store",
            "$root/runs",
            "--out",
            "$root/out",
            "--no-progress",
            *options.drop(1).toTypedArray(),
        )

    /** As [command], with no options but these. */
    fun plain(vararg words: String): Int {
        val out = PrintWriter(said, true)
        return commandLine(Laboratory()::execute, Home(root.toPath()), Streams(out, out, Terminal(false)))
            .execute(*words)
    }

    /** The claims in the published table, by their experiment. */
    fun published() = read("figures/CLAIMS.md").lines().filter { "remembers (ours)" in it }.map { it.split(" | ")[0] }
}

class FigureSetReportTest :
    FreeSpec({
        "a figure that fails is marked on the page, the other experiments are whole, and the exit code is 3" {
            val checkout = Checkout(tempdir())
            checkout.write("experiments/group/second.main.kts", memoryScript("group-second", FAILS, -1.0))
            checkout.figures() shouldBe ExitCode.RUN_FAILED
            val page = checkout.read("out/quick/index.html")
            page shouldContain "no &lt;picture&gt; today"
            page shouldContain "<svg"
            page shouldContain "second.main.kts"
            checkout.root.resolve("out/quick/first/curves.png").isFile shouldBe true
            checkout.root.resolve("out/quick/group-second/curves.png").isFile shouldBe false
            checkout.read("out/quick/CLAIMS.md") shouldContain "group-second remembers"
        }

        "run ends with where each experiment's page and the rest of it are" {
            val checkout = Checkout(tempdir())
            checkout.command("run", "${checkout.root}/experiments/first.main.kts") shouldBe ExitCode.DONE
            val folder = checkout.root.resolve("out/quick/first")
            checkout.said.toString().trimEnd().lines().last() shouldBe
                "first: page $folder/index.html, everything in $folder"
            val page = checkout.read("out/quick/first/index.html")
            page shouldContain "first remembers"
            page shouldContain "href=\"curves.csv\""
        }

        "publishing one experiment leaves the verdicts on the others where they are" {
            val checkout = Checkout(tempdir())
            checkout.figures("--only", "first", "--publish") shouldBe ExitCode.DONE
            checkout.published() shouldContainExactly listOf("| first")
            checkout.figures("--only", "group-second", "--publish") shouldBe ExitCode.DONE
            checkout.published() shouldContainExactly listOf("| first", "| group-second")
            checkout.read("figures/CLAIMS.md") shouldContain
                "0 replicated; 0 direction as published, size not; 0 explained by a null; 1 not replicated; 1 inconclusive"
            checkout.read("figures/CLAIMS.md") shouldContain "a \\| b"
            checkout.read("figures/CLAIMS.md") shouldContain "2 claims ('memory' 2): 0 replicated alone"
            checkout.read("figures/first/claims.json") shouldContain "\"claims\" : 1,"
            // The claims are on the same runs: the first one was there before they were trained.
            checkout
                .read("figures/CLAIMS.md")
                .lines()
                .filter { "remembers (ours)" in it }
                .map { it.substringAfterLast("; ") } shouldBe
                listOf("declared before its data |", "declared after its data |")
            val declared = checkout.read("figures/declared.json")
            checkout.read("figures/CLAIMS.md") shouldContain
                "- group-second, group-second remembers: new -> not replicated"

            checkout.figures("--only", "first", "--publish") shouldBe ExitCode.DONE
            checkout.published() shouldContainExactly listOf("| first", "| group-second")
            checkout.read("figures/CLAIMS.md") shouldNotContain "Since the committed verdicts"
            checkout.read("figures/declared.json") shouldBe declared
            checkout.read("out/quick/CLAIMS.md") shouldNotContain "group-second"

            checkout.write("experiments/first.main.kts", memoryScript("first", WORKS, -1.0).replace("curves", "lines"))
            checkout.figures("--only", "first", "--publish") shouldBe ExitCode.DONE
            checkout.root.resolve("figures/first").list()!!.toList() shouldContainExactlyInAnyOrder
                listOf("lines.svg", "lines.png", "lines.csv", "lines.json", "claims.json", "data")

            checkout.root.resolve("figures/group-second").deleteRecursively()
            checkout.figures("--only", "first", "--publish") shouldBe ExitCode.DONE
            checkout.published() shouldContainExactly listOf("| first")
        }
    })
