package holonomy.analysis

import holonomy.data.SafeTensors
import holonomy.data.Tensor
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.geometry.Centring
import holonomy.geometry.InitialDirection
import holonomy.geometry.NoiseWalk
import holonomy.geometry.Spectrum
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import java.util.Optional
import java.util.TreeMap

internal fun f32(values: List<Double>, vararg shape: Long) =
    Tensor.F32(shape, FloatArray(values.size) { values[it].toFloat() })

internal fun write(folder: Path, name: String, vararg tensors: Pair<String, Tensor>): Path =
    Files.createDirectories(folder).resolve(name).also { SafeTensors.write(it, TreeMap(mapOf(*tensors)), mapOf()) }

/** A random walk of 24 weights, 6 snapshots of 10 steps. */
internal fun walk(seed: Long): List<List<Double>> {
    val random = Stream.of(seed, "walk").at(0)
    return List(6) { List(24) { random.nextGaussian() } }.runningReduce { a, b -> a.zip(b) { x, y -> x + y } }
}

internal fun mistake(folder: Path, vararg patterns: String) =
    shouldThrow<UserError> {
            FolderTrajectory.open(SnapshotFiles.`in`(folder), patterns.toList()).use {
                SnapshotAnalysis.of(it, SnapshotAnalysis.Question(2, 0.0, 0, 1))
            }
        }
        .message!!

class SnapshotAnalysisTest :
    FreeSpec({
        val one = walk(1)
        val two = walk(2)

        fun folder(): Path = tempdir().toPath()

        fun filled(): Path =
            folder().also { folder ->
                one.indices.forEach { t ->
                    write(
                        folder,
                        "step-${t * 10}.safetensors",
                        "a.0.x.weight" to f32(one[t], 4, 6),
                        "a.1.x.weight" to f32(two[t], 4, 6),
                    )
                }
            }

        fun analysed(folder: Path, vararg patterns: String) =
            FolderTrajectory.open(SnapshotFiles.`in`(folder), patterns.toList()).use {
                SnapshotAnalysis.of(it, SnapshotAnalysis.Question(2, 0.0, 0, 2))
            }

        "files are ordered by the number in their names, and vectors and whole numbers left out" {
            val folder = filled()
            write(
                folder,
                "step-100.safetensors",
                "a.0.x.weight" to f32(one[0], 4, 6),
                "a.1.x.weight" to f32(one[0], 4, 6),
                "b" to f32(one[0], 24),
                "n" to Tensor.I64(longArrayOf(2, 2), LongArray(4)),
            )
            val files = SnapshotFiles.`in`(folder)
            files.steps() shouldBe longArrayOf(0, 10, 20, 30, 40, 50, 100)
            FolderTrajectory.open(files, listOf()).use { it.blocks() shouldBe listOf("a.0.x.weight", "a.1.x.weight") }
        }

        "with the schedule, the backbone of each matrix and of all stands beside a walk that learns nothing" {
            val schedule = folder().resolve("rates.txt")
            Files.write(schedule, List(50) { "0.5" })
            val analysis =
                FolderTrajectory.open(SnapshotFiles.`in`(filled()), listOf()).use {
                    val walk = RateFile.walk(schedule, .01)
                    SnapshotAnalysis.of(it, SnapshotAnalysis.Question(2, 0.0, 0, 1, Optional.of(walk)))
                }
            val rows = analysis.backbone().rows()
            rows.map { it.text("block") }.distinct() shouldBe listOf("all matrices", "a.0.x.weight", "a.1.x.weight")
            rows.map { it.text("series") }.distinct() shouldBe listOf("measured", "noise walk")
            fun value(statistic: String, series: String) =
                rows
                    .single {
                        it.text("block") == "a.1.x.weight" &&
                            it.text("statistic") == statistic &&
                            it.text("series") == series
                    }
                    .number("value")
            val path =
                InitialDirection.of(
                    ArrayTrajectory.of("a.1.x.weight", Array(6) { t -> FloatArray(24) { two[t][it].toFloat() } }),
                    "a.1.x.weight",
                )
            value("PC1, row-normalised", "measured") shouldBe
                (Spectrum.of(path.path(), Centring.ROW_NORMALISED).pc1Share() plusOrMinus 1e-6)
            val walk = NoiseWalk.of(DoubleArray(50) { .5 }, .01).path("w", 24, path.norm(), LongArray(6) { 10L * it })
            value("PC1, row-normalised", "noise walk") shouldBe
                (Spectrum.of(walk.path(), Centring.ROW_NORMALISED).pc1Share() plusOrMinus 1e-9)
            value("kappa", "noise walk") shouldBe (1.0 plusOrMinus 1e-9)
            analysed(filled()).backbone().size() shouldBe 0
        }

        "a schedule that is no list of rates, or isn't there" {
            val schedule = folder().resolve("rates.txt")
            Files.write(schedule, listOf("0.5", "rate"))
            shouldThrow<UserError> { RateFile.walk(schedule, .01) }.message shouldBe
                "schedule $schedule, line 2: expected the learning rate of step 2, found 'rate'; write one number a line, without a heading"
            shouldThrow<UserError> { RateFile.walk(schedule.resolveSibling("none"), .01) }.message shouldBe
                "schedule ${schedule.resolveSibling("none")} cannot be read (NoSuchFileException); give a text file with the learning rate of each step on a line"
        }

        "a name tells layer and kind" {
            MatrixName.of("transformer.h.11.attn.c_proj.weight") shouldBe MatrixName(11, "attn.c_proj")
            MatrixName.of("lm_head.weight") shouldBe MatrixName(-1, "lm_head")
            MatrixName.of("layers.99999999999.w") shouldBe MatrixName(99_999_999_999, "w")
            MatrixName.of("layers.123456789012345678901234.w") shouldBe
                MatrixName(-1, "layers.123456789012345678901234.w")
        }

        "layers beyond any number, and names that look like layers" {
            val names =
                listOf(
                    "layers.2.w",
                    "layers.10.w",
                    "layers.99999999999.w",
                    "layers.123456789012345678901234.w",
                    "layers.x.w",
                )
            val folder = folder()
            one.indices.forEach { t ->
                write(folder, "step-$t.safetensors", *names.map { it to f32(one[t], 4, 6) }.toTypedArray())
            }
            val rows = analysed(folder).spectra().rows()
            rows.map { it.text("block") to (it.value("layer") to it.text("matrix")) }.distinct() shouldBe
                listOf(
                    names[0] to (2L to "w"),
                    names[1] to (10L to "w"),
                    names[2] to (99_999_999_999L to "w"),
                    names[3] to (-1L to names[3]),
                    names[4] to (-1L to names[4]),
                )
        }

        "one matrix at a time or all together, one thread or two: the same tables" {
            val folder = filled()
            val both = analysed(folder)
            analysed(folder, "*.1.?.weight")
                .spectra()
                .rows()
                .first { it.text("series") == "measured" }
                .number("value") shouldBe
                both
                    .spectra()
                    .rows()
                    .first { it.text("series") == "measured" && it.text("block") == "a.1.x.weight" }
                    .number("value")
            both.weights() shouldBe 48
            both.overlap().rows().map { it.text("first") to it.text("second") } shouldBe
                listOf(
                    "a.0.x.weight" to "a.0.x.weight",
                    "a.0.x.weight" to "a.1.x.weight",
                    "a.1.x.weight" to "a.1.x.weight",
                )
            both.overlap().rows()[0].number("overlap") shouldBe (1.0 plusOrMinus 1e-12)
            both.overlap().rows()[1].number("chance") shouldBe 2.0 / 24
        }

        "float64 snapshots far from zero keep the digits of a small step" {
            val near = folder()
            val far = folder()
            one.indices.forEach { t ->
                val step = one[t].map { it * 1e-6 }
                write(near, "$t.safetensors", "w" to Tensor.F64(longArrayOf(4, 6), step.toDoubleArray()))
                write(
                    far,
                    "$t.safetensors",
                    "w" to Tensor.F64(longArrayOf(4, 6), step.map { 1000 + it }.toDoubleArray()),
                )
            }
            val expected = analysed(near).spectra().rows().filter { it.text("series") == "measured" }
            analysed(far)
                .spectra()
                .rows()
                .filter { it.text("series") == "measured" }
                .forEachIndexed { i, row ->
                    row.number("value") shouldBe (expected[i].number("value") plusOrMinus 1e-5)
                }
        }

        "half-precision snapshots" {
            val folder = folder()
            one.indices.forEach { t ->
                val header = """{"w":{"dtype":"BF16","shape":[4,6],"data_offsets":[0,48]}}""".padEnd(64)
                val bytes =
                    ByteBuffer.allocate(8 + 64 + 48)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(64)
                        .put(header.toByteArray())
                one[t].forEach { bytes.putShort((it.toFloat().toRawBits() ushr 16).toShort()) }
                Files.write(folder.resolve("$t.safetensors"), bytes.array())
            }
            val rounded = folder()
            one.indices.forEach { t ->
                val cut = one[t].map { Float.fromBits(it.toFloat().toRawBits() and -0x10000).toDouble() }
                write(rounded, "$t.safetensors", "w" to f32(cut, 4, 6))
            }
            analysed(folder).spectra() shouldBe analysed(rounded).spectra()
        }

        "an exported run stands for its only trajectory" {
            val run = folder()
            one.indices.forEach {
                write(run.resolve("trajectory/attention-6"), "step-$it.safetensors", "w" to f32(one[it], 4, 6))
            }
            SnapshotFiles.`in`(run).folder() shouldBe run.resolve("trajectory/attention-6")
            Files.createDirectories(run.resolve("trajectory/mlp-6"))
            mistake(run) shouldBe
                "the run in $run has 2 trajectories, expected one; give one of them: $run/trajectory/attention-6, $run/trajectory/mlp-6"
        }

        "mistakes" -
            {
                val expected =
                    "expected one .safetensors file per snapshot, the step in its name (step-100.safetensors), " +
                        "or a folder each (checkpoint-100/model.safetensors)"
                "no such folder" {
                    mistake(Path.of("/no/such")) shouldBe
                        "no folder /no/such; $expected. " + "`holonomy analyse --help` shows how to make such a folder"
                }
                "too few" {
                    val folder = folder()
                    repeat(2) { write(folder, "step-$it.safetensors", "w" to f32(one[0], 4, 6)) }
                    mistake(folder) shouldBe
                        "snapshots in $folder: found 2; $expected, at least 3 of them: a path of fewer has no shape"
                }
                "no step" {
                    val folder = filled()
                    val file = write(folder, "final.safetensors", "w" to f32(one[0], 4, 6))
                    mistake(folder) shouldBe
                        "snapshot $file: no step in its name; expected one, for instance step-100.safetensors. Rename it, or take it out of the folder"
                }
                "two of one step" {
                    val folder = filled()
                    write(folder, "step-010.safetensors", "w" to f32(one[0], 4, 6))
                    mistake(folder) shouldBe
                        "snapshots in $folder: step-010.safetensors and step-10.safetensors are both of step 10; expected one snapshot per step " +
                            "(a model in several files needs a folder of its own, with their index). Remove or rename one"
                }
                "truncated" {
                    val folder = filled()
                    val file = folder.resolve("step-20.safetensors")
                    Files.write(file, Files.readAllBytes(file).let { it.copyOf(it.size - 5) })
                    mistake(folder) shouldBe
                        "safetensors file $file is damaged or not of this format: expected 192 bytes of data, found 187 bytes. " +
                            "Save that step again, or take the file out of the folder"
                }
                "a matrix is missing" {
                    val folder = filled()
                    val file = write(folder, "step-20.safetensors", "a.0.x.weight" to f32(one[0], 4, 6))
                    mistake(folder) shouldBe
                        "snapshot $file has no matrix 'a.1.x.weight', which other snapshots have; expected the same matrices in every snapshot. " +
                            "Save it again, or exclude the matrix with --matrices '!a.1.x.weight'"
                }
                "a matrix has another shape or type" {
                    val folder = filled()
                    val odd = "a.1.x.weight" to f32(one[0], 4, 6)
                    val file = write(folder, "step-20.safetensors", "a.0.x.weight" to f32(one[0], 6, 4), odd)
                    mistake(folder, "*.x.*") shouldBe
                        "snapshot $file: matrix 'a.0.x.weight' is 6 x 4, expected 4 x 6 as in step-0.safetensors. " +
                            "Snapshots of one training have one shape: take the odd ones out of the folder"
                    write(
                        folder,
                        "step-20.safetensors",
                        "a.0.x.weight" to Tensor.F64(longArrayOf(4, 6), DoubleArray(24)),
                        odd,
                    )
                    mistake(folder) shouldBe
                        "snapshot $file: matrix 'a.0.x.weight' holds F64, expected F32 as in step-0.safetensors. " +
                            "Save all snapshots in one number type: rounding would look like a step"
                }
                "nothing matches" {
                    val folder = filled()
                    mistake(folder, "*.c_attn") shouldBe
                        "snapshots in $folder: no floating-point tensor whose name matches '*.c_attn'; found a.0.x.weight, a.1.x.weight. " +
                            "Choose with --matrices, * stands for any text, ! excludes"
                }
                "a value that is not finite" {
                    val folder = filled()
                    val bad = one[3].toMutableList().also { it[9] = Double.NaN }
                    val file =
                        write(
                            folder,
                            "step-30.safetensors",
                            "a.0.x.weight" to f32(bad, 4, 6),
                            "a.1.x.weight" to f32(two[3], 4, 6),
                        )
                    mistake(folder) shouldStartWith
                        "snapshot $file: matrix 'a.0.x.weight' [1, 3] is NaN, expected a finite number."
                    mistake(folder) shouldEndWith "or choose other matrices with --matrices"
                    write(
                        folder,
                        "step-0.safetensors",
                        "a.0.x.weight" to f32(bad, 4, 6),
                        "a.1.x.weight" to f32(two[3], 4, 6),
                    )
                    mistake(folder) shouldStartWith
                        "snapshot $folder/step-0.safetensors: matrix 'a.0.x.weight' [1, 3] is NaN"
                }
                "nothing moves" {
                    val folder = folder()
                    repeat(4) { write(folder, "step-$it.safetensors", "w" to f32(one[0], 4, 6)) }
                    mistake(folder) shouldBe
                        "snapshots in $folder: all 4 hold the same matrices, bit for bit; expected weights that move. " +
                            "Were they saved from the model that is trained?"
                }
                "too many directions" {
                    FolderTrajectory.open(SnapshotFiles.`in`(filled()), listOf()).use { path ->
                        shouldThrow<UserError> { SnapshotAnalysis.of(path, SnapshotAnalysis.Question(6, 0.0, 0, 1)) }
                            .message shouldBe
                            "top 6 directions need at least 7 snapshots, found 6; ask for fewer with --top"
                    }
                }
            }
    })
