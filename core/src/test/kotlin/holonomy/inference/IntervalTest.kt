package holonomy.inference

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeNaN
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.PI
import kotlin.math.exp
import kotlin.math.sqrt
import kotlin.math.tan

/** The .975 quantile of t with two degrees of freedom, q sqrt(2/(1 - q^2)) with q = .95: 4.30265272974946. */
private val T2 = .95 * sqrt(2 / (1 - .95 * .95))

/** Student's sleep data (1908): extra hours of sleep under two drugs, ten patients. */
private val sleepFirst = doubleArrayOf(0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
private val sleepSecond = doubleArrayOf(1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)

private fun coverage(datasets: Int, truth: Double, interval: () -> Estimate) =
    (1..datasets).count { interval().let { truth in it.low..it.high } } / datasets.toDouble()

class IntervalTest :
    FreeSpec({
        "three values: the half-width is t_2(.975) s / sqrt 3" {
            val estimate = Interval.studentT(doubleArrayOf(-1.0, 0.0, 1.0))
            estimate.high shouldBe (T2 / sqrt(3.0) plusOrMinus 1e-12)
            estimate.low shouldBe (-T2 / sqrt(3.0) plusOrMinus 1e-12)
            estimate.method shouldBe "mean, Student t"
            estimate.n shouldBe 3
            Interval.studentT(doubleArrayOf(-1.0, 1.0)).high shouldBe (tan(.475 * PI) plusOrMinus 1e-11)
        }

        "Student's sleep data, paired: 1.58 hours, .7001 to 2.4599" {
            val estimate = Interval.paired(sleepSecond, sleepFirst, Scale.IDENTITY)
            estimate.value shouldBe (1.58 plusOrMinus 1e-12)
            estimate.low shouldBe (.7001142 plusOrMinus 1e-7)
            estimate.high shouldBe (2.4598858 plusOrMinus 1e-7)
            estimate.method shouldBe "paired difference: mean, Student t"
        }

        "log scale: the geometric mean, and the interval of the logarithms taken back" {
            val plain = Interval.studentT(doubleArrayOf(1.0, 2.0, 4.5))
            val log = Interval.studentT(doubleArrayOf(exp(1.0), exp(2.0), exp(4.5)), Scale.LOG)
            log.value shouldBe (exp(plain.value) plusOrMinus 1e-9)
            log.low shouldBe (exp(plain.low) plusOrMinus 1e-9)
            log.high shouldBe (exp(plain.high) plusOrMinus 1e-6)
        }

        "logit scale stays inside 0 .. 1 and is symmetric in share and rest" {
            val shares = doubleArrayOf(.9, .99, .97)
            val estimate = Interval.studentT(shares, Scale.LOGIT)
            val rest = Interval.studentT(DoubleArray(3) { 1 - shares[it] }, Scale.LOGIT)
            (estimate.low > 0 && estimate.high < 1) shouldBe true
            estimate.low shouldBe (1 - rest.high plusOrMinus 1e-12)
            estimate.value shouldBe (1 - rest.value plusOrMinus 1e-12)
        }

        "a share of exactly 1 has no logit: plain interval, cut, and it says so" {
            val estimate = Interval.studentT(doubleArrayOf(1.0, .9, 1.0), Scale.LOGIT)
            estimate.value shouldBe (2.9 / 3 plusOrMinus 1e-12)
            estimate.high shouldBe 1.0
            estimate.method shouldContain "cut to 0 .. 1"
        }

        "paired ratios and odds ratios" {
            val ratio = Interval.paired(doubleArrayOf(2.0, 6.0), doubleArrayOf(1.0, 3.0), Scale.LOG)
            ratio.value shouldBe (2.0 plusOrMinus 1e-12)
            ratio.high - ratio.low shouldBe (0.0 plusOrMinus 1e-12)
            val odds = Interval.paired(doubleArrayOf(.75, .9), doubleArrayOf(.5, .75), Scale.LOGIT)
            odds.value shouldBe (3.0 plusOrMinus 1e-12)
            odds.method shouldContain "odds ratio"
        }

        "one run bounds nothing, no run and undefined values say nothing" {
            val one = Interval.studentT(doubleArrayOf(3.0), Scale.LOG)
            one.value shouldBe (3.0 plusOrMinus 1e-12)
            one.low shouldBe 0.0
            one.isBounded shouldBe false
            one.method shouldBe "one run, no interval"
            listOf(doubleArrayOf(), doubleArrayOf(1.0, Double.NaN, 2.0)).forEach {
                val none = Interval.studentT(it)
                none.value.shouldBeNaN()
                none.low.shouldBeNaN()
                none.liesWithin(-1e9, 1e9) shouldBe false
                none.liesOutside(0.0, 1.0) shouldBe false
            }
        }

        "coverage is what it says: t of 4 normal runs, t of 4 log-normal runs on the log scale" {
            val random = Random(3)
            coverage(4000, 2.0) { Interval.studentT(DoubleArray(4) { 2 + random.nextGaussian() }) } shouldBe
                (.95 plusOrMinus .012)
            coverage(4000, exp(1.0)) {
                Interval.studentT(DoubleArray(4) { exp(1 + random.nextGaussian()) }, Scale.LOG)
            } shouldBe (.95 plusOrMinus .012)
        }

        "Wilson: Newcombe's (1998) examples" {
            listOf(
                    Triple(81, 263, .2553 to .3662),
                    Triple(15, 148, .0624 to .1605),
                    Triple(0, 20, .0 to .1611),
                    Triple(1, 29, .0061 to .1718),
                )
                .forEach { (k, n, ends) ->
                    val estimate = Proportion.wilson(k, n)
                    estimate.low shouldBe (ends.first plusOrMinus 6e-5)
                    estimate.high shouldBe (ends.second plusOrMinus 6e-5)
                }
            Proportion.wilson(5, 5).high shouldBe 1.0
            Proportion.wilson(5, 5).low shouldBeGreaterThan .5
            Proportion.wilson(0, 0).value.shouldBeNaN()
        }

        "messages" {
            shouldThrow<IllegalArgumentException> { Interval.studentT(doubleArrayOf(1.0, -2.0), Scale.LOG) }
                .message shouldBe "value -2.0 on a log scale: expected a positive number; choose another scale"
            shouldThrow<IllegalArgumentException> {
                    Interval.paired(doubleArrayOf(1.0), doubleArrayOf(1.0, 2.0), Scale.IDENTITY)
                }
                .message shouldBe "paired contrast of 1 and 2 runs: expected the same seeds in both arms"
        }
    })
