package holonomy.statistic

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.inference.Scale
import holonomy.measure.Cadence
import holonomy.measure.LogitLens
import holonomy.measure.Measure
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.function.ToDoubleFunction

private val lens = LogitLens(Cadence.times(2), "far", 100)

/** One run of three layers, the embeddings among them; what stands at the first moment doesn't count. */
private class Looked(private vararg val parts: Double) : RunSet {
    override fun members() = listOf<RunSet.Member>()

    override fun table(asked: Measure): Table {
        val rows = Table.builder(lens.columns())
        for (step in listOf(0L, 10L)) parts.forEachIndexed { i, part ->
            rows.row(step, i - 1L, LogitLens.ACCURACY, if (step == 0L) 1.0 else .25 * i)
            rows.row(step, i - 1L, LogitLens.PART, if (step == 0L) 7.0 else part)
        }
        return rows.build().labelled(mapOf(RunSet.RUN to "run", RunSet.SEED to "1"))
    }

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>) =
        SeedValues(label, scale, sortedMapOf())

    fun number(number: RunNumber) = number.byRun().apply(this).getValue("run")
}

class LensNumbersTest :
    FreeSpec({
        val numbers = LensNumbers(lens)

        "accuracy after a layer and its share of the logit, at the last moment" {
            val run = Looked(1.0, -.5, 3.5)
            run.number(numbers.accuracyAfter(1)) shouldBe .5
            run.number(numbers.shareOfLogit(1)) shouldBe (.875 plusOrMinus 1e-12)
            run.number(numbers.shareOfLogit(0)) shouldBe (-.125 plusOrMinus 1e-12)
        }

        "where the parts don't add up to anything above 0 there is no share" {
            Looked(1.0, -3.0, .5).number(numbers.shareOfLogit(1)).isNaN() shouldBe true
        }
    })
