package holonomy.inference

import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.PublishedBackbone
import holonomy.geometry.Spectrum
import holonomy.geometry.SymmetricMatrix
import holonomy.geometry.numbers
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private val published = PublishedBackbone.numbers

private val seeds = listOf("42", "271")

private fun series(seed: String, name: String) = published["series"][seed][name].numbers()

/** Accuracy and rest at the steps in (after, upTo]; as published without the start, where the rest is 0. */
private fun both(seed: String, after: Double, upTo: Double, start: Boolean): Pair<DoubleArray, DoubleArray> {
    val step = series(seed, "step")
    val accuracy = series(seed, "probe_ood_acc")
    val rest = series(seed, "norm_r_t")
    val kept = step.indices.filter { step[it] > after && step[it] <= upTo && (start || rest[it] > 0) }
    return kept.map { accuracy[it] }.toDoubleArray() to kept.map { rest[it] }.toDoubleArray()
}

private val regimes =
    mapOf("full" to (0.0 to 1e4), "0-4000" to (0.0 to 4e3), "4000-10000" to (4e3 to 1e4), "6000-10000" to (6e3 to 1e4))

class BackboneSeriesTest :
    FreeSpec({
        for (seed in seeds) {
            "seed $seed: the published fits by regime" {
                for ((regime, fit) in published["regimeFits"]["seed_$seed"].properties()) withClue(regime) {
                    val (after, upTo) = regime.split("-").map { it.toDouble() }
                    for ((name, curve) in listOf("a" to "a_t", "r" to "norm_r_t")) {
                        val law = PowerLaw.of(series(seed, "step"), series(seed, curve), after, upTo)
                        law.exponent() shouldBe (fit["gamma_$name"].asDouble() plusOrMinus 2e-4)
                        law.determination() shouldBe (fit["R2_$name"].asDouble() plusOrMinus 2e-4)
                        law.factor() / fit["C_$name"].asDouble() shouldBe (1.0 plusOrMinus 2e-3)
                    }
                }
            }

            "seed $seed: accuracy and rest correlate, their changes don't" {
                val derived = published["derived"]["seed$seed"]
                for ((name, bounds) in regimes) withClue(name) {
                    val (accuracy, rest) = both(seed, bounds.first, bounds.second, start = true)
                    Correlation.pearson(accuracy, rest) shouldBe
                        (derived["corrLevels"][name].asDouble() plusOrMinus 6e-4)
                    Correlation.ofChanges(accuracy, rest) shouldBe
                        (derived["corrFirstDifferences"][name].asDouble() plusOrMinus 6e-4)
                }
                val (accuracy, rest) = both(seed, 0.0, 1e4, start = false)
                Correlation.pearson(accuracy, rest) shouldBe ((if (seed == "42") .61 else .45) plusOrMinus .005)
            }

            "seed $seed: PC1 over all 50 rows is 69.3 and 69.4 %, not the 71.4 and 71.7 % over the first ten" {
                val squares = published["singularValues"][seed]["rowNorm"].numbers().map { it * it }
                val rest = (50 - squares.sum()) / 40
                val rows = squares + List(40) { rest }
                val gram =
                    Gram.of(
                        "trunk",
                        1,
                        LongArray(51) { it.toLong() },
                        SymmetricMatrix.of(51) { i, j -> if (i == j && i > 0) rows[i - 1] else 0.0 },
                    )
                val spectrum = Spectrum.of(gram, Centring.FROM_START)
                val right = published["singularValues"][seed]["pc1RowNormPctCorrectDenominator"].asDouble()
                100 * spectrum.pc1Share() shouldBe (right plusOrMinus 5e-4)
                right shouldBe ((if (seed == "42") 69.26 else 69.42) plusOrMinus .005)
                spectrum.r95() shouldBe published["singularValues"][seed]["k95CorrectDenominator"].asDouble()
            }
        }

        "the published fits and correlations of every beta2" {
            for (row in published["beta2Summary"]) {
                val beta = row["beta2"].asText()
                val name = mapOf("0.99" to "099", "0.95" to "095", "0.9" to "09", "0.8" to "08", "0.0" to "00")[beta]
                val own = published["beta2Series"][name]
                fun law(curve: String, after: Double, upTo: Double) =
                    PowerLaw.of(own["step"].numbers(), own[curve].numbers(), after, upTo).exponent()
                withClue("beta2 $beta") {
                    law("a_t", 0.0, 2e3) shouldBe (row["gamma_a_0_2k"].asDouble() plusOrMinus 2e-4)
                    law("norm_r_t", 0.0, 2e3) shouldBe (row["gamma_r_0_2k"].asDouble() plusOrMinus 2e-4)
                    law("a_t", 2e3, 4e3) shouldBe (row["gamma_a_2k_4k"].asDouble() plusOrMinus 2e-4)
                    law("norm_r_t", 2e3, 4e3) shouldBe (row["gamma_r_2k_4k"].asDouble() plusOrMinus 2e-4)
                    law("a_t", 0.0, 4e3) shouldBe (row["gamma_a_full"].asDouble() plusOrMinus 2e-4)
                }
            }
        }

        "a shared trend is a correlation of levels, not of changes, and turning in a circle finds it again" {
            val up = DoubleArray(20) { it + .3 * (it % 2) }
            val also = DoubleArray(20) { 2.0 * it + .3 * (it / 2 % 2) }
            (Correlation.pearson(up, also) > .99) shouldBe true
            (kotlin.math.abs(Correlation.ofChanges(up, also)) < .1) shouldBe true
            Correlation.turnedAsLarge(up, also) shouldBe .05
            val wave = DoubleArray(20) { kotlin.math.sin(2 * Math.PI * it / 20) }
            val shifted = DoubleArray(20) { kotlin.math.sin(2 * Math.PI * (it + 4) / 20) }
            (Correlation.turnedAsLarge(wave, shifted) > .5) shouldBe true
            Correlation.pearson(up, DoubleArray(20) { 1.0 }).isNaN() shouldBe true
        }
    })
