package holonomy.inference

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random

class ComponentsTest :
    FreeSpec({
        "by hand, balanced: means 2, 6, 4 of two values each; MS between 8, within 10/3, so (8 - 10/3)/2" {
            val found = Components.of(listOf(doubleArrayOf(1.0, 3.0), doubleArrayOf(4.0, 8.0), doubleArrayOf(4.0, 4.0)))
            found.seeds shouldBe 3
            found.repeats shouldBe 2.0
            found.within.variance shouldBe (10.0 / 3 plusOrMinus 1e-12)
            found.between.variance shouldBe (7.0 / 3 plusOrMinus 1e-12)
            // SS within 10 over chi^2_3 of .975 and .025, 9.348404 and 0.2157953
            found.within.low shouldBe (10 / 9.348404 plusOrMinus 1e-5)
            found.within.high shouldBe (10 / .2157953 plusOrMinus 1e-4)
            // F = 2.4 lies below F_{2,3}(.975) = 16.0441; the upper limit has F(.025) = .0255318 and chi^2_2(.025) =
            // .0506356
            found.between.low shouldBe 0.0
            found.between.high shouldBe (16 * (1 - .0255318 / 2.4) / (2 * .0506356) plusOrMinus 1e-3)
            found.seedsDiffer() shouldBe false
            found.between.deviations().variance shouldBe (Math.sqrt(7.0 / 3) plusOrMinus 1e-12)
        }

        "by hand, unbalanced: n = 3, 1, 2 gives n0 = (6 - 14/6)/2" {
            val found =
                Components.of(listOf(doubleArrayOf(1.0, 2.0, 3.0), doubleArrayOf(6.0), doubleArrayOf(8.0, 10.0)))
            // means 2, 6, 9; grand 5; SS between 3*9 + 1 + 2*16 = 60; SS within 2 + 2 = 4 of 3 degrees
            found.repeats shouldBe (11.0 / 6 plusOrMinus 1e-12)
            found.within.variance shouldBe (4.0 / 3 plusOrMinus 1e-12)
            found.between.variance shouldBe ((30 - 4.0 / 3) / (11.0 / 6) plusOrMinus 1e-12)
            found.seedsDiffer() shouldBe true
        }

        "seeds that differ less than their repeats make them: the component is below 0, its deviation 0" {
            val found = Components.of(listOf(doubleArrayOf(0.0, 4.0), doubleArrayOf(1.0, 3.0), doubleArrayOf(4.0, 0.0)))
            found.between.variance shouldBe (-3.0 plusOrMinus 1e-12)
            found.between.deviations().variance shouldBe 0.0
            found.between.deviations().low shouldBe 0.0
        }

        "coverage and bias in simulation: both components' intervals cover .93 and more, estimates are unbiased" {
            val random = Random(7)
            for ((seeds, spread) in listOf(3 to 0.0, 3 to 1.0, 6 to 1.0, 20 to .5)) {
                val studies = 2000
                var between = 0
                var within = 0
                var sum = 0.0
                repeat(studies) {
                    val values =
                        List(seeds) {
                            val seed = spread * random.nextGaussian()
                            DoubleArray(9) { seed + 2 * random.nextGaussian() }
                        }
                    val found = Components.of(values)
                    sum += found.between.variance / studies
                    if (spread * spread in found.between.low..found.between.high) between++
                    if (4.0 in found.within.low..found.within.high) within++
                }
                within / studies.toDouble() shouldBe (.95 plusOrMinus .02)
                // Of no component the interval begins at 0 in 97.5 %: only its lower limit can miss.
                between / studies.toDouble() shouldBe ((if (spread == 0.0) .975 else .955) plusOrMinus .02)
                sum shouldBe (spread * spread plusOrMinus .09)
            }
        }

        "one seed, or one value each, has no components" {
            shouldThrow<IllegalArgumentException> { Components.of(listOf(doubleArrayOf(1.0), doubleArrayOf(2.0))) }
                .message shouldBe
                "variance components of 2 values of 2 seeds: expected at least two seeds, and two values in one of them"
            shouldThrow<IllegalArgumentException> { Components.of(listOf(doubleArrayOf(1.0, 2.0))) }.message shouldBe
                "variance components of 2 values of 1 seeds: expected at least two seeds, and two values in one of them"
        }
    })
