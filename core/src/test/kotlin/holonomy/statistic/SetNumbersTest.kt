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
        return rows.build().labelled(mapOf(RunSet.RUN to "run", RunSet.SEED to "1"))
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
    })
