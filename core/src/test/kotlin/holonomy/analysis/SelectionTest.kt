package holonomy.analysis

import holonomy.data.SafeTensors
import holonomy.data.Tensor
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import java.util.TreeMap

/** Which tensors are analysed, and what is said of the others. */
class SelectionTest :
    FreeSpec({
        val weights = walk(3)

        fun folder(vararg tensors: (Int) -> Pair<String, Tensor>): Path =
            tempdir().toPath().also { folder ->
                repeat(4) { t ->
                    val named = TreeMap(tensors.associate { it(t) })
                    SafeTensors.write(folder.resolve("step-$t.safetensors"), named, mapOf())
                }
            }

        fun matrix(name: String) = { t: Int -> name to f32(weights[t], 4, 6) }

        fun <T> opened(folder: Path, vararg patterns: String, use: (FolderTrajectory) -> T): T =
            FolderTrajectory.open(SnapshotFiles.`in`(folder), patterns.toList()).use(use)

        fun blocks(folder: Path, vararg patterns: String) = opened(folder, *patterns) { it.blocks() }

        fun reasons(folder: Path, vararg patterns: String) =
            opened(folder, *patterns) { path -> path.leftOut().associate { it.name() to it.reason() } }

        "every tensor left out has its reason" {
            val mixed =
                folder(
                    matrix("h.0.w"),
                    matrix("wte"),
                    { "bias" to f32(weights[it], 24) },
                    { "row" to f32(weights[it], 1, 24) },
                    { "ids" to Tensor.I64(longArrayOf(2, 2), LongArray(4)) },
                    { "head" to if (it == 2) f32(weights[it], 6, 4) else f32(weights[it], 4, 6) },
                )
            val vector = "no matrix: fewer than two axes of more than one entry"
            blocks(mixed, "!wte*") shouldBe listOf("h.0.w")
            reasons(mixed, "!wte*") shouldBe
                mapOf(
                    "bias" to vector,
                    "head" to "changes shape: 4 x 6 in step-0.safetensors, 6 x 4 in step-2.safetensors",
                    "ids" to "holds I64, not F64, F32, F16 or BF16",
                    "row" to vector,
                    "wte" to "excluded by '!wte*'",
                )
            reasons(mixed, "h.*", "bias").filterKeys { it == "wte" || it == "bias" } shouldBe
                mapOf("wte" to "does not match 'h.*,bias'")
        }

        "numbers of types that are not read, known or not, are stepped over" {
            val folder = tempdir().toPath()
            weights.forEachIndexed { t, values ->
                val header =
                    """{"a":{"dtype":"F8_E4M3","shape":[4,6],"data_offsets":[0,24]},"b":{"dtype":"F4","shape":[2,3],"data_offsets":[24,27]},""" +
                        """"c":{"dtype":"FUTURE9","shape":[],"data_offsets":[27,28]},"w":{"dtype":"F32","shape":[4,6],"data_offsets":[28,124]}}"""
                val bytes =
                    ByteBuffer.allocate(8 + header.length + 124)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length.toLong())
                        .put(header.toByteArray())
                        .put(ByteArray(28))
                values.forEach { bytes.putFloat(it.toFloat()) }
                Files.write(folder.resolve("step-$t.safetensors"), bytes.array())
            }
            blocks(folder) shouldBe listOf("w")
            opened(folder) { path -> path.leftOut().map { it.type() to it.shape() } } shouldBe
                listOf("F8_E4M3" to "4 x 6", "F4" to "2 x 3", "FUTURE9" to "")
            reasons(folder)["b"] shouldBe "holds F4, not F64, F32, F16 or BF16"
            mistake(folder, "b") shouldBe
                "snapshots in $folder: no floating-point tensor whose name matches 'b'; found a, b, c, w. " +
                    "Choose with --matrices, * stands for any text, ! excludes"
        }

        "patterns choose and exclude" {
            val many =
                folder(matrix("h.0.attn"), matrix("h.0.mlp"), matrix("h.1.attn"), { "b" to f32(weights[it], 24) })
            blocks(many, "*.attn") shouldBe listOf("h.0.attn", "h.1.attn")
            blocks(many, "*.attn", "!h.1*") shouldBe listOf("h.0.attn")
            blocks(many, "!*.attn") shouldBe listOf("h.0.mlp")
            blocks(many, "b", "h.?.mlp") shouldBe listOf("b", "h.0.mlp")
            mistake(many, "!h*") shouldBe
                "snapshots in $many: no floating-point matrix of one shape (two axes of more than one entry) that is not excluded; " +
                    "found b, h.0.attn, h.0.mlp, h.1.attn. Choose with --matrices, * stands for any text, ! excludes"
        }

        "numbers in names sort as numbers, wherever they stand and however long" {
            val names =
                listOf("h.2.e.2.w", "h.2.e.10.w", "h.10.e.1.w", "h.100000000000000000000.e.1.w", "w2", "w02", "w10")
            blocks(folder(*names.shuffled(kotlin.random.Random(1)).map(::matrix).toTypedArray())) shouldBe
                listOf("h.2.e.2.w", "h.2.e.10.w", "h.10.e.1.w", "h.100000000000000000000.e.1.w", "w02", "w2", "w10")
        }

        "prefixes of wrappers are dropped, unless two names would be one" {
            blocks(folder(matrix("module.h.0.w"), matrix("module._orig_mod.h.1.w"))) shouldBe listOf("h.0.w", "h.1.w")
            blocks(folder(matrix("base_model.model.layers.0.lora_A.weight"))) shouldBe listOf("layers.0.lora_A.weight")
            blocks(folder(matrix("h.0._orig_mod.attn.w"), matrix("_fsdp_wrapped_module.h.0.w"))) shouldBe
                listOf("h.0.attn.w", "h.0.w")
            blocks(folder(matrix("module.w"), matrix("w"), matrix("module.v"))) shouldBe listOf("module.w", "v", "w")
            blocks(folder(matrix("submodule.w"), matrix("model.v"))) shouldBe listOf("model.v", "submodule.w")
            val from = folder({ t -> (if (t < 2) "module.w" else "_orig_mod.w") to f32(weights[t], 4, 6) })
            blocks(from) shouldBe listOf("w")
            blocks(from, "w") shouldBe listOf("w")
        }
    })
