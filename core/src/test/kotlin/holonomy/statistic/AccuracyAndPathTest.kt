package holonomy.statistic

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.inference.Correlation
import holonomy.inference.Scale
import holonomy.measure.Accuracy
import holonomy.measure.BackbonePath
import holonomy.measure.BackboneRows
import holonomy.measure.Cadence
import holonomy.measure.DecayControls
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import java.util.function.ToDoubleFunction

private val accuracy = Accuracy(Cadence.times(8), 200)

private val path = BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 21))

/**
 * One run: accuracies at steps 0, 100, 200 ..; what is left across the backbone at 0, 50, 100 .., under a null twice
 * it.
 */
private class Both(private val far: List<Double>, private val rest: List<Double>) : RunSet {
    override fun members() = listOf<RunSet.Member>()

    override fun table(asked: Measure): Table {
        val evaluated = Table.builder(listOf(Measure.STEP, Measure.SET, Accuracy.ACCURACY, Accuracy.LOSS))
        far.forEachIndexed { i, value -> evaluated.row(100L * i, "far", value, 2.0 - value) }
        val curves = Table.builder(path.columns())
        rest.forEachIndexed { i, value ->
            fun row(series: String, value: Double) =
                curves.row("measured", "trunk", series, BackboneRows.ACROSS, 50L * i, value)
            row(DecayControls.PATH, value)
            row(BackbonePath.NOISE_WALK, value * value)
        }
        return (if (asked == path) curves else evaluated)
            .build()
            .labelled(mapOf(RunSet.RUN to "run", RunSet.SEED to "1"))
    }

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>) =
        SeedValues(label, scale, sortedMapOf())
}

class AccuracyAndPathTest :
    FreeSpec({
        val both = AccuracyAndPath(SetNumbers(accuracy, "far"), BackboneNumbers(path, BackboneRows.ACROSS))
        val runs = Both(listOf(.5, .1, .4, .2, .8), listOf(.0, 7.0, 1.0, 7.0, 3.0, 7.0, 2.0, 7.0, 9.0))

        "the correlation over the moments after the first that have both, of levels and of changes, and under a null" {
            fun number(of: RunNumber) = of.byRun().apply(runs).getValue("run")
            val far = doubleArrayOf(.1, .4, .2, .8)
            val rest = doubleArrayOf(1.0, 3.0, 2.0, 9.0)
            number(both.correlation("measured", DecayControls.PATH)) shouldBe Correlation.pearson(far, rest)
            number(both.correlationOfChanges("measured", DecayControls.PATH)) shouldBe Correlation.ofChanges(far, rest)
            number(both.correlation("measured", BackbonePath.NOISE_WALK)) shouldBe
                Correlation.pearson(far, doubleArrayOf(1.0, 9.0, 4.0, 81.0))
        }

        "a rate is tuned by the least loss at the end alone" {
            val better = Both(listOf(.0, .9), listOf())
            SetNumbers(accuracy, "far").leastLoss(listOf(runs, better, Both(listOf(.9, .1), listOf()))) shouldBe 1
            shouldThrow<UserError> { SetNumbers(accuracy, "far").leastLoss(listOf(Both(listOf(), listOf()))) }
                .message shouldBe
                "tuned: expected runs with a loss on 'far' at the end, found none; see why they failed"
        }
    })
