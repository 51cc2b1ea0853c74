package holonomy.geometry

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.measure.Measures
import holonomy.measure.SnapshotPlan
import holonomy.measure.SpectralGaps
import holonomy.model.WeightGroup
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.util.Optional
import java.util.Random
import kotlin.math.abs
import kotlin.math.pow
import kotlin.math.sqrt

/** A path whose increments have these products. */
private fun pathOf(increments: Int, products: (Int, Int) -> Double): Gram {
    val n = increments + 1
    val any = Gram.of("W", 1_000_000, LongArray(n) { 500L * it }, SymmetricMatrix.of(n) { _, _ -> 0.0 })
    return Increments.of(any).path(SymmetricMatrix.of(increments, products))
}

private fun gap(path: Gram): SpectralGap = SpectralGap.of(Increments.of(path)).get()

/** Steps e_t = rho e_(t-1) + sqrt(1 - rho^2) noise, in so many dimensions. */
private fun autoregressive(increments: Int, dimension: Int, rho: Double, seed: Long): Gram {
    val random = Random(seed)
    var step = DoubleArray(dimension) { random.nextGaussian() }
    val position = DoubleArray(dimension)
    val rows =
        Array(increments + 1) { i ->
            if (i > 0) {
                for (d in position.indices) position[d] += step[d]
                step = DoubleArray(dimension) { rho * step[it] + sqrt(1 - rho * rho) * random.nextGaussian() }
            }
            FloatArray(dimension) { position[it].toFloat() }
        }
    return gramOf(rows)
}

private fun rows(measure: SpectralGaps, path: Gram) =
    Table.builder(measure.columns()).also { measure.write(path, it) }.build().rows()

class SpectralGapTest :
    FreeSpec({
        "momentum alone: of ten AR(1) increments k* is 2 at .5 (ratio 1.19) and 1 at .9 (2.25)" {
            mapOf(.5 to SpectralGap(2, 1.194), .9 to SpectralGap(1, 2.247)).forEach { (rho, expected) ->
                val exact = gap(pathOf(10) { s, t -> rho.pow(abs(s - t)) })
                exact.position() shouldBe expected.position()
                exact.ratio() shouldBe (expected.ratio() plusOrMinus .001)
                // Drawn in 16,384 dimensions; the null made of its own lengths and cosines is the expected one again.
                val drawn = autoregressive(10, 16_384, rho, seed = 4)
                gap(drawn).position() shouldBe expected.position()
                gap(drawn).ratio() shouldBe (expected.ratio() plusOrMinus .06)
                val walk = WalkNull.Autoregressive().path(Increments.of(drawn))
                gap(walk).position() shouldBe expected.position()
                gap(walk).ratio() shouldBe (expected.ratio() plusOrMinus .06)
            }
        }

        "k strong directions give k* = k, where momentum would give less" {
            val strong = 3
            // Increments of unit noise, and in three directions in turn five times as long.
            val path = pathOf(12) { s, t -> (if (s == t) 1.0 else 0.0) + if (s % strong == t % strong) 25.0 else 0.0 }
            val found = gap(path)
            found.position() shouldBe 3
            found.ratio() shouldBe (sqrt(1 + 25.0 * 4) plusOrMinus 1e-9)
            gap(WalkNull.Autoregressive().path(Increments.of(path))).ratio() shouldBe (1.0 plusOrMinus .1)
        }

        "increments in one direction have their gap there, and no ratio; without any there is no gap" {
            val line = gap(pathOf(5) { _, _ -> 1.0 })
            line.position() shouldBe 1
            line.ratio().isNaN() shouldBe true
            SpectralGap.of(Increments.of(pathOf(5) { _, _ -> 0.0 })) shouldBe Optional.empty()
            SpectralGap.of(Increments.of(pathOf(1) { _, _ -> 1.0 })) shouldBe Optional.empty()
        }

        "along a path each window counts for itself, under the step of its last snapshot" {
            val measure = SpectralGaps(SnapshotPlan.of(WeightGroup.ALL, 15), 10)
            val path = autoregressive(14, 4_096, .9, seed = 2)
            val rows = rows(measure, path)
            rows.map { it.number("step").toInt() }.distinct() shouldBe path.steps().drop(10).map { it.toInt() }
            fun values(statistic: String, series: String) =
                rows
                    .filter { it.text("statistic") == statistic && it.text("series") == series }
                    .map { it.number("value") }
            values(SpectralGaps.POSITION, SpectralGaps.MEASURED) shouldBe List(5) { 1.0 }
            values(SpectralGaps.POSITION, "AR(1) walk") shouldBe List(5) { 1.0 }
            for (end in 10..14) {
                val window = gap(path.picked(*IntArray(11) { end - 10 + it }))
                values(SpectralGaps.RATIO, SpectralGaps.MEASURED)[end - 10] shouldBe window.ratio()
            }
            values(SpectralGaps.RATIO, "AR(1) walk").min() shouldBeGreaterThan 1.8
            Measures.fromSpec(measure.spec()).get() shouldBe measure
        }

        "mistakes are named" {
            shouldThrow<UserError> { SpectralGaps(SnapshotPlan.of(WeightGroup.ALL, 15), 1) }.message shouldBe
                "spectral gap: expected a window of at least 2 increments, found 1"
            shouldThrow<UserError> { SpectralGaps(SnapshotPlan.of(WeightGroup.ALL, 10), 10) }.message shouldBe
                "spectral gap of 10 increments: expected at least 11 snapshots, found 10"
        }
    })
