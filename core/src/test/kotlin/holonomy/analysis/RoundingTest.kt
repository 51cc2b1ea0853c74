package holonomy.analysis

import holonomy.data.Dtype
import holonomy.data.SafeTensors
import holonomy.data.Tensor
import holonomy.task.Stream
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import java.util.TreeMap
import kotlin.math.sqrt

private const val SIDE = 32L
private const val SIZE = 1024

/** The nearest BF16 number, ties away from zero: exact enough for a walk. */
private fun bf16(x: Double) = ((x.toFloat().toRawBits() + 0x8000) ushr 16).toShort()

/** What the spacing of stored numbers does to a path, and which snapshots are the same. */
class RoundingTest :
    FreeSpec({
        val random = Stream.of(5, "rounding").at(0)
        val start = List(SIZE) { 1.5 * random.nextGaussian() }
        val direction = List(SIZE) { random.nextGaussian() }

        /** 12 snapshots of a straight line, [length] of root mean square per step. */
        fun line(scale: Double, length: Double, moving: Int = SIZE) =
            List(12) { t -> List(SIZE) { d -> scale * start[d] + if (d < moving) t * length * direction[d] else 0.0 } }

        fun stored(type: String, path: List<List<Double>>): Path {
            val folder = tempdir().toPath()
            path.forEachIndexed { t, values ->
                val width = if (type == "BF16") 2 else 4
                val header =
                    """{"w":{"dtype":"$type","shape":[$SIDE,$SIDE],"data_offsets":[0,${SIZE * width}]}}""".padEnd(72)
                val bytes = ByteBuffer.allocate(80 + SIZE * width).order(ByteOrder.LITTLE_ENDIAN)
                bytes.putLong(72).put(header.toByteArray())
                values.forEach { if (width == 2) bytes.putShort(bf16(it)) else bytes.putFloat(it.toFloat()) }
                Files.write(folder.resolve("step-$t.safetensors"), bytes.array())
            }
            return folder
        }

        fun analysed(folder: Path) =
            FolderTrajectory.open(SnapshotFiles.`in`(folder), listOf()).use {
                SnapshotAnalysis.of(it, SnapshotAnalysis.Question(2, 0.0, 0, 1))
            }

        fun ratio(folder: Path) = analysed(folder).matrices().rows().single().number("steps_over_spacing")

        fun r90(folder: Path) =
            analysed(folder)
                .spectra()
                .rows()
                .last {
                    it.text("statistic") == "r90 interpolated" &&
                        it.text("series") == "measured" &&
                        it.text("centring") == "centred"
                }
                .number("value")

        val limit = SnapshotAnalysis.ROUNDING_LARGER_THAN_STEPS

        "a straight line in steps far below the spacing gets dimensions from rounding, and the ratio says so" {
            val fine = stored("F32", line(1.0, 2e-4))
            val coarse = stored("BF16", line(1.0, 2e-4))
            r90(fine) shouldBe (0.9 plusOrMinus 1e-4)
            r90(coarse) shouldBeGreaterThan 4.0
            ratio(fine) shouldBeGreaterThan 100.0
            ratio(coarse) shouldBeLessThan limit
        }

        "the same steps of smaller weights, or longer steps, are no rounding" {
            ratio(stored("BF16", line(1e-3, 2e-4))) shouldBeGreaterThan limit
            ratio(stored("BF16", line(1.0, 0.05))) shouldBeGreaterThan limit
        }

        "float32 of big weights rounds as well" {
            ratio(stored("F32", line(1e4, 1e-4))) shouldBeLessThan limit
            ratio(stored("F32", line(1e4, 0.1))) shouldBeGreaterThan limit
        }

        "weights that never move say nothing" {
            ratio(stored("BF16", line(1.0, 0.05, moving = 64))) shouldBeGreaterThan limit
            ratio(stored("BF16", line(1.0, 2e-4, moving = 64))) shouldBeLessThan limit
        }

        "steps of one length s: r^2 is s / u below the spacing u" {
            // In [1, 2) the spacing of BF16 is 2^-7; places uniform between two stored numbers.
            for (share in listOf(0.25, 0.4, 0.75)) {
                val u = 1 / 128.0
                val path = List(12) { t -> List(SIZE) { d -> 1.25 + (d + 0.5) / SIZE * u + t * share * u } }
                ratio(stored("BF16", path)) shouldBe (sqrt(share) plusOrMinus 0.01)
            }
        }

        "the spacing of each type" {
            Rounding.spacing(Dtype.F32, 1.5) shouldBe Math.ulp(1.5f).toDouble()
            Rounding.spacing(Dtype.F32, 0.0) shouldBe java.lang.Float.MIN_VALUE.toDouble()
            Rounding.spacing(Dtype.F64, 1e6) shouldBe Math.ulp(1e6)
            Rounding.spacing(Dtype.BF16, 3.0) shouldBe 1 / 64.0
            Rounding.spacing(Dtype.F16, 1.0) shouldBe 1 / 1024.0
            Rounding.spacing(Dtype.F16, 1e-9) shouldBe 1.0 / (1 shl 24)
        }

        "a matrix longer than what is looked at gives nearly the ratio of the whole" {
            val folder = tempdir().toPath()
            val long = 600_000
            repeat(3) { t ->
                val values = FloatArray(long) { d -> 1f + (d % 100) / 128f + t * 3 * Math.ulp(1f) }
                SafeTensors.write(
                    folder.resolve("step-$t.safetensors"),
                    TreeMap(mapOf<String, Tensor>("w" to Tensor.F32(longArrayOf(long / 2L, 2), values))),
                    mapOf(),
                )
            }
            ratio(folder) shouldBe (3.0 plusOrMinus 1e-9)
        }

        "equal snapshots are found, bit for bit, also where a matrix stands still" {
            val walk = walk(7)
            val at = listOf(0, 0, 1, 2, 3, 2, 2)
            val folder = tempdir().toPath()
            at.forEachIndexed { t, place ->
                val nearly =
                    walk[2].mapIndexed { d, x -> if (t == 6 && d == 5) Math.nextUp(x.toFloat()).toDouble() else x }
                val moving = f32(if (place == 2) nearly else walk[place], 4, 6)
                write(folder, "step-$t.safetensors", "moving" to moving, "still" to f32(walk[0], 4, 6))
            }
            val found = analysed(folder)
            found.snapshots().rows().map { it.value("step") to it.value("same_as") } shouldBe
                listOf(0L to null, 1L to 0L, 2L to null, 3L to null, 4L to null, 5L to 3L, 6L to null)
            found.snapshots().rows()[5].text("snapshot") shouldBe "step-5.safetensors"
            found.matrices().rows().map { it.text("matrix") to it.value("distinct_snapshots") } shouldBe
                listOf("moving" to 5L, "still" to 1L)
        }
    })
