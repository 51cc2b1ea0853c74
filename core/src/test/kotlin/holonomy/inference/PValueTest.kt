package holonomy.inference

import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random
import org.apache.commons.statistics.distribution.TDistribution

class PValueTest :
    FreeSpec({
        val five = doubleArrayOf(1.0, 2.0, 4.0, 3.5, 2.5)

        fun above(values: DoubleArray, edge: Double, scale: Scale = Scale.IDENTITY) =
            PValue.of { level -> Interval.of(values, scale, level).low >= edge }

        "of a t interval above an edge it is Student's two-sided p" {
            val mean = five.average()
            val s = kotlin.math.sqrt(five.sumOf { (it - mean) * (it - mean) } / 4)
            listOf(1.0, 2.0, 2.5, .1).forAll { edge ->
                val t = (mean - edge) / (s / kotlin.math.sqrt(5.0))
                above(five, edge) shouldBe (2 * TDistribution.of(4.0).survivalProbability(t) plusOrMinus 1e-5)
            }
        }

        "it is at most .05 exactly where the 95 % interval lies there, on every scale and for many runs" {
            val random = Random(7)
            for (n in listOf(3, 6, 14)) for (scale in Scale.entries) repeat(if (n > 10) 4 else 40) {
                val values =
                    DoubleArray(n) {
                        if (scale == Scale.OUTCOME) (if (random.nextDouble() < .8) 1.0 else 0.0)
                        else .55 + .15 * random.nextDouble()
                    }
                val inside = Interval.of(values, scale).low >= .58
                (above(values, .58, scale) <= .05) shouldBe inside
            }
        }

        "what never lies there has p 1, what always does the smallest" {
            PValue.of { false } shouldBe 1.0
            PValue.of { true } shouldBe PValue.FLOOR
        }

        "Benjamini and Hochberg's example (1995): four of fifteen at .05" {
            val p =
                doubleArrayOf(
                    .0001,
                    .0004,
                    .0019,
                    .0095,
                    .0201,
                    .0278,
                    .0298,
                    .0344,
                    .0459,
                    .3240,
                    .4262,
                    .5719,
                    .6528,
                    .7590,
                    1.0,
                )
            BenjaminiHochberg.adjusted(p).count { it <= .05 } shouldBe 4
            Holm.adjusted(p).count { it <= .05 } shouldBe 3
            BenjaminiHochberg.adjusted(doubleArrayOf(.04, .01, .02)).toList() shouldBe listOf(.04, .03, .03)
        }
    })
