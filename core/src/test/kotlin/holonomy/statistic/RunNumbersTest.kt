package holonomy.statistic

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.geometry.Statistic
import holonomy.inference.Components
import holonomy.inference.LeastSquares
import holonomy.inference.Ranks
import holonomy.inference.Scale
import holonomy.measure.Accuracy
import holonomy.measure.AttentionEntropy
import holonomy.measure.Cadence
import holonomy.measure.CommutatorMeasure
import holonomy.measure.GrokRule
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrajectorySpectrum
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.store.tinyRequest
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.function.ToDoubleFunction

private val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 4)
private val pairs = Accuracy.onWholeSets(Cadence.times(1))
private val commutators = CommutatorMeasure(Cadence.times(1), plan, 1, 0, 0, 1, 3e-3, 1e-3, 0, CommutatorMeasure.PAIRS)
private val entropy = AttentionEntropy(Cadence.times(1), 1, listOf(1))
private val spectrum = TrajectorySpectrum(plan, 1, 1, 1)

/** Rows as a measure would have written them, of one run; cells that are not given are missing. */
private class Written(private val measure: Measure, private vararg val rows: Map<String, Any>) : RunSet {
    override fun members() = listOf<RunSet.Member>()

    override fun table(asked: Measure) = labelled(mapOf(RunSet.RUN to "run", RunSet.SEED to "1"))

    fun labelled(labels: Map<Table.Column, Any>): Table {
        val table = Table.builder(measure.columns())
        rows.forEach { row -> table.row(*measure.columns().map { row[it.name()] }.toTypedArray()) }
        return table.build().labelled(labels)
    }

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>) =
        SeedValues(label, scale, sortedMapOf())

    fun number(number: RunNumber) = number.byRun().apply(this).getValue("run")
}

/** Such rows of several stored runs, one a seed. */
private class Stored(private val rows: Map<RunSet.Member, Written>) : RunSet {
    override fun members() = rows.keys.toList()

    override fun table(asked: Measure): Table =
        Table.concat(
            rows.map { (run, written) ->
                written.labelled(mapOf(RunSet.RUN to run.id(), RunSet.SEED to "${run.seed()}"))
            }
        )

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>) =
        RunValues.of(label, scale, members(), number).perSeed()
}

private fun train(vararg values: Triple<Int, Double, Double>) =
    Written(
        pairs,
        *values
            .map { (step, loss, norm) ->
                mapOf(
                    "step" to step,
                    "set" to "train",
                    "loss" to loss,
                    "accuracy" to 1 - loss,
                    "gradient_norm" to norm,
                ) + ("weight_norm" to 10 * loss)
            }
            .toTypedArray(),
    )

private fun defects(vararg moments: Pair<Int, List<Double>>) =
    Written(
        commutators,
        *moments
            .flatMap { (step, own) ->
                own.mapIndexed { pair, d ->
                    mapOf("step" to step, "pair" to pair, "variant" to CommutatorMeasure.OURS, "defect" to d) +
                        mapOf("gradient_a" to 1.0 + step + pair, "gradient_b" to 2.0)
                }
            }
            .toTypedArray(),
    )

private fun falling(vararg values: Double) =
    Written(
        entropy,
        *values
            .flatMapIndexed { i, value ->
                // Two heads in the last layer, one in a layer that doesn't count.
                listOf(Triple(1, 0, value - .25), Triple(1, 1, value + .25), Triple(0, 0, 99.0)).map { (layer, head, x)
                    ->
                    mapOf("step" to 10 * i, "m" to 1, "layer" to layer, "head" to head, "value" to x) +
                        ("quantity" to AttentionEntropy.LAST)
                }
            }
            .toTypedArray(),
    )

/** Numbers of written rows, beside what one computes by hand. */
class RunNumbersTest :
    FreeSpec({
        val numbers = CommutatorNumbers(commutators)
        val ours = CommutatorMeasure.OURS

        "a spectrum up to a step of the seed: of the last window by then, and less the first window's" {
            val windows =
                Written(
                    spectrum,
                    *listOf(20 to .4, 40 to .6, 60 to .9)
                        .flatMap { (step, share) ->
                            listOf("a" to share, "b" to share + .02).map { Triple(step, it.first, it.second) }
                        }
                        .map { (step, block, share) ->
                            mapOf(
                                "step" to step,
                                "block" to block,
                                "matrix" to "W_Q",
                                "layer" to 0,
                                "centring" to "centred",
                            ) +
                                mapOf(
                                    "statistic" to "PC1 share",
                                    "series" to "measured",
                                    "snapshots" to step,
                                    "value" to share,
                                )
                        }
                        .toTypedArray(),
                )
            val numbers = SpectrumNumbers(spectrum, Statistic.PC1_SHARE)
            fun at(step: Double) = windows.number(numbers.upTo("", "measured", sortedMapOf(1L to step)))
            at(60.0) shouldBe (.91 plusOrMinus 1e-12)
            at(59.0) shouldBe (.61 plusOrMinus 1e-12)
            at(19.0).isNaN() shouldBe true
            at(Double.NaN).isNaN() shouldBe true
            windows.number(numbers.upTo("", "measured", sortedMapOf(2L to 60.0))).isNaN() shouldBe true
            windows.number(numbers.growthUpTo("", "measured", sortedMapOf(1L to 45.0))) shouldBe (.2 plusOrMinus 1e-12)
        }

        "detectors that need no geometry fire at the first evaluation beyond their bound" {
            val runs = train(Triple(0, 1.0, 4.0), Triple(10, .5, 20.0), Triple(20, .1, 4.0), Triple(30, .01, 1.0))
            Detector.trivial(Grokking(pairs)).associate { it.name() to it.steps().apply(runs).getValue("run") } shouldBe
                mapOf("train .99" to 30.0, "loss / 10" to 20.0, "|g| / 5" to 20.0, "|theta| / 2" to 10.0)
            val silent = train(Triple(0, .5, 1.0), Triple(10, .4, 1.0))
            Detector.trivial(Grokking(pairs)).all { it.steps().apply(silent).getValue("run").isNaN() } shouldBe true
        }

        "weight norms where a run groks and at its end; undefined where it never does" {
            fun run(vararg test: Triple<Int, Double, Double>) =
                Written(
                    pairs,
                    *test
                        .map { (step, right, norm) ->
                            mapOf("step" to step, "set" to "test", "accuracy" to right, "weight_norm" to norm)
                        }
                        .toTypedArray(),
                )
            val grokking = Grokking(pairs)
            val grokked = run(Triple(0, .1, 9.0), Triple(10, .99, 6.0), Triple(20, .99, 5.0), Triple(30, 1.0, 4.0))
            grokked.number(grokking.normWhere(GrokRule.THREE_AT_98)) shouldBe 4.0
            grokked.number(grokking.normWhere(GrokRule.FIRST_AT_98)) shouldBe 6.0
            val never = run(Triple(0, .1, 9.0), Triple(10, .99, 6.0))
            never.number(grokking.normWhere(GrokRule.THREE_AT_98)).isNaN() shouldBe true
            never.number(grokking.lastNorm()) shouldBe 6.0
        }

        "the published onset: above ten times the first three records' median, and above a least value" {
            val runs = defects(0 to listOf(1.0, 9.0, 2.0), 10 to listOf(3.0), 20 to listOf(25.0), 30 to listOf(40.0))
            fun onset(least: Double) = Detector.defectOnset(numbers, ours, least).steps().apply(runs).getValue("run")
            onset(20.0) shouldBe 30.0 // the median of 2, 3 and 25 is 3: 25 is not above 30
            onset(50.0).isNaN() shouldBe true
        }

        "pairs of batches are repeats of a run: each pair's own number, and their ratio pair by pair" {
            val early = defects(0 to listOf(1.0, 4.0, 2.0), 10 to listOf(3.0, 4.0, 8.0))
            val late = defects(0 to listOf(2.0, 4.0, 8.0), 10 to listOf(2.0, 4.0, 8.0))
            // the defects of each pair over both moments: 1, 3; 4, 4; 2, 8
            val store = Store.open(tempdir().toPath())
            val trained =
                Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(listOf(1L, 2L).map(::tinyRequest)) { false }
            val (one, two) =
                StoredRuns.of(trained.associateTo(linkedMapOf()) { it.request() to it.run().get() }).members()
            val values = numbers.defect(ours, Phase.WHOLE).of(Stored(mapOf(one to early, two to late)))
            values.bySeed() shouldBe sortedMapOf(1L to 3.5, 2L to 4.0)
            values.repeats() shouldBe
                sortedMapOf(
                    1L to mapOf("0" to 2.0, "1.00" to 4.0, "2.00" to 5.0),
                    2L to mapOf("0" to 2.0, "1.00" to 4.0, "2.00" to 8.0),
                )
            values.over(values).repeats().getValue(1L) shouldBe mapOf("0" to 1.0, "1.00" to 1.0, "2.00" to 1.0)
            val components = values.components().get()
            val logs = listOf(listOf(2.0, 4.0, 5.0), listOf(2.0, 4.0, 8.0)).map { it.map(Math::log).toDoubleArray() }
            components shouldBe Components.of(logs)
            components.seedsDiffer() shouldBe false
            values.labelled("x").components().get() shouldBe components
            values.sharing(mapOf(1L to setOf(2L))).components().get() shouldBe components
            SeedValues.of("x", values.bySeed()).components().isPresent shouldBe false
        }

        "defects: medians of moments first, then the largest, the first, the share of zeros, the trend" {
            val runs = defects(0 to listOf(4.0, 1.0, 2.0), 10 to listOf(0.0, 0.0, 8.0), 20 to listOf(9.0, 3.0))
            runs.number(numbers.largestDefect(ours)) shouldBe 6.0
            runs.number(numbers.firstDefect(ours)) shouldBe 2.0
            runs.number(numbers.zeroDefects(ours)) shouldBe 1.0 / 3
            runs.number(numbers.defect(ours, Phase.WHOLE)) shouldBe 2.5
            runs.number(numbers.defect(ours, Phase(.8, 1.0, "end"))) shouldBe 6.0
            runs.number(numbers.defect(ours, Phase(.1, .4, "between"))).isNaN() shouldBe true
            val rows = runs.table(commutators).rows()
            fun ranks(of: (Table.Row) -> Double) = rows.map(of).toDoubleArray()
            val (d, s) = ranks { it.number("defect") } to ranks { it.number("step") }
            val g = ranks { Math.sqrt(it.number("gradient_a") * it.number("gradient_b")) }
            val (ds, dg, sg) = listOf(Ranks.spearman(d, s), Ranks.spearman(d, g), Ranks.spearman(s, g))
            runs.number(numbers.defectTrend(ours)) shouldBe (ds - dg * sg) / Math.sqrt((1 - dg * dg) * (1 - sg * sg))
        }

        "entropy: mean over the last layer's heads; changes, falls and half falls" {
            val of = EntropyNumbers(entropy)
            val runs = falling(4.0, 3.5, 3.5, 1.5, 2.0)
            runs.number(of.change()) shouldBe -2.0
            runs.number(of.after(11)) shouldBe 3.5
            runs.number(of.after(41)).isNaN() shouldBe true
            runs.number(of.largestFall()) shouldBe 2.0 / 2.5
            runs.number(of.halfTimesApartFromSteady()) shouldBe
                .25 // half of the way from 4 to 1.5 is passed at step 30 of 40
            falling(1.0, 2.0).number(of.largestFall()).isNaN() shouldBe true
        }

        "a path has settled when its statistic stays within the margin, block by block" {
            fun written(vararg blocks: Pair<String, List<Double>>) =
                Written(
                    spectrum,
                    *blocks
                        .flatMap { (block, values) ->
                            values.mapIndexed { i, value ->
                                mapOf(
                                    "block" to block,
                                    "matrix" to block,
                                    "centring" to "centred",
                                    "series" to "measured",
                                ) +
                                    mapOf(
                                        "snapshots" to i + 2,
                                        "step" to 10 * (i + 1),
                                        "statistic" to "r90",
                                        "value" to value,
                                    )
                            }
                        }
                        .toTypedArray(),
                )
            val of = SpectrumNumbers(spectrum, Statistic.R90)
            val runs = written("W_Q" to listOf(1.0, 5.0, 3.0, 3.1), "W_K" to listOf(2.0, 2.0, 2.0, 2.0))
            runs.number(of.settledAfter("measured", .5)) shouldBe (3.0 / 4 + 1.0 / 4) / 2
            runs.number(of.atEnd("r90", "measured", setOf("W_Q"))) shouldBe 3.1
            runs.number(of.atEnd("r90", "measured", setOf())) shouldBe (3.1 + 2.0) / 2
        }

        "a mean is summed in the order of its numbers; nothing has no mean" {
            Reduction.MEAN.of(.1, .2, .3) shouldBe (.1 + .2 + .3) / 3
            Reduction.entries.all { it.of().isNaN() } shouldBe true
        }

        "least squares: the slope of a line, and none where x never differs" {
            val x = doubleArrayOf(1.0, 2.0, 4.0)
            LeastSquares.slope(x, doubleArrayOf(5.0, 8.0, 14.0)) shouldBe (3.0 plusOrMinus 1e-12)
            LeastSquares.slope(doubleArrayOf(2.0, 2.0), doubleArrayOf(1.0, 3.0)).isNaN() shouldBe true
        }

        "cells: the rows of a figure, reduced where keys agree, in the order of first occurrence" {
            val rows = defects(10 to listOf(4.0, 1.0, 2.0), 0 to listOf(7.0)).table(commutators)
            val medians = Cells.of(rows, RunSet.SEED, Measure.STEP).reduced(CommutatorNumbers.DEFECT, Reduction.MEDIAN)
            medians.rows().map { it.text("step") to it.number("value") } shouldBe listOf("10" to 2.0, "0" to 7.0)
            Cells.difference(medians, medians).rows().map { it.number("value") } shouldBe listOf(0.0, 0.0)
        }
    })
