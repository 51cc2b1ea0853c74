package holonomy.geometry

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.sqrt
import org.ejml.data.DMatrixRMaj
import org.ejml.dense.row.SingularOps_DDRM
import org.ejml.dense.row.factory.DecompositionFactory_DDRM

private const val SNAPSHOTS = 12
private const val WEIGHTS = 70

private val walk = randomWalk(SNAPSHOTS, WEIGHTS, 5)

private val path = gramOf(walk)

/** Displacements [to - from, WEIGHTS] from snapshot [anchor], each of length 1 where [normalised]. */
private fun rows(anchor: Int, from: Int, to: Int, normalised: Boolean): DMatrixRMaj {
    val rows = DMatrixRMaj(to - from, WEIGHTS)
    for (i in from until to) {
        val x = DoubleArray(WEIGHTS) { walk[i][it].toDouble() - walk[anchor][it] }
        val length = if (normalised) sqrt(x.sumOf { it * it }) else 1.0
        for (d in x.indices) rows.set(i - from, d, x[d] / length)
    }
    return rows
}

/** Singular values, descending, and right singular vectors, one a column. */
private fun singular(rows: DMatrixRMaj): Pair<DoubleArray, DMatrixRMaj> {
    val svd = DecompositionFactory_DDRM.svd(rows.numRows, rows.numCols, false, true, true)
    check(svd.decompose(rows.copy()))
    val v = svd.getV(null, false)
    val values = svd.singularValues
    SingularOps_DDRM.descendingOrder(null, false, values, rows.numRows, v, false)
    return values to v
}

/** The vector itself, [WEIGHTS]. */
private fun PathDirection.dense(): DoubleArray =
    DoubleArray(WEIGHTS) { d ->
        coefficients().indices.sumOf { coefficients()[it] * (walk[it][d].toDouble() - walk[0][d]) }
    }

private fun dot(a: DoubleArray, b: DoubleArray) = a.indices.sumOf { a[it] * b[it] }

private fun update(t: Int) = DoubleArray(WEIGHTS) { walk[t][it].toDouble() - walk[t - 1][it] }

class BackboneTest :
    FreeSpec({
        for ((name, window) in
            mapOf("whole path" to Triple(0, 1, SNAPSHOTS), "window" to Triple(3, 4, 9))) for (normalised in
            listOf(true, false)) {
            "the singular vectors of the $name, ${if (normalised) "row-normalised" else "raw"}, to 1e-10" {
                val (anchor, from, to) = window
                val centring = if (normalised) Centring.ROW_NORMALISED else Centring.FROM_START
                val (values, vectors) = singular(rows(anchor, from, to, normalised))
                val squares = values.map { it * it }
                val spectrum = Spectrum.of(path.from(anchor, from, to), centring)
                for (k in 0 until to - from) {
                    spectrum.eigenvalues()[k] shouldBe (squares[k] plusOrMinus 1e-10 * squares[0])
                }
                val direction = PathDirection.principal(path, anchor, from, to, centring).dense()
                val expected = DoubleArray(WEIGHTS) { vectors.get(it, 0) }
                val sign = if (dot(direction, expected) > 0) 1 else -1
                for (d in 0 until WEIGHTS) direction[d] shouldBe (sign * expected[d] plusOrMinus 1e-10)
            }
        }

        "two unit rows: PC1 is half of 1 + cos" {
            val cosine = path.get(1, 2) / sqrt(path.get(1, 1) * path.get(2, 2))
            Spectrum.of(path.prefix(3), Centring.ROW_NORMALISED).pc1Share() shouldBe
                ((1 + abs(cosine)) / 2 plusOrMinus 1e-12)
        }

        "a, r, share and speeds are those of the vectors" {
            val backbone = Backbone.of(path, Centring.ROW_NORMALISED)
            val v = backbone.direction().dense()
            var before = DoubleArray(WEIGHTS)
            var a = 0.0
            for (t in 1 until SNAPSHOTS) withClue("snapshot $t") {
                val x = DoubleArray(WEIGHTS) { walk[t][it].toDouble() - walk[0][it] }
                val along = dot(x, v)
                val rest = DoubleArray(WEIGHTS) { x[it] - along * v[it] }
                backbone.along()[t] shouldBe (along plusOrMinus 1e-9)
                backbone.across()[t] shouldBe (sqrt(dot(rest, rest)) plusOrMinus 1e-9)
                backbone.drift()[t] shouldBe (sqrt(dot(x, x)) plusOrMinus 1e-9)
                backbone.share()[t] shouldBe (along * along / dot(x, x) plusOrMinus 1e-9)
                backbone.speedAlong()[t] shouldBe (along - a plusOrMinus 1e-9)
                val turned = DoubleArray(WEIGHTS) { rest[it] - before[it] }
                backbone.speedAcross()[t] shouldBe (sqrt(dot(turned, turned)) plusOrMinus 1e-8)
                backbone.direction().cosine(t - 1, t) shouldBe
                    (backbone.speedAlong()[t] /
                        sqrt(
                            backbone.speedAlong()[t].let { it * it } + backbone.speedAcross()[t].let { it * it }
                        ) plusOrMinus 1e-9)
                before = rest
                a = along
            }
            (backbone.along().last() > 0) shouldBe true
            backbone.share()[0].isNaN() shouldBe true
            backbone.speedAlong()[0].isNaN() shouldBe true
        }

        "coherence: 1 of orthogonal increments, their number of equal ones" {
            val corner = Array(4) { t -> FloatArray(4) { if (it < t) 1f else 0f } }
            Backbone.coherence(gramOf(corner)).drop(1) shouldBe listOf(1.0, 1.0, 1.0)
            val straight = Array(4) { t -> FloatArray(4) { t.toFloat() } }
            Backbone.coherence(gramOf(straight)).drop(1) shouldBe listOf(1.0, 2.0, 3.0)
        }

        "cosines of directions of one path are those of the vectors, signed; of two paths there are none" {
            val early = PathDirection.principal(path, 0, 1, 6, Centring.ROW_NORMALISED)
            val late = PathDirection.principal(path, 5, 6, SNAPSHOTS, Centring.ROW_NORMALISED)
            early.cosine(late) shouldBe (dot(early.dense(), late.dense()) plusOrMinus 1e-9)
            late.cosine(late) shouldBe (1.0 plusOrMinus 1e-9)
            PathDirection.between(path, 4, 3).cosine(PathDirection.between(path, 3, 4)) shouldBe (-1.0 plusOrMinus 1e-9)
            Phases.at(path, 5).cosine() shouldBe (early.cosine(late) plusOrMinus 1e-12)
            shouldThrow<IllegalArgumentException> {
                early.cosine(PathDirection.principal(gramOf(walk), Centring.ROW_NORMALISED))
            }
        }

        "the three update alignments differ in the direction and in where they are noted" {
            val raw = PathDirection.principal(path, Centring.FROM_START).dense()
            val block = UpdateAlignment.ofBlock(path)
            block.map { it.step } shouldBe List(SNAPSHOTS - 1) { it + .5 }
            for (t in 1 until SNAPSHOTS) {
                block[t - 1].cosine shouldBe (dot(raw, update(t)) / sqrt(dot(update(t), update(t))) plusOrMinus 1e-9)
            }
            val trunk = UpdateAlignment.ofTrunk(path, 2)
            trunk.map { it.step } shouldBe List(SNAPSHOTS - 2) { it + 2.0 }
            val window = UpdateAlignment.ofWindow(path, 2, 8, 2, listOf(3L, 9L))
            window.map { it.step } shouldBe listOf(3.0, 9.0)
            val v = PathDirection.principal(path, 2, 3, 9, Centring.ROW_NORMALISED)
            window[1].cosine shouldBe (v.cosine(9, 11) plusOrMinus 1e-12)
        }

        "the trunk is the sum of its blocks, whatever their order" {
            val blocks =
                listOf("a" to 3L, "b" to 4L).map { (name, seed) ->
                    InitialDirection.of(ArrayTrajectory.of(name, randomWalk(5, 9, seed)), name)
                }
            val joined = Array(5) { t -> randomWalk(5, 9, 3)[t] + randomWalk(5, 9, 4)[t] }
            val whole = InitialDirection.of(ArrayTrajectory.of("trunk", joined), "trunk")
            for (order in listOf(blocks, blocks.reversed())) {
                val sum = InitialDirection.sum("trunk", order)
                sum.norm() shouldBe (whole.norm() plusOrMinus 1e-9)
                for (i in 0 until 5) {
                    sum.along()[i] shouldBe (whole.along()[i] plusOrMinus 1e-9)
                    for (j in 0 until 5) sum.path().get(i, j) shouldBe (whole.path().get(i, j) plusOrMinus 1e-9)
                }
                Backbone.of(sum.removed(), Centring.ROW_NORMALISED).along().last() shouldBe
                    (Backbone.of(whole.removed(), Centring.ROW_NORMALISED).along().last() plusOrMinus 1e-9)
            }
        }

        "a path that stands still has no backbone: undefined, never 0" {
            val still = gramOf(Array(4) { FloatArray(3) { 1f } })
            val backbone = Backbone.of(still, Centring.ROW_NORMALISED)
            backbone.along().all { it.isNaN() } shouldBe true
            backbone.share().all { it.isNaN() } shouldBe true
            Rotation.rolling(still, 0, 3).cosines().all { it.isNaN() } shouldBe true
            UpdateAlignment.ofBlock(still).all { it.cosine.isNaN() } shouldBe true
        }

        "a window that the cadence doesn't hit: what was found, and what to do" {
            val every200 = PublishedBackbone.walk().path()
            fun said(step: Long) = shouldThrow<UserError> { every200.at(step) }.message
            val remedy =
                ". Take snapshots at a cadence that hits it, or choose a window that begins and ends at snapshots"
            said(650) shouldBe
                "path of 'trunk': expected a snapshot of step 650, found none; the nearest are of steps 600 and 800$remedy"
            said(0) shouldBe "path of 'trunk': expected a snapshot of step 0, found none; the first is of step 1$remedy"
            said(20_000) shouldBe
                "path of 'trunk': expected a snapshot of step 20000, found none; the last is of step 10000$remedy"
            shouldThrow<UserError> { Phases.at(every200, 10_000) }.message shouldBe
                "path of 'trunk': expected phases with a displacement each, found them parted at step 10000, the path's last snapshot"
            shouldThrow<UserError> { UpdateAlignment.ofTrunk(every200, 150) }.message shouldBe
                "path of 'trunk': expected a snapshot of step 9850, found none; the nearest are of steps 9800 and 10000$remedy"
        }
    })
