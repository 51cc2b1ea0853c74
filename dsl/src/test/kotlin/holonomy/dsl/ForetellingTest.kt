package holonomy.dsl

import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.measure.Measure
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.io.PrintWriter
import java.io.StringWriter

/** What is known early of runs, and what it foretells. */
class ForetellingTest :
    FreeSpec({
        val small = tiny.copy(steps = 8, batch = 4)
        val accuracy = accuracy(5, 16)
        val decay = decayControls(snapshots = 5)
        val seen = linkedMapOf<String, Any?>()
        val figures = linkedMapOf<String, holonomy.figure.Figure>()
        val said = StringWriter()
        val odd: Runs.() -> Measured = { measured("odd") { (it.seed % 2).toDouble() } }
        val planted: Runs.() -> Measured = {
            measured("planted") { it.table(accuracy).rows().size + it.seed % 2 * 100.0 }
        }
        // The event of seed 1 has come by step 4, those of the others are still ahead, or never come.
        val event: Runs.() -> Measured = {
            measured("event") { if (it.seed == 1L) 4.0 else if (it.seed % 2 > 0) 8.0 else Double.NaN }
        }

        fun ExperimentScope.runs(seeds: IntRange) =
            train(small.attentionOnly, listOf(small.mainTask), seeds(seeds)) { measure(accuracy, decay) }

        fun declared(block: ExperimentScope.() -> Unit) =
            Declarations.collecting(Declarations(Invocation())) {
                experiment("one", question = "Why?", study = "foretelling", block = block)
            }

        fun rehearsed(number: ExperimentScope.() -> Measured) =
            shouldThrow<UserError> { declared { claim("a", "ours", "none") { number() isAtMost 1.0 } }.rehearse() }
                .message

        val code by lazy {
            val experiment = declared {
                val others = runs(11..16)
                val held = runs(1..9)
                claim("a", "ours", "none") {
                    fun steps(of: Runs) = of.table(accuracy).rows().map { it.number(Measure.STEP) }.distinct().sorted()
                    seen["steps"] = steps(held.upTo(4))
                    seen["twice"] = steps(held.upTo(4).upTo(6))
                    seen["later"] = shouldThrow<UserError> { held.upTo(4).table(decay) }.message
                    seen["weights"] =
                        shouldThrow<UserError> { held.upTo(4).measured("w") { it.weights(it.blocks.first())[0] * 1.0 } }
                            .message
                    val early = early(listOf(2L, 4L), event)
                    seen["auroc"] = held.auroc(planted, odd, early, others)
                    seen["when"] = held.rankCorrelation(planted, { measured("seed") { it.seed * 1.0 } }, early, others)
                    seen["lead"] = held.lead(planted, odd, early(listOf(2L, 3L), event), others)
                    figures["beside"] =
                        numbersBeside(
                            held,
                            "AUROC",
                            mapOf("planted" to seen["auroc"] as Measured),
                            mapOf("nothing" to .5),
                            title = "Planted",
                        )
                    figures["against"] = earlyAgainst(held, mapOf("planted" to planted), odd, early)
                    (seen["auroc"] as Measured) isAtLeast .6
                }
            }
            val display = SilentDisplay(PrintWriter(said, true), quiet = false)
            val out = tempdir().toPath()
            val options = RunOptions(Invocation(), 2, out.resolve("runs"), out, null, false, display) { it }
            Laboratory().execute(listOf(experiment), options)
        }

        "runs up to a step show no row of a later one, nor what may know of it" {
            withClue(said) { code shouldBe ExitCode.DONE }
            seen["steps"] shouldBe listOf(0.0, 2.0, 4.0)
            seen["twice"] shouldBe listOf(0.0, 2.0, 4.0)
            seen["later"] shouldBe
                "'decay-controls' is read as it was at step 4, but its rows may know of what comes later: it would be no " +
                    "prediction; take a measure of single steps"
            seen["weights"] shouldBe
                "run 'attention-only, sum modulo 4, m 1..2, seed 1': its weights at the end are read as they were " +
                    "at step 4: it would be no prediction"
        }

        "an early number foretells an outcome; a run whose event has come is left out and counted" {
            withClue(said) { code shouldBe ExitCode.DONE }
            val values = (seen["auroc"] as Measured).values
            values.label() shouldBe
                "AUROC of planted at step 4 for odd; the larger, the more, by 6 other runs; 4 of 8 with it; 1 of 9 left " +
                    "out, too late at step 4"
            values.estimate().value() shouldBe 1.0
            values.estimate().n() shouldBe 2 // all runs are of one setting: one of each outcome shares nothing
            (seen["when"] as Measured).values.label() shouldBe
                "rank correlation of planted at step 4 and seed; the smaller, the more, by 6 other runs; 8 runs; 1 of 9 " +
                    "left out, too late at step 4"
        }

        "a lead is counted from the first look" {
            withClue(said) { code shouldBe ExitCode.DONE }
            val values = (seen["lead"] as Measured).values
            values.label() shouldBe
                "lead of planted, looked at 2 times up to step 3 over odd at 0.100 false positives; fires in 5 of 5 with it " +
                    "and 0 of 4 without"
            values.estimate().value() shouldBe ((.5 + 4 * .75) / 5 plusOrMinus 1e-12)
        }

        "figures show each number with its own interval, and every run that isn't too late" {
            val beside = figures.getValue("beside").layers
            beside.map { it.role } shouldContain "spread"
            val estimate = (seen["auroc"] as Measured).values.estimate()
            val bar = beside.single { it.role == "spread" }.table.rows().single()
            (bar.number("lower") to bar.number("upper")) shouldBe (estimate.low() to estimate.high())
            figures.getValue("against").layers.single { it.role == "seeds" }.table.size() shouldBe 8
        }

        "mistakes that are known before anything trains" {
            val early = early(4, event)
            rehearsed { runs(1..4).auroc(planted, odd, early) } shouldBe
                "AUROC: expected at least 5 runs, found 4: so few say nothing; add seeds, or settings"
            rehearsed { runs(1..6).let { it.auroc(planted, odd, early, it) } } shouldBe
                "AUROC: 'attention-only, sum modulo 4, m 1..2, seed 1' is among the runs that are judged and " +
                    "among those that it is fitted on: it would be no prediction; fit on other runs"
            rehearsed { runs(1..6).auroc({ pc1(decay) }, odd, early) } shouldBe
                "'decay-controls' is read as it was at step 4, but its rows may know of what comes later: it would be no " +
                    "prediction; take a measure of single steps"
            shouldThrow<UserError> { early(listOf(4L, 4L), event) }.message shouldBe
                "early: expected steps from 0, ascending, found [4, 4]"
            shouldThrow<UserError> { declared { runs(1..6).upTo(-1) } }.message shouldBe
                "upTo: expected a step of at least 0, found -1"
        }
    })
