package holonomy.analysis

import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.writeText

/** Which files are snapshots, and of which step. */
class SnapshotFilesTest :
    FreeSpec({
        val weights = walk(1)

        fun folder(): Path = tempdir().toPath()

        fun Path.holding(vararg names: String) = also {
            names.forEachIndexed { i, name ->
                write(resolve(name).parent, resolve(name).fileName.toString(), "w" to f32(weights[i % 6], 4, 6))
            }
        }

        fun steps(vararg names: String) = StepNames.of(Path.of("f"), names.toList())

        "a step is" -
            {
                "the number behind the word, 'step' before 'iter', 'checkpoint' or 'update'" {
                    for ((name, step) in
                        mapOf(
                            "epoch3_step_1200_rank0" to 1200L,
                            "gpt2-checkpoint-500" to 500,
                            "global_step1000" to 1000,
                            "epoch=3-step=1200-val_loss=2.40" to 1200,
                            "stage1-step10000-tokens21B" to 10_000,
                            "iter_0000100" to 100,
                            "model_it7" to 7,
                            "ckpt-000040-7b" to 40,
                            "step-10k" to 10_000,
                            "Step 2M" to 2_000_000,
                        )) steps(name) shouldBe mapOf(name to step)
                }
                "the only number that stands free" {
                    steps("000100-val_loss=2.40", "000000-val_loss=2.50") shouldBe
                        mapOf("000100-val_loss=2.40" to 100L, "000000-val_loss=2.50" to 0L)
                    for (name in
                        listOf(
                            "100",
                            "w100",
                            "100-loss=2",
                            "100-lr=1e-4",
                            "100_ppl_12.5",
                            "100-7b",
                            "100-.5",
                            "1.5b-100",
                        )) steps(name) shouldBe mapOf(name to 100L)
                }
                "of several free ones that which differs" {
                    steps("gpt-2-100-seed-1", "gpt-2-200-seed-1") shouldBe
                        mapOf("gpt-2-100-seed-1" to 100L, "gpt-2-200-seed-1" to 200L)
                }
                "the epoch, if there is nothing else" {
                    steps("epoch=3-val_loss=2.40", "epoch_4") shouldBe
                        mapOf("epoch=3-val_loss=2.40" to 3L, "epoch_4" to 4L)
                    steps("epoch-1-000500", "epoch-2-001000").values.toSet() shouldBe setOf(500L, 1000L)
                }
                "never a fraction's digits, a named quantity or a size" {
                    for (name in
                        listOf("loss=2.40", "val_loss=2", "lr-1e-4", "step-0.5", "0.25", "llama-7b", "final")) steps(
                            name
                        )
                        .shouldBeEmpty()
                }
                "not guessed" {
                    val folder = folder().holding("100-2.safetensors", "200-1.safetensors", "300-0.safetensors")
                    mistake(folder) shouldBe
                        "snapshots in $folder: which number in '100-2' is the step, 100 or 2? Expected the word 'step' before it, " +
                            "for instance step-100.safetensors. Rename them, or take them out of the folder"
                }
                "below 2^63" {
                    for (name in listOf("step-99999999999999999999", "step-9999999999999999k")) {
                        val folder = folder().holding("$name.safetensors", "step-1.safetensors", "step-2.safetensors")
                        mistake(folder) shouldStartWith
                            "snapshot '$name' in $folder: ${name.drop(5)} is too large a step; expected one below 2^63"
                    }
                }
            }

        "losses in names: the steps, in their order" {
            val names = (0..4).map { "000${it}00-val_loss=2.${50 - 10 * it}.safetensors" }
            val files = SnapshotFiles.`in`(folder().holding(*names.reversed().toTypedArray()))
            files.steps() shouldBe longArrayOf(0, 100, 200, 300, 400)
            files.names() shouldBe names
        }

        "folders of checkpoints, in number order; what lies beside them is named" {
            val names = listOf(200, 400, 600, 1000, 1200).map { "checkpoint-$it/model.safetensors" }
            val folder = folder().holding(*names.toTypedArray(), "model.safetensors", "best/model.safetensors")
            folder.resolve("checkpoint-200/trainer_state.json").writeText("{}")
            folder.resolve("logs-3").createDirectories()
            val files = SnapshotFiles.`in`(folder)
            files.steps() shouldBe longArrayOf(200, 400, 600, 1000, 1200)
            files.names() shouldBe names
            files.leftOut() shouldBe
                listOf("model.safetensors (beside folders of snapshots)", "best (no step in its name)")
        }

        "files of snapshots with a folder beside them" {
            val folder = folder().holding("1.safetensors", "2.safetensors", "3.safetensors", "old-9/model.safetensors")
            SnapshotFiles.`in`(folder).leftOut() shouldBe listOf("old-9 (a folder beside files of snapshots)")
        }

        "hidden files and folders are not seen" {
            val folder = folder().holding("step-1.safetensors", "step-2.safetensors", "step-3.safetensors")
            Files.write(folder.resolve("._step-1.safetensors"), byteArrayOf(0, 5, 22, 7))
            Files.write(folder.resolve(".DS_Store"), byteArrayOf(0))
            folder.holding(".cache/checkpoint-4/model.safetensors", ".step-5/model.safetensors")
            FolderTrajectory.open(SnapshotFiles.`in`(folder), listOf()).use {
                it.steps() shouldBe longArrayOf(1, 2, 3)
                it.files().leftOut() shouldBe listOf()
            }
        }

        "an adapter, or the model before it" {
            val folder = folder()
            for (step in listOf(8, 9, 10)) folder.holding("checkpoint-$step/adapter_model.safetensors")
            folder.holding("checkpoint-9/model.safetensors", "checkpoint-10/optimizer.safetensors")
            SnapshotFiles.`in`(folder).names() shouldBe
                listOf(
                    "checkpoint-8/adapter_model.safetensors",
                    "checkpoint-9/model.safetensors",
                    "checkpoint-10/adapter_model.safetensors",
                )
        }

        "parts with an index" -
            {
                fun sharded() =
                    folder().also { folder ->
                        for (step in listOf(0, 100, 200, 300)) {
                            val checkpoint = folder.resolve("checkpoint-$step")
                            val values = weights[step / 100]
                            write(checkpoint, "model-00001-of-00002.safetensors", "h.0.w" to f32(values, 4, 6))
                            write(
                                checkpoint,
                                "model-00002-of-00002.safetensors",
                                "h.1.w" to f32(values, 6, 4),
                                "unlisted" to f32(values, 6, 4),
                            )
                            checkpoint
                                .resolve("model.safetensors.index.json")
                                .writeText(
                                    """{"weight_map":{"h.0.w":"model-00001-of-00002.safetensors","h.1.w":"model-00002-of-00002.safetensors"}}"""
                                )
                        }
                    }

                "are one snapshot" {
                    FolderTrajectory.open(SnapshotFiles.`in`(sharded()), listOf()).use {
                        it.steps() shouldBe longArrayOf(0, 100, 200, 300)
                        it.blocks() shouldBe listOf("h.0.w", "h.1.w")
                        it.shape("h.1.w") shouldBe longArrayOf(6, 4)
                        it.files().names().first() shouldBe "checkpoint-0 (2 files)"
                        val read = FloatArray(24)
                        it.read(2, "h.1.w", 0, read, 24)
                        read.toList() shouldBe weights[2].map(Double::toFloat)
                    }
                }
                "an index that names what isn't there" {
                    val folder = sharded()
                    val checkpoint = folder.resolve("checkpoint-100")
                    val index = checkpoint.resolve("model.safetensors.index.json")
                    checkpoint.resolve("model-00002-of-00002.safetensors").deleteExisting()
                    mistake(folder) shouldBe
                        "snapshot $checkpoint: model.safetensors.index.json says that 'h.1.w' is in 'model-00002-of-00002.safetensors', " +
                            "expected a file in this folder, found none. Save that step again, or take it out of the folder"
                    index.writeText("""{"weight_map":{"h.0.w":"../checkpoint-0/model-00001-of-00002.safetensors"}}""")
                    mistake(folder) shouldStartWith
                        "snapshot $checkpoint: model.safetensors.index.json says that 'h.0.w' is in '../"
                    index.writeText("""{"weight_map":{"h.7.w":"model-00001-of-00002.safetensors"}}""")
                    mistake(folder) shouldStartWith
                        "snapshot $checkpoint/model-00001-of-00002.safetensors has no tensor 'h.7.w', which the index says is in it."
                }
                "a damaged index" {
                    val folder = sharded()
                    val index = folder.resolve("checkpoint-100/model.safetensors.index.json")
                    for ((content, found) in
                        listOf(
                            "{}" to "none",
                            """{"weight_map":[1]}""" to "array",
                            """{"weight_map":{}}""" to "object",
                        )) {
                        index.writeText(content)
                        mistake(folder) shouldBe
                            "index $index is damaged: expected a JSON object with 'weight_map' from tensors to files, " +
                                "found $found. Save that step again, or take it out of the folder"
                    }
                    index.writeText("{\"weight_map\":")
                    mistake(folder) shouldStartWith "index $index is damaged: expected a JSON object"
                }
                "without one they are refused" {
                    val folder = sharded()
                    val checkpoint = folder.resolve("checkpoint-100")
                    checkpoint.resolve("model.safetensors.index.json").deleteExisting()
                    mistake(folder) shouldStartWith
                        "snapshots in $checkpoint: model-00001-of-00002.safetensors, model-00002-of-00002.safetensors are 2 parts of one checkpoint"
                }
            }

        "parts of one checkpoint are no path" {
            val ranks = folder().holding(*(0..3).map { "consolidated.0$it.safetensors" }.toTypedArray())
            mistake(ranks) shouldBe
                "snapshots in $ranks: consolidated.00.safetensors, consolidated.01.safetensors, consolidated.02.safetensors, " +
                    "consolidated.03.safetensors are 4 parts of one checkpoint, not steps of a path; expected one whole model per step. " +
                    "Save each step as one file (step-100.safetensors), or put its parts with their model.safetensors.index.json " +
                    "into a folder of its own (checkpoint-100)"
            for (name in
                listOf("mp_rank_0%d", "model-0000%d-of-00003", "rank%d", "model_part-%d", "shard.%d", "tp_rank_0%d")) {
                val folder = folder().holding(*(1..3).map { "${name.format(it)}.safetensors" }.toTypedArray())
                mistake(folder) shouldStartWith "snapshots in $folder: ${name.format(1)}.safetensors, "
                mistake(folder) shouldEndWith "into a folder of its own (checkpoint-100)"
            }
        }

        "a rank behind a step is no part, nor is the only part" {
            for (name in listOf("%d00-rank0", "gpt-2-%d00-rank0", "checkpoint-%d00/model-00001-of-00001")) {
                val folder = folder().holding(*(1..3).map { "${name.format(it)}.safetensors" }.toTypedArray())
                SnapshotFiles.`in`(folder).steps() shouldBe longArrayOf(100, 200, 300)
            }
        }

        "one part alone in a checkpoint's folder is refused" {
            for (name in listOf("model-00001-of-00002", "mp_rank_00")) {
                val folder = folder().holding(*(1..3).map { "checkpoint-$it/$name.safetensors" }.toTypedArray())
                mistake(folder) shouldStartWith
                    "snapshots in $folder/checkpoint-1: $name.safetensors is a part of one checkpoint, not steps of a path"
            }
        }

        "several files in a checkpoint, none of them the model" {
            val folder = folder()
            for (step in 1..3) folder.holding("checkpoint-$step/a.safetensors", "checkpoint-$step/b.safetensors")
            mistake(folder) shouldBe
                "snapshot $folder/checkpoint-1: no index and 2 files (a.safetensors, b.safetensors); expected one of them, " +
                    "or parts with one model.safetensors.index.json. Leave only the files of the model in the folder"
        }
    })
