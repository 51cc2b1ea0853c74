package holonomy.geometry

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.Random
import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.cos
import kotlin.math.pow
import kotlin.math.sqrt

/** A path of n snapshots whose increments have these products. */
private fun pathOf(n: Int, products: (Int, Int) -> Double): Gram {
    val any = Gram.of("W", 1_000_000, LongArray(n) { 500L * it }, SymmetricMatrix.of(n) { _, _ -> 0.0 })
    return Increments.of(any).path(SymmetricMatrix.of(n - 1, products))
}

private fun equalSteps(n: Int) = pathOf(n) { s, t -> if (s == t) 1.0 else 0.0 }

private fun pc1(gram: Gram) = Spectrum.of(gram, Centring.CENTRED).pc1Share()

class WalkNullTest :
    FreeSpec({
        "uncorrelated equal steps: eigenvalues 1/[2(1 - cos(pi k/n))]" {
            listOf(5, 40, 200).forEach { n ->
                val spectrum = Spectrum.of(WalkNull.Uncorrelated().path(Increments.of(equalSteps(n))), Centring.CENTRED)
                val expected = DoubleArray(n) { k -> if (k < n - 1) 1 / (2 * (1 - cos(PI * (k + 1) / n))) else 0.0 }
                relativeDistance(spectrum.eigenvalues(), expected) shouldBeLessThan 1e-11
            }
        }

        "a long walk (arXiv 1806.08805): PC1 has 6/pi^2, PCk 6/(pi k)^2, and the path on them is cos(pi k t/n): Lissajous" {
            val n = 400
            val spectrum = Spectrum.of(equalSteps(n), Centring.CENTRED)
            for (k in 1..4) spectrum.varianceShare()[k - 1] shouldBe (6 / (PI * k).pow(2) plusOrMinus 2e-5)
            val eigen = SymmetricEigen.of(equalSteps(n).displacements().doublyCentred())
            for (k in 1..4) {
                val cosine = DoubleArray(n) { sqrt(2.0 / n) * cos(PI * k * (it + .5) / n) }
                abs(cosine.indices.sumOf { cosine[it] * eigen.vector(k - 1, it) }) shouldBe (1.0 plusOrMinus 1e-9)
            }
        }

        "uncorrelated steps of any length: inverse of the tridiagonal L^-1 (second differences) L^-1" {
            val lengths = DoubleArray(60) { 1 + it % 7 * .3 }
            val spectrum =
                Spectrum.of(pathOf(61) { s, t -> if (s == t) lengths[s] * lengths[t] else 0.0 }, Centring.CENTRED)
            val inverse =
                Tridiagonal.of(
                        DoubleArray(60) { 2 / (lengths[it] * lengths[it]) },
                        DoubleArray(59) { -1 / (lengths[it] * lengths[it + 1]) },
                    )
                    .eigenvalues()
            val expected = DoubleArray(61) { if (it < 60) 1 / inverse[59 - it] else 0.0 }
            relativeDistance(spectrum.eigenvalues(), expected) shouldBeLessThan 1e-11
        }

        "sampled walks in 16,384 dimensions look like their null: PC1 .61, r90 6" {
            listOf(40, 200).forEach { n ->
                val gram = gramOf(randomWalk(n, 16_384, seed = n.toLong()))
                val measured = Spectrum.of(gram, Centring.CENTRED)
                val expected = NullSpectrum.of(WalkNull.Uncorrelated(), gram, Centring.CENTRED)
                measured.r90() shouldBe 6.0
                measured.pc1Share() shouldBe (.61 plusOrMinus .01)
                abs(expected.excess(Statistic.PC1_SHARE, measured)) shouldBeLessThan .005
                abs(expected.excess(Statistic.R90_INTERPOLATED, measured)) shouldBeLessThan .2
                expected.mean(Statistic.R90) shouldBe 6.0
            }
        }

        "r90 of the walk grows with the window: 3 at 4, 4 at 6 to 9, 5 at 10 to 18, 6 from 19" {
            val r90 = (4..60).associateWith { Spectrum.of(equalSteps(it), Centring.CENTRED).r90().toInt() }
            r90[4] shouldBe 3
            (6..9).forEach { r90[it] shouldBe 4 }
            (10..18).forEach { r90[it] shouldBe 5 }
            (19..60).forEach { r90[it] shouldBe 6 }
            pc1(equalSteps(4)) shouldBe (.68 plusOrMinus .005)
            pc1(equalSteps(10)) shouldBe (.62 plusOrMinus .005)
        }

        "drift plus noise gives back a path made that way, and the known PC1 shares" {
            val n = 100
            mapOf(1 to .736, 2 to .867, 4 to .956).forEach { (ratio, share) ->
                val drift = ratio * ratio / (n + ratio * ratio.toDouble())
                val path = pathOf(n + 1) { s, t -> if (s == t) 1.0 else drift }
                Increments.of(path).meanCosine() shouldBe (drift plusOrMinus 1e-12)
                val walk = WalkNull.DriftPlusNoise(0.0).path(Increments.of(path))
                pc1(walk) shouldBe (pc1(path) plusOrMinus 1e-12)
                pc1(walk) shouldBe (share plusOrMinus .01)
            }
        }

        "momentum: AR(1) steps with rho .9 give PC1 .74" {
            val path = pathOf(100) { s, t -> .9.pow(abs(s - t)) }
            val walk = WalkNull.Autoregressive().path(Increments.of(path))
            pc1(walk) shouldBe (pc1(path) plusOrMinus 1e-12)
            pc1(walk) shouldBe (.74 plusOrMinus .01)
        }

        "a path that turns back: the null with its decay explains a sampled mean-reverting walk" {
            val random = Random(11)
            val pull = 1 - .999.pow(500)
            var position = DoubleArray(8192)
            val rows =
                Array(60) { i ->
                    if (i > 0) position = DoubleArray(8192) { (1 - pull) * position[it] + random.nextGaussian() }
                    FloatArray(8192) { position[it].toFloat() }
                }
            val gram = Gram.of(ArrayTrajectory.of(mapOf("W" to rows), LongArray(60) { 500L * it }), "W")
            Increments.of(gram).meanCosine() shouldBeLessThan 0.0
            val measured = Spectrum.of(gram, Centring.CENTRED)
            fun excess(walk: WalkNull) =
                NullSpectrum.of(walk, gram, Centring.CENTRED).excess(Statistic.ENTROPY_RANK, measured)
            abs(excess(WalkNull.DriftPlusNoise(.001))) shouldBeLessThan .02 * measured.entropyRank()
            excess(WalkNull.Uncorrelated()) shouldBeGreaterThan .5 * measured.entropyRank()
            excess(WalkNull.DriftPlusNoise(0.0)) shouldBe (excess(WalkNull.Uncorrelated()) plusOrMinus 1e-9)
        }

        "shuffling keeps lengths in place and the set of cosines; order alone is lost" {
            val gram = gramOf(randomWalk(12, 6, seed = 5) { 1.0 + it })
            val measured = Increments.of(gram)
            val drawn = Increments.of(ShuffledNull(1).draw(measured, Random(1)))
            fun cosines(increments: Increments) =
                (0 until 11).flatMap { s -> (0 until s).map { increments.cosine(s, it) } }.sorted().toDoubleArray()
            relativeDistance(drawn.lengths(), measured.lengths()) shouldBeLessThan 1e-9
            relativeDistance(cosines(drawn), cosines(measured)) shouldBeLessThan 1e-9
            abs(drawn.cosine(1, 0) - measured.cosine(1, 0)) shouldBeGreaterThan 1e-6
        }

        "a slow turn is told from its shuffles, a plain walk is not" {
            val turn = pathOf(40) { s, t -> cos((s - t) / 8.0) }
            val spectrum = Spectrum.of(turn, Centring.CENTRED)
            val shuffled = NullSpectrum.of(ShuffledNull.STANDARD, turn, Centring.CENTRED, Random(2))
            shuffled.spectra().size shouldBe 200
            shuffled.quantile(Statistic.PC1_SHARE, .025) shouldBeLessThan shuffled.mean(Statistic.PC1_SHARE)
            shuffled.excess(Statistic.PC1_SHARE, spectrum) shouldBeLessThan -.1
            spectrum.pc1Share() shouldBeLessThan shuffled.quantile(Statistic.PC1_SHARE, .025)
            val walk = gramOf(randomWalk(40, 4096, seed = 8))
            val draws = NullSpectrum.of(ShuffledNull.STANDARD, walk, Centring.CENTRED, Random(3))
            val inside = Spectrum.of(walk, Centring.CENTRED).pc1Share()
            inside shouldBeGreaterThan draws.quantile(Statistic.PC1_SHARE, 0.0)
            inside shouldBeLessThan draws.quantile(Statistic.PC1_SHARE, 1.0)
        }

        "increments without length stay out of every null" {
            val path = pathOf(6) { s, t -> if (s == t && s != 2) 1.0 else 0.0 }
            val increments = Increments.of(path)
            increments.cosine(2, 1).isNaN() shouldBe true
            increments.meanCosine() shouldBe 0.0
            listOf(WalkNull.Uncorrelated(), WalkNull.Autoregressive(), WalkNull.DriftPlusNoise(.1)).forEach {
                it.path(increments).displacements() shouldBe path.displacements()
            }
            ShuffledNull(1).draw(increments, Random(4)).displacements() shouldBe path.displacements()
        }

        "a walk settles too: cosine to the final displacement is sqrt(t/n)" {
            val expected = DoubleArray(50) { sqrt((it + 1) / 50.0) }
            relativeDistance(Alignment.toFinal(equalSteps(51)), expected) shouldBeLessThan 1e-12
        }

        "distance to the final plane agrees with projecting the snapshots" {
            val rows = randomWalk(9, 5, seed = 4)
            val mean = DoubleArray(5) { d -> rows.sumOf { it[d].toDouble() } / 9 }
            val scatter = SymmetricMatrix.of(5) { a, b -> rows.sumOf { (it[a] - mean[a]) * (it[b] - mean[b]) } }
            val eigen = SymmetricEigen.of(scatter)
            val expected =
                DoubleArray(9) { i ->
                    val rest =
                        (2 until 5).sumOf { k ->
                            (0 until 5).sumOf { d -> (rows[i][d] - mean[d]) * eigen.vector(k, d) }.pow(2)
                        }
                    sqrt(rest)
                }
            relativeDistance(Alignment.distanceToFinal(gramOf(rows), 2), expected) shouldBeLessThan 1e-9
        }

        "messages" {
            shouldThrow<IllegalArgumentException> { WalkNull.DriftPlusNoise(1.5) }.message shouldBe
                "decay (learning rate x weight decay) per step is 1.5, expected at least 0 and below 1"
            shouldThrow<IllegalArgumentException> { ShuffledNull(0) }.message shouldContain "number of draws is 0"
        }
    })
