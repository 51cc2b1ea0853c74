package holonomy.inference

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeNaN
import io.kotest.matchers.shouldBe
import java.util.Random

/** Freireich et al. (1963): weeks of remission; a minus marks a patient still in remission at the last look. */
private val treated = listOf(6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35)
private val placebo = listOf(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)

private fun curve(weeks: List<Int>) =
    KaplanMeier.of(
        DoubleArray(weeks.size) { kotlin.math.abs(weeks[it]).toDouble() },
        BooleanArray(weeks.size) { weeks[it] > 0 },
    )

class KaplanMeierTest :
    FreeSpec({
        "remission times: the published curve" {
            val expected = mapOf(6 to .857, 7 to .807, 10 to .753, 13 to .690, 16 to .627, 22 to .538, 23 to .448)
            val points = curve(treated).points()
            points.map { it.time.toInt() } shouldBe expected.keys.toList()
            points.forEach { it.survival shouldBe (expected.getValue(it.time.toInt()) plusOrMinus 5e-4) }
            curve(treated).survival(5.9) shouldBe 1.0
            curve(treated).survival(20.0) shouldBe (.627 plusOrMinus 5e-4)
        }

        "remission times: medians 23 (13 to unbounded) and 8 (4 to 11)" {
            curve(treated).median().let {
                it.value shouldBe 23.0
                it.low shouldBe 13.0
                it.high shouldBe Double.POSITIVE_INFINITY
            }
            curve(placebo).median().let {
                it.value shouldBe 8.0
                it.low shouldBe 4.0
                it.high shouldBe 11.0
            }
        }

        "without censoring the curve is the share still waiting" {
            val random = Random(1)
            val times = DoubleArray(31) { random.nextInt(12).toDouble() }
            val plain = KaplanMeier.of(times, BooleanArray(31) { true })
            (0..12).forEach { t ->
                plain.survival(t.toDouble()) shouldBe (times.count { it > t } / 31.0 plusOrMinus 1e-12)
            }
            plain.median().value shouldBe times.sorted()[15]
        }

        "fewer than half got there: no median, but a lower end where the curve gives one" {
            val median = curve(listOf(5, 7, -20, -20, -20, -20)).median()
            median.value.shouldBeNaN()
            median.high shouldBe Double.POSITIVE_INFINITY
            curve(listOf(-3, -4)).median().low shouldBe Double.POSITIVE_INFINITY
        }

        "median of censored exponential times is covered as often as it says" {
            val random = Random(2)
            val covered =
                (1..2000).count {
                    val times = DoubleArray(40) { -kotlin.math.ln(1 - random.nextDouble()) }
                    val limit = DoubleArray(40) { 3 * random.nextDouble() }
                    val seen = DoubleArray(40) { minOf(times[it], limit[it]) }
                    val median = KaplanMeier.of(seen, BooleanArray(40) { times[it] <= limit[it] }).median()
                    kotlin.math.ln(2.0) in median.low..median.high
                }
            covered / 2000.0 shouldBe (.95 plusOrMinus .02)
        }
    })
