package holonomy.statistic

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.inference.Scale
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.function.ToDoubleFunction

private val accuracy = Accuracy(Cadence.times(8), 200)

/** One run's evaluations on 'far', and on another set that doesn't count. */
private class Evaluated(private vararg val far: Double) : RunSet {
    override fun members() = listOf<RunSet.Member>()

    override fun table(asked: Measure): Table {
        val columns = listOf(Measure.STEP, Measure.SET, Accuracy.ACCURACY, Accuracy.LOSS)
        val rows = Table.builder(columns)
        far.forEachIndexed { i, value ->
            rows.row(100L * i, "far", value, 2.0 - value)
            rows.row(100L * i, "near", 1.0, 0.0)
        }
        return rows.build().labelled(mapOf(RunSet.RUN to "run", RunSet.SEED to "1", Table.text("arm") to "arm"))
    }

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>) =
        SeedValues(label, scale, sortedMapOf())

    fun number(number: RunNumber) = number.byRun().apply(this).getValue("run")
}

class SetNumbersTest :
    FreeSpec({
        val numbers = SetNumbers(accuracy, "far")

        "highest, late, how far it fell, and the loss above what nobody can beat: of the one set" {
            val runs = Evaluated(.0, .2, .9, .5, .1, .3, .2, .4)
            runs.number(numbers.highest()) shouldBe .9
            runs.number(numbers.late()) shouldBe .3 // the median of .5 .1 .3 .2 .4
            runs.number(numbers.fall()) shouldBe (.6 plusOrMinus 1e-12)
            numbers.fallen(runs, .5).run { holds() to found() } shouldBe (true to "least 0.600")
            numbers.fallen(runs, .7).holds() shouldBe false
            runs.number(numbers.gain()) shouldBe .9 // from .0
            Evaluated(.7, .5, .6).number(numbers.gain()) shouldBe .0
            runs.number(numbers.lossAbove(1.25)) shouldBe (.35 plusOrMinus 1e-12)
        }

        "peaks by the published rule: strictly above both neighbours, and by so much above the higher of the two lows" {
            // At .9: lows .0 before and .1 after; at .3: .1 and .2, so by .1; the last is no peak.
            fun peaks(least: Double, vararg values: Double) = Evaluated(*values).number(numbers.peaks(least))
            peaks(.03, .0, .2, .9, .5, .1, .3, .2, .4) shouldBe 2.0
            peaks(.15, .0, .2, .9, .5, .1, .3, .2, .4) shouldBe 1.0
            peaks(.03, .1, .5, .5, .1) shouldBe 0.0
            // Only three evaluations on either side are looked at.
            peaks(.2, .0, .5, .5, .5, .6, .5, .5, .5, .0) shouldBe 0.0
        }

        "an evaluation's noise: three standard errors of the difference of two, at one half" {
            numbers.aboveNoise() shouldBe (3 * kotlin.math.sqrt(2 * .25 / 200) plusOrMinus 1e-12)
        }

        "the losses of two sets: here the other's never changes, so there is no correlation; its own is 1" {
            val runs = Evaluated(.0, .2, .9, .5, .1)
            runs.number(numbers.lossCorrelation(numbers, false)) shouldBe (1.0 plusOrMinus 1e-12)
            runs.number(numbers.lossCorrelation(numbers, true)) shouldBe (1.0 plusOrMinus 1e-12)
            runs.number(numbers.lossCorrelation(SetNumbers(accuracy, "near"), false)).isNaN() shouldBe true
        }

        "the condition that an accuracy was reached" {
            val runs = Evaluated(.0, .9, .4)
            numbers.reached(runs, .9).run { text() to holds() to found() } shouldBe
                ("the accuracy on 'far' has reached 0.900 in every run" to true to "least 0.900")
            numbers.reached(runs, .91).holds() shouldBe false
        }

        "how far the loss fell, on the one set and over all, and the condition that it did" {
            val runs = Evaluated(.0, .9, .4) // losses 2, 1.1, 1.6; on the other set 0 throughout
            runs.number(numbers.lossFall()) shouldBe (.4 plusOrMinus 1e-12)
            numbers.lossFallen(runs, .3).run { text() to holds() to found() } shouldBe
                ("the loss on 'far' has fallen by 0.300 nats in every run" to true to "least 0.400")
            numbers.lossFallen(runs, .5).holds() shouldBe false
            val all = AccuracyNumbers(accuracy)
            runs.number(all.lossFall()) shouldBe (.2 plusOrMinus 1e-12)
            all.lossFallen(runs, .15).holds() shouldBe true
            all.lossFallen(runs, .25).run { text() to holds() } shouldBe
                ("the loss has fallen by 0.250 nats in every run" to false)
            val losses = all.losses(runs, Table.text("arm")).rows()
            losses.map { it.number(Measure.STEP) to it.number("value") } shouldBe
                listOf(0.0 to 1.0, 100.0 to .55, 200.0 to .8)
        }

        "at the end" { Evaluated(.0, .9, .4).number(numbers.atEnd()) shouldBe .4 }

        "peaks of one rise and fall with binomial noise: many where half is right, none where nothing or all is" {
            val flat = DoubleArray(40) { .5 }
            val few = SetNumbers.peaksOfNoise(flat, .03, 200) // standard deviation .035
            val many = SetNumbers.peaksOfNoise(flat, .06, 3_000) // .009
            (few > 5.0) shouldBe true
            many shouldBe 0.0
            SetNumbers.peaksOfNoise(DoubleArray(40) { 1.0 }, .03, 200) shouldBe 0.0
            SetNumbers.peaksOfNoise(DoubleArray(40), .03, 200) shouldBe 0.0
            // What oscillates, however slowly, is not in the null: one rise and fall is.
            val wave = DoubleArray(61) { .5 - .4 * kotlin.math.cos(it * Math.PI / 15) }
            SetNumbers.peaks(wave, .02).size shouldBe 2
            (SetNumbers.peaksOfNoise(wave, .05, 3_000) <= 1.0) shouldBe true // its one top
            val hill = DoubleArray(31) { .5 - .4 * kotlin.math.cos(it * Math.PI / 15) }
            SetNumbers.peaksOfNoise(hill, .03, 30_000) shouldBe (1.0 plusOrMinus .1)
            Evaluated(.5, .5, .5, .5, .5, .5, .5, .5).number(numbers.peaksOfNoise(.03)) shouldBe
                SetNumbers.peaksOfNoise(DoubleArray(8) { .5 }, .03, 200)
        }

        "recovery: the training that starts highest beside the one that starts lowest" {
            fun curve(vararg values: Double) = Curve(values.mapIndexed { i, v -> Curve.Point(i.toDouble(), v) })
            val runs = List(3) { Evaluated() }
            val recovery = Recovery(numbers, runs)
            val three = listOf(curve(.4, .5, .45), curve(.7, .6, .9), curve(.1, .7, .3))
            recovery.highestLessLowest(three) shouldBe (.2 plusOrMinus 1e-12) // .9 from .7, .7 from .1
            recovery.apart(three) shouldBe (.6 plusOrMinus 1e-12)
            recovery.highestLessLowest(three.take(2)).isNaN() shouldBe true
            recovery.apart(three.take(2)).isNaN() shouldBe true
        }
    })
