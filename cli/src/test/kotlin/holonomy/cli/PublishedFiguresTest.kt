package holonomy.cli

import holonomy.Nightly
import holonomy.dsl.Invocation
import holonomy.laboratory.DeclaredClaims
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import holonomy.laboratory.PublishedSet
import holonomy.laboratory.PublishedSize
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.laboratory.scriptName
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter
import java.nio.file.Path
import kotlin.io.path.readText

/** A checkout whose two experiments are published, and whose store and pictures are gone. */
private fun published(root: File) =
    Checkout(root).apply {
        command("run", "$root/experiments/first.main.kts", "--publish") shouldBe ExitCode.DONE
        figures("--only", "group-second", "--seeds", "3..5", "--publish") shouldBe ExitCode.DONE
        listOf("runs", "out").forEach { root.resolve(it).deleteRecursively() }
        said.buffer.setLength(0)
    }

private fun Checkout.redraw(vararg options: String): Int =
    plain("figures", "--published", "--no-progress", "--out", "$root/again", *options)

class PublishedFiguresTest :
    FreeSpec({
        val once by lazy { published(tempdir()).root }

        /** A copy of one that was published, for a test to change. */
        fun published() = Checkout(tempdir()).also { once.copyRecursively(it.root, overwrite = true) }

        "published, read back, the store gone: the same numbers and verdicts, byte for byte" {
            val checkout = published()
            checkout.redraw() shouldBe ExitCode.DONE
            for (file in listOf("first/claims.json", "first/curves.csv", "group-second/claims.json", "claims.json")) {
                checkout.read("again/published/$file") shouldBe checkout.read("figures/$file")
            }
            checkout.read("figures/group-second/claims.json") shouldContain "\"5\" : "
            checkout.read("figures/first/claims.json") shouldContain "declared before its data" // by run --publish
            checkout.root.resolve("again/published/first/curves.png").isFile shouldBe true
            checkout.read("again/published/index.html") shouldContain "group-second remembers"
            listOf("runs", "out").forEach { checkout.root.resolve(it).exists() shouldBe false }
        }

        "a verdict that another rule gives is published with the tables as they were"
            .config(tags = setOf(Nightly)) {
                val checkout = published()
                val rows = checkout.read("figures/first/data/published.json")
                checkout.write("experiments/first.main.kts", memoryScript("first", WORKS, 1.5))
                checkout.redraw("--only", "first", "--publish") shouldBe ExitCode.DONE
                checkout.read("figures/CLAIMS.md") shouldContain
                    "- first, first remembers: inconclusive -> not replicated"
                checkout.published().size shouldBe 2
                checkout.read("figures/first/data/published.json") shouldBe rows
                checkout.redraw() shouldBe ExitCode.DONE
                checkout.read("again/published/claims.json") shouldBe checkout.read("figures/claims.json")
            }

        "what was never published is said, and the others are drawn" {
            val checkout = published()
            checkout.root.resolve("figures/first/data").deleteRecursively()
            checkout.redraw() shouldBe ExitCode.RUN_FAILED
            checkout.said.toString() shouldContain
                "holonomy: first: expected published tables in figures/first/data, found none; " +
                    "train it and publish them: ./holonomy run first --profile standard --publish\n"
            checkout.root.resolve("again/published/group-second/curves.svg").isFile shouldBe true
            checkout.root.resolve("figures/group-second").deleteRecursively()
            checkout.redraw() shouldBe ExitCode.RUN_FAILED
        }

        "a damaged table and a missing one are named, and the others are drawn" {
            val checkout = published()
            val data = checkout.root.resolve("figures/first/data")
            val table = data.listFiles()!!.first { it.extension == "parquet" && it.name != "runs.parquet" }
            table.writeBytes(table.readBytes().also { it[20] = (it[20] + 1).toByte() })
            checkout.redraw() shouldBe ExitCode.RUN_FAILED
            checkout.said.toString() shouldContain "holonomy: published tables $data: ${table.name}: expected SHA-256 "
            table.delete()
            checkout.redraw() shouldBe ExitCode.RUN_FAILED
            checkout.said.toString() shouldContain
                "holonomy: published tables $data: ${table.name}: missing. Take the folder from git again, or run and " +
                    "publish the experiment again\n"
            checkout.root.resolve("again/published/group-second/curves.svg").isFile shouldBe true
            checkout.root.resolve("again/published/first").exists() shouldBe false
        }

        "a run that the script asks for since is said, and its claims are open" {
            val checkout = published()
            val more = memoryScript("first", WORKS, -1.0).replace("seeds = small.seeds", "seeds = listOf(1, 2, 9)")
            checkout.write("experiments/first.main.kts", more)
            checkout.redraw("--only", "first") shouldBe ExitCode.RUN_FAILED
            checkout.read("again/published/first/claims.json") shouldContain
                "found 1 of 3 runs not: weight decay, a modulo 7, seed 9 ["
            checkout.read("again/published/first/claims.json") shouldContain
                "] not published: the script asks for it since"
        }

        "a measure that the script asks for since is said" {
            val checkout = published()
            val more = memoryScript("first", WORKS, -1.0).replace("pairAccuracy(4)", "pairAccuracy(3)")
            checkout.write("experiments/first.main.kts", more)
            checkout.redraw("--only", "first") shouldBe ExitCode.RUN_FAILED
            checkout.said.toString() shouldContain "it was published by another script than this one"
            checkout.read("again/published/first/claims.json") shouldContain "\"verdict\" : \"failed\""
        }

        "other profiles, seeds and settings can't be asked for, nor what trains" {
            val checkout = published()
            fun said(vararg options: String): String {
                checkout.said.buffer.setLength(0)
                checkout.redraw(*options) shouldBe ExitCode.USER
                return checkout.said.toString()
            }
            said("--profile", "standard") shouldBe
                "holonomy: --profile: figures/first/data was published with quick, found standard; " +
                    "leave --profile out, or train without --published\n"
            said("--only", "group-second", "--seeds", "3..6") shouldBe
                "holonomy: --seeds: figures/group-second/data was published with [3, 4, 5], found [3, 4, 5, 6]; " +
                    "leave --seeds out, or train without --published\n"
            said("--seeds", "1") shouldContain "was published with the seeds of its profile, found [1]; "
            said("--set", "steps=9") shouldContain "--set: figures/first/data was published with {}, found {steps=9}; "
            said("--store", "elsewhere") shouldBe
                "holonomy: --store: --published trains nothing and reads no store; leave --store out\n"
            said("--fresh") shouldContain "--fresh: --published trains nothing"
            checkout.redraw("--only", "group-second", "--seeds", "3..5", "--profile", "quick") shouldBe ExitCode.DONE
        }

        "only what the scripts of experiments/ make is published" {
            val checkout = Checkout(tempdir())
            checkout.write("mine.main.kts", memoryScript("mine", WORKS, -1.0))
            checkout.command("run", "${checkout.root}/mine.main.kts", "--publish") shouldBe ExitCode.USER
            checkout.said.toString() shouldContain
                "holonomy: --publish: figures/ holds what the scripts of experiments/ make, found 'mine', which none of " +
                    "them is called; move its script there, or leave --publish out\n"
            checkout.root.resolve("figures").exists() shouldBe false
        }

        "this checkout" -
            {
                val home = Home(Path.of(System.getProperty("holonomy.root")))

                "its published tables are small enough for git" { PublishedSize.complaint(home.figures) shouldBe null }

                "its published tables give the published numbers and verdicts, byte for byte"
                    .config(tags = setOf(Nightly)) {
                        val host = scriptHost()
                        val folder = tempdir().toPath()
                        val sets =
                            home.experimentScripts().mapNotNull { script ->
                                val figures = home.figures.resolve(script.scriptName)
                                PublishedSet.open(figures)?.let { host.declare(script, it.invocation).single() to it }
                            }
                        // A picture whose rows are the same is not painted again.
                        for ((experiment, _) in sets) {
                            val there = folder.resolve("published/${experiment.name}").toFile()
                            home.figures.resolve(experiment.name).toFile().copyRecursively(there)
                            there.resolve("claims.json").delete()
                        }
                        val said = StringWriter()
                        val display = SilentDisplay(PrintWriter(said), quiet = true)
                        val invocation = sets.firstOrNull()?.second?.invocation ?: Invocation()
                        val none = folder.resolve("none")
                        val declared = DeclaredClaims(home.figures.resolve(DeclaredClaims.FILE))
                        val options =
                            RunOptions(
                                invocation,
                                1,
                                none,
                                folder,
                                null,
                                false,
                                display,
                                declared = declared,
                                redrawn = true,
                            ) {
                                it
                            }
                        Laboratory().redraw(sets, options)
                        val differing =
                            sets.flatMap { (experiment, _) ->
                                val (was, now) =
                                    listOf(home.figures, folder.resolve("published")).map {
                                        it.resolve(experiment.name)
                                    }
                                was.toFile()
                                    .list()!!
                                    .filter { it.endsWith(".csv") || it == "claims.json" }
                                    .filter { was.resolve(it).readText() != now.resolve(it).readText() }
                                    .map { "${experiment.name}/$it" }
                            }
                        withClue(said) { differing shouldBe listOf() }
                    }
            }
    })
