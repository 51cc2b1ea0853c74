package holonomy.curvature

import holonomy.curvature.LearningCoefficient.Sampler
import holonomy.data.UserError
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.util.function.LongFunction
import kotlin.math.ln
import kotlin.math.pow

/** 1/2 sum h w^2 on every batch. */
private fun quadratic(h: DoubleArray) =
    LongFunction<LearningCoefficient.Loss> {
        LearningCoefficient.Loss { w, gradient ->
            for (d in h.indices) gradient[d] = h[d] * w[d]
            h.indices.sumOf { h[it] * w[it] * w[it] / 2 }
        }
    }

class LearningCoefficientTest :
    FreeSpec({
        fun random(i: Long) = Stream.of(1, "learning coefficient test").at(i)

        "on quadratics, the closed form of the chain within 5 %, whatever the curvatures, localisation and step" {
            val cases =
                listOf(
                    doubleArrayOf(1.0, .3, .1, .03) to Sampler(100.0, 1.0, 2e-3, 4, 5_000, 60_000),
                    doubleArrayOf(1.0, 1.0, 0.0) to Sampler(1_000.0, 0.5, 5e-4, 4, 5_000, 60_000),
                    doubleArrayOf(2.0) to Sampler(50.0, 0.0, 1.5e-2, 4, 2_000, 60_000),
                )
            for ((index, case) in cases.withIndex()) {
                val (h, sampler) = case
                val expected =
                    h.sumOf {
                        val a = sampler.inverseTemperature() * it + sampler.localisation()
                        .5 * sampler.inverseTemperature() * it / a / (1 - sampler.step() * a / 4)
                    }
                val found = LearningCoefficient.of(quadratic(h), DoubleArray(h.size), sampler, random(index.toLong()))
                println("quadratic $index: expected $expected, found ${found.value()}, R-hat ${found.mixing()}")
                withClue("case $index: $found") { found.value().value() shouldBe (expected plusOrMinus .05 * expected) }
                found.fault() shouldBe ""
            }
        }

        "on normal crossings w^2k, 1/(2k) within 10 %" {
            for (k in 1..3) {
                val crossing =
                    LongFunction<LearningCoefficient.Loss> {
                        LearningCoefficient.Loss { w, gradient ->
                            gradient[0] = 2 * k * w[0].pow(2 * k - 1)
                            w[0].pow(2 * k)
                        }
                    }
                val sampler = Sampler(100.0, 0.0, if (k == 1) 2e-4 else 1e-3, 4, 20_000, 300_000)
                val found = LearningCoefficient.of(crossing, doubleArrayOf(0.0), sampler, random(10L + k))
                println("crossing $k: found ${found.value()}, R-hat ${found.mixing()}")
                withClue("k $k: $found") { found.value().value() shouldBe (.5 / k plusOrMinus .05 / k) }
            }
        }

        "what batches differ by at w* falls out of it" {
            val shifted =
                LongFunction<LearningCoefficient.Loss> { i ->
                    LearningCoefficient.Loss { w, gradient ->
                        gradient[0] = w[0]
                        w[0] * w[0] / 2 + random(i).nextGaussian()
                    }
                }
            val sampler = Sampler(1_000.0, 0.0, 4e-4, 4, 1_000, 20_000)
            val plain = LearningCoefficient.of(quadratic(doubleArrayOf(1.0)), DoubleArray(1), sampler, random(20))
            val noisy = LearningCoefficient.of(shifted, DoubleArray(1), sampler, random(20))
            noisy.value().value() shouldBe (plain.value().value() plusOrMinus 1e-9)
        }

        "a sampler that runs away, or whose chains tell different things, gives no number and says why" {
            val far = Sampler(100.0, 0.0, .05, 2, 0, 5_000) // eps a = 5
            val diverged = LearningCoefficient.of(quadratic(doubleArrayOf(1.0)), DoubleArray(1), far, random(30))
            diverged.fault() shouldBe "diverged: use a smaller step"
            diverged.value().isDefined() shouldBe false
            val drifting = Sampler(1.0, 0.0, 1e-6, 2, 0, 1_000)
            val slope =
                LongFunction<LearningCoefficient.Loss> {
                    LearningCoefficient.Loss { w, gradient ->
                        gradient[0] = -1e6
                        -w[0]
                    }
                }
            val unmixed = LearningCoefficient.of(slope, DoubleArray(1), drifting, random(31))
            unmixed.fault() shouldNotBe ""
            unmixed.fault().startsWith("not mixed (R-hat ") shouldBe true
            unmixed.value().isDefined() shouldBe false
        }

        "the temperature is the training set's" {
            LearningCoefficient.inverseTemperature(1_000) shouldBe (1_000 / ln(1_000.0) plusOrMinus 1e-12)
            shouldThrow<UserError> { LearningCoefficient.inverseTemperature(1) }.message shouldBe
                "learning coefficient: expected at least 2 training sequences, found 1"
            LearningCoefficient.inverseTemperature(100) shouldBeLessThan 100.0
        }

        "what the draws so far give, and what a sampler costs" {
            val kept =
                LearningCoefficient(10.0, arrayOf(doubleArrayOf(.25, .75, .5, .5), doubleArrayOf(.5, .5, .25, .75)))
            (1..4).map { kept.after(0, it) } shouldBe listOf(2.5, 5.0, 5.0, 5.0)
            kept.chains().toList() shouldBe listOf(5.0, 5.0)
            Sampler(10.0, 1.0, 1e-3, 3, 50, 100).gradients() shouldBe 750.0
            shouldThrow<UserError> { Sampler(10.0, 1.0, 0.0, 1, 0, 4) }.message shouldBe
                "learning coefficient: expected an inverse temperature and a step above 0, a localisation of at least 0, 2 chains, a burn-in of at least 0 and 4 draws, found 10.0, 0.0, 1.0, 1, 0 and 4"
        }
    })
