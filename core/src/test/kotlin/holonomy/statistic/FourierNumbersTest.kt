package holonomy.statistic

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.geometry.Gram
import holonomy.geometry.SymmetricMatrix
import holonomy.inference.Scale
import holonomy.measure.FourierProgress
import holonomy.measure.FourierProgress.EMBEDDING
import holonomy.measure.FourierProgress.EXCLUDED
import holonomy.measure.FourierProgress.KEY
import holonomy.measure.FourierProgress.LOGITS
import holonomy.measure.FourierProgress.LOSS
import holonomy.measure.FourierProgress.OTHER
import holonomy.measure.FourierProgress.RANDOM
import holonomy.measure.FourierProgress.RESTRICTED
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.SpectralGaps
import holonomy.model.WeightGroup
import holonomy.statistic.FourierNumbers.Loss
import holonomy.task.PairTask.Part.TEST
import holonomy.task.PairTask.Part.TRAIN
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.function.ToDoubleFunction
import kotlin.math.ln

private val measure = FourierProgress(SnapshotPlan.of(WeightGroup.ALL, 9), .9, 2)

/** One run with these rows. */
private class One(private val rows: Table) : RunSet {
    override fun members() = listOf<RunSet.Member>()

    override fun table(asked: Measure): Table = rows.labelled(mapOf(RunSet.RUN to "run", RunSet.SEED to "1"))

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>) =
        SeedValues(label, scale, sortedMapOf())

    fun number(number: RunNumber) = number.byRun().apply(this).getValue("run")
}

/**
 * A run modulo 7, judged at steps 0, 10, .. 40: it has memorised by 10, its waves suffice from 20 on, its test loss
 * falls at 30. Frequency 2 is the key.
 */
private fun run(): One {
    val rows = Table.builder(measure.columns())
    fun row(step: Int, set: String, statistic: String, series: String, value: Double) {
        rows.row(step, set, null, statistic, series, value)
    }
    for ((i, step) in (0..40 step 10).withIndex()) {
        for (k in 1..3) {
            val series = if (k == 2) KEY else OTHER
            rows.row(step, null, k, LOGITS, series, if (k == 2) .1 + .2 * i else .04 * k)
            rows.row(step, null, k, EMBEDDING, series, if (k == 2) .5 else .25)
        }
        row(step, "train", LOSS, KEY, if (i < 1) 2.0 else .1)
        row(step, "test", LOSS, KEY, if (i < 3) 3.0 else .2)
        row(step, "test", RESTRICTED, KEY, if (i < 2) 2.0 else .05)
        row(step, "test", RESTRICTED, RANDOM, 1.9)
        row(step, "train", EXCLUDED, KEY, listOf(2.0, .3, .8, 1.7, 1.9)[i])
        row(step, "train", EXCLUDED, RANDOM, listOf(2.0, .3, .2, .3, .4)[i])
    }
    return One(rows.build())
}

class FourierNumbersTest :
    FreeSpec({
        val numbers = FourierNumbers(measure)
        val run = run()

        "losses at the end, over that of guessing" {
            run.number(numbers.atEnd(Loss(RESTRICTED, TEST), KEY)) shouldBe (.05 / ln(7.0) plusOrMinus 1e-12)
            run.number(numbers.atEnd(Loss(RESTRICTED, TEST), RANDOM)) shouldBe (1.9 / ln(7.0) plusOrMinus 1e-12)
            run.number(numbers.atEnd(Loss(EXCLUDED, TRAIN), KEY)) shouldBe (1.9 / ln(7.0) plusOrMinus 1e-12)
        }

        "the key frequencies' share at the end; as many random ones hold their part of all" {
            run.number(numbers.keyShare(LOGITS, KEY)) shouldBe (.9 plusOrMinus 1e-12)
            run.number(numbers.keyShare(LOGITS, RANDOM)) shouldBe ((.9 + .04 + .12) / 3 plusOrMinus 1e-12)
            run.number(numbers.keyShare(EMBEDDING, KEY)) shouldBe .5
            numbers.keyShares(run, LOGITS, KEY).rows().map { it.number("step") } shouldContainExactly
                listOf(0.0, 10.0, 20.0, 30.0, 40.0)
        }

        "how many frequencies are used, at the end and before training" {
            run.number(numbers.frequencies(true)) shouldBe 2.0 // .9 of 1.06
            run.number(numbers.frequencies(false)) shouldBe 3.0 // .1, .12, .04
            for ((row, share) in numbers.ranked(run, true).rows() zip listOf(.9, .12, .04)) row.number("value") shouldBe
                (share / 1.06 plusOrMinus 1e-12)
            numbers.ranked(run, false).rows().map { it.number("rank") } shouldContainExactly listOf(1.0, 2.0, 3.0)
        }

        "the order of the phases: what falls first, as a share of when the other does" {
            val memorised = Loss(LOSS, TRAIN)
            val formed = Loss(RESTRICTED, TEST)
            val cleaned = Loss(LOSS, TEST)
            run.number(numbers.lead(formed, cleaned, KEY)) shouldBe (1.0 / 3 plusOrMinus 1e-12)
            run.number(numbers.lead(memorised, formed, KEY)) shouldBe (.5 plusOrMinus 1e-12)
            // Random frequencies never suffice: at least the last moment.
            run.number(numbers.lead(formed, cleaned, RANDOM)) shouldBe (-1.0 / 3 plusOrMinus 1e-12)
            numbers.lead(formed, cleaned, KEY).grain().applyAsDouble(run) shouldBe (1.0 / 3 plusOrMinus 1e-12)
        }

        "what the excluded loss has risen by at the last moment before the test loss falls" {
            run.number(numbers.excludedRise(KEY)) shouldBe (.5 plusOrMinus 1e-12)
            run.number(numbers.excludedRise(RANDOM)) shouldBe (.0 plusOrMinus 1e-12)
        }

        "the spectral gap, mean over windows" {
            val gaps = SpectralGaps(SnapshotPlan.of(WeightGroup.ALL, 5), 2)
            // Increments of length 2 and 1 in turn at right angles: every window of two has the ratio 2 at k* = 1.
            val lengths = listOf(2.0, 1.0, 2.0, 1.0)
            val path =
                Gram.of(
                    "W",
                    9,
                    LongArray(5) { it.toLong() },
                    SymmetricMatrix.of(5) { i, j -> lengths.take(minOf(i, j)).sumOf { it * it } },
                )
            val one = One(Table.builder(gaps.columns()).also { gaps.write(path, it) }.build())
            one.number(GapNumbers(gaps).position(SpectralGaps.MEASURED)) shouldBe 1.0
            one.number(GapNumbers(gaps).ratio(SpectralGaps.MEASURED)) shouldBe (2.0 plusOrMinus 1e-9)
            one.number(GapNumbers(gaps).ratio("AR(1) walk")) shouldBe (2.0 plusOrMinus 1e-9)
            GapNumbers(gaps).rows(one, SpectralGaps.MEASURED).size() shouldBe 6
        }
    })
