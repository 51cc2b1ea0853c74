package holonomy.geometry

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.sqrt

/** The published pairs of a peak and a trough, steps. */
private val published =
    listOf(
        listOf(1800L, 2000L),
        listOf(2400L, 2600L),
        listOf(2800L, 2000L),
        listOf(3800L, 4000L),
        listOf(4200L, 4400L),
        listOf(4600L, 4800L),
        listOf(5000L, 5400L),
        listOf(5600L, 5800L),
        listOf(6000L, 6200L),
        listOf(6400L, 6800L),
    )

/** As published, from the second step of each pair, a trough, to the first. */
private fun pairs(path: Gram, steps: List<List<Long>>) =
    steps.map { (peak, trough) -> Switches.Pair(path.at(trough), path.at(peak)) }

/** A path in 40 dimensions, its snapshots beside its Gram matrix. */
private fun drawn(snapshots: Int): Pair<Gram, List<DoubleArray>> {
    val random = Random(3)
    val w = List(snapshots) { DoubleArray(40) { random.nextGaussian() } }
    val gram =
        SymmetricMatrix.of(snapshots) { i, j -> (0 until 40).sumOf { (w[i][it] - w[0][it]) * (w[j][it] - w[0][it]) } }
    return Gram.of("w", 40, LongArray(snapshots) { it.toLong() }, gram) to w
}

private fun dot(a: DoubleArray, b: DoubleArray) = a.indices.sumOf { a[it] * b[it] }

class SwitchesTest :
    FreeSpec({
        "of a walk without learning, at the published steps: residuals, mutual cosines and lengths (section 5.8)" {
            val walk = PublishedBackbone.walk().path()
            val ten = Switches(walk, pairs(walk, published))
            val residuals = ten.residuals()
            listOf(1.0, .999, .886, .997, .997, .997, .995, .998, .998, .996).forEachIndexed { i, expected ->
                withClue("residual ${i + 1}") { residuals[i] shouldBe (expected plusOrMinus 6e-4) }
            }
            // The second and the third overlap: the published Gram matrix has -.44 there.
            ten.cosines().get(1, 2) shouldBe (-.455 plusOrMinus 6e-4)
            val three = Switches(walk, pairs(walk, listOf(published[2], published[6], published[9])))
            listOf(122.8, 59.0, 34.6).forEachIndexed { i, length ->
                three.lengths()[i] shouldBe (length plusOrMinus .06)
            }
            val c = three.cosines()
            listOf(c.get(0, 1) to .059, c.get(0, 2) to .041, c.get(1, 2) to -.032).forEach { (found, expected) ->
                found shouldBe (expected plusOrMinus 6e-4)
            }
        }

        "of a walk, a switch's cosine with the backbone (section 5.8)" {
            val walk = PublishedBackbone.walk().path()
            val v = PathDirection.principal(walk, Centring.ROW_NORMALISED)
            val at = listOf(published[2], published[6], published[9], listOf(2200L, 3000L))
            Switches(walk, pairs(walk, at)).alignment(v).zip(listOf(.276, .031, .058, .257)) { found, expected ->
                found shouldBe (expected plusOrMinus 6e-4)
            }
        }

        "residuals are Gram-Schmidt's on the vectors themselves; what lies in the span of those before adds nothing" {
            val (gram, w) = drawn(8)
            // The fourth is the sum of the first two: its residual is 0, and the fifth is told from three directions.
            val pairs = listOf(0 to 1, 1 to 2, 4 to 3, 0 to 2, 5 to 6).map { (a, b) -> Switches.Pair(a, b) }
            val switches = Switches(gram, pairs)
            val d = pairs.map { p -> DoubleArray(40) { w[p.to()][it] - w[p.from()][it] } }
            val basis = mutableListOf<DoubleArray>()
            d.forEachIndexed { e, vector ->
                val rest = vector.clone()
                basis.forEach { b -> dot(b, rest).let { along -> rest.indices.forEach { rest[it] -= along * b[it] } } }
                val share = sqrt(dot(rest, rest) / dot(vector, vector))
                switches.residuals()[e] shouldBe (share plusOrMinus 1e-6)
                switches.lengths()[e] shouldBe (sqrt(dot(vector, vector)) plusOrMinus 1e-9)
                if (share > 1e-6) basis += DoubleArray(40) { rest[it] / sqrt(dot(rest, rest)) }
            }
            basis.size shouldBe 4
        }

        "dimension: 1 of parallel displacements, n of orthogonal ones" {
            val line = Gram.of("w", 1, longArrayOf(0, 1, 2, 3), SymmetricMatrix.of(4) { i, j -> 1.0 * i * j })
            val three = listOf(Switches.Pair(0, 1), Switches.Pair(1, 2), Switches.Pair(3, 2))
            Switches(line, three).dimension() shouldBe (1.0 plusOrMinus 1e-12)
            val steps =
                Gram.of("w", 9, longArrayOf(0, 1, 2, 3), SymmetricMatrix.of(4) { i, j -> minOf(i, j).toDouble() })
            Switches(steps, three).dimension() shouldBe (3.0 plusOrMinus 1e-12)
            Switches(steps, three).residuals().toList() shouldBe listOf(1.0, 1.0, 1.0)
        }

        "the same pairs at other times: all by the same number of snapshots, up to the longest lag, inside the path" {
            val (gram, _) = drawn(9)
            val switches = Switches(gram, listOf(Switches.Pair(4, 2), Switches.Pair(4, 7)))
            val moved = switches.atOtherTimes()
            moved.map { it.pairs()[0].from() - 4 } shouldBe listOf(-2, -1, 1) // lag 3; -3 and 2, 3 leave the path
            moved.forEach { other ->
                other.pairs().zip(switches.pairs()) { a, b -> a.to() - a.from() shouldBe b.to() - b.from() }
            }
        }

        "steps in a pair's own time are left out of its cosines, for it is their sum" {
            val (gram, w) = drawn(6)
            val cosines = Switches(gram, listOf(Switches.Pair(4, 2))).updateCosines()[0]
            cosines.map { it.isNaN() } shouldBe listOf(true, false, false, true, true, false)
            val d = DoubleArray(40) { w[2][it] - w[4][it] }
            val u = DoubleArray(40) { w[5][it] - w[4][it] }
            cosines[5] shouldBe (dot(u, d) / sqrt(dot(u, u) * dot(d, d)) plusOrMinus 1e-9)
        }
    })
