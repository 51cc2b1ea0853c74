package holonomy.inference

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeNaN
import io.kotest.matchers.shouldBe

class QuantilesTest :
    FreeSpec({
        "type 7: quartiles of 1 .. 10 are 3.25, 5.5, 7.75" {
            val values = DoubleArray(10) { 10.0 - it }
            listOf(.25 to 3.25, .5 to 5.5, .75 to 7.75, .0 to 1.0, 1.0 to 10.0).forEach { (p, x) ->
                Quantiles.of(values, p) shouldBe (x plusOrMinus 1e-12)
            }
            values[0] shouldBe 10.0
            Quantiles.median(doubleArrayOf(3.0, 1.0, 2.0)) shouldBe 2.0
        }

        "undefined among the values is undefined" {
            Quantiles.of(doubleArrayOf(1.0, Double.NaN), .5).shouldBeNaN()
            shouldThrow<IllegalArgumentException> { Quantiles.of(doubleArrayOf(), .5) }.message shouldBe
                "quantile 0.5 of 0 values: expected a probability in 0 .. 1 and at least one value"
        }
    })
