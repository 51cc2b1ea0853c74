package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.Nightly
import holonomy.data.SafeTensors
import holonomy.data.Tensor
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import java.util.TreeMap
import kotlin.io.path.createDirectories
import kotlin.io.path.createDirectory
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.random.Random

/** `holonomy analyse` on what other programs save. */
class AnalyseOthersTest :
    FreeSpec({
        val root = tempdir().toPath()

        val holonomy = Commands(root)

        fun tensor(values: FloatArray) = Tensor.F32(longArrayOf(4, 6), values)

        /** A walk whose snapshot t is at place[t]; equal places are equal snapshots. */
        fun walk(seed: Int, places: List<Int>): List<FloatArray> {
            val random = Random(seed)
            val path = List(places.max() + 1) { FloatArray(24) { random.nextDouble(-1.0, 1.0).toFloat() } }
            return places.map { path[it] }
        }

        fun save(folder: Path, name: (Int) -> String, tensors: Map<String, List<FloatArray>>): Path {
            for (t in tensors.values.first().indices) {
                val file = folder.resolve(name(t))
                file.parent.createDirectories()
                SafeTensors.write(file, TreeMap(tensors.mapValues { tensor(it.value[t]) }), mapOf())
            }
            return folder
        }

        fun folder(name: String) = root.resolve("in/$name").createDirectories()

        val straight = (0..5).toList()

        val checkpoints by lazy {
            val steps = listOf(200, 400, 600, 1000, 1200, 1400)
            val given =
                save(
                    folder("checkpoints"),
                    { "checkpoint-${steps[it]}/model.safetensors" },
                    mapOf("module.h.0.w" to walk(1, straight), "module.h.1.w" to walk(2, straight)),
                )
            holonomy("analyse", "$given")
        }

        "folders of checkpoints: the first and the last with their steps" {
            val outcome = checkpoints
            outcome.code shouldBe 0
            outcome.out shouldStartWith
                "checkpoints: 6 snapshots, steps 200 to 1400, 2 matrices, 48 weights\n" +
                    "first checkpoint-200/model.safetensors, step 200; last checkpoint-1400/model.safetensors, step 1400\n\n"
            outcome.out shouldNotContain "warning"
            outcome.out shouldNotContain "left out"
            outcome.out shouldContain "\nh.0.w "
        }

        "equal snapshots are named in terminal, table and figures" {
            val places = listOf(0, 0, 1, 2, 3, 2)
            val given =
                save(
                    folder("equal"),
                    { "step${listOf(0, 1, 2, 64, 128, 1000)[it]}.safetensors" },
                    mapOf("h.0.w" to walk(1, places), "h.1.w" to walk(2, places)),
                )
            val outcome = holonomy("analyse", "$given")
            outcome.code shouldBe 0
            outcome.out shouldContain
                "warning: step 0 = step 1, step 64 = step 1000: the same matrices, byte for byte\n"
            val out = root.resolve("out/analyse/equal")
            out.resolve("snapshots.csv").readLines() shouldBe
                listOf("step,snapshot,same_as") +
                    listOf(
                        "0,step0.safetensors,",
                        "1,step1.safetensors,0",
                        "2,step2.safetensors,",
                        "64,step64.safetensors,",
                        "128,step128.safetensors,",
                        "1000,step1000.safetensors,64",
                    )
            val figures = listOf("rank-by-layer", "spectrum-over-steps", "cosine-to-final", "subspace-overlap")
            for (figure in figures) out.resolve("$figure.json").readText() shouldContain
                "warning: step 0 = step 1, step 64 = step 1000, byte for byte"
        }

        "steps below the spacing of the stored numbers" {
            val start = walk(1, listOf(0)).single().map { 1e4f * (1 + it) }
            fun line(length: Float) = List(6) { t -> FloatArray(24) { start[it] + t * length * (it - 12) } }
            val given = save(folder("rounded"), { "$it.safetensors" }, mapOf("w" to line(1e-5f), "v" to line(1f)))
            val outcome = holonomy("analyse", "$given", "--top", "1")
            outcome.out shouldContain
                "warning: steps fall below the spacing of the stored numbers in 1 of 2 matrices, so that their dimensions and " +
                    "lengths are those of rounding: w (F32, "
            outcome.out shouldContain "x spacing). Save a wider number type, or snapshots farther apart\n"
            root.resolve("out/analyse/rounded/cosine-to-final.json").readText() shouldContain
                "warning: steps below the spacing of the stored numbers in 1 of 2 matrices: rounding"
        }

        "a matrix that stands still: what is said of the others stays true" {
            val given =
                save(
                    folder("still"),
                    { "step-$it.safetensors" },
                    mapOf("h.0.w" to walk(1, straight), "h.1.w" to walk(2, List(6) { 0 })),
                )
            val outcome = holonomy("analyse", "$given")
            outcome.code shouldBe 0
            outcome.out shouldContain "warning: 1 of 2 matrices stands still, so that it has no path: h.1.w\n"
            outcome.out shouldContain "No two matrices of one shape that both move: no overlaps.\n"
            val out = root.resolve("out/analyse/still")
            out.resolve("cosine-to-final.json").readText() shouldContain
                "1 of 2 matrices stands still and is not drawn: h.1.w."
            // The mean over layers is that of the layer that moves.
            val json = ObjectMapper().readTree(out.resolve("analysis.json").toFile())
            val half = json["matrices"][0]["cosine half way"].doubleValue()
            out.resolve("cosine-to-final.csv").readText() shouldContain half.toString().take(8)
        }

        "what is left out is named, once" {
            val path = walk(1, straight)
            val given =
                save(
                    folder("left-out"),
                    { "step-$it.safetensors" },
                    mapOf("wte" to path, "h.0.w" to path, "h.1.w" to path),
                )
            val outcome = holonomy("analyse", "$given", "--matrices", "!wte*,!h.1.*")
            outcome.out shouldContain "1 matrix, 24 weights\n"
            outcome.out shouldContain "left out: wte [4 x 6]: excluded by '!wte*'\n"
            outcome.out shouldContain "left out: h.1.w [4 x 6]: excluded by '!h.1.*'\n"
            outcome.out shouldContain "No two matrices of one shape: no overlaps.\n"
            root.resolve("out/analyse/left-out/matrices.csv").readLines() shouldContain
                "wte,4 x 6,F32,excluded by '!wte*',,"
        }

        "the table of overlaps and the figure's data are two files" {
            checkpoints.code shouldBe 0
            val out = root.resolve("out/analyse/checkpoints")
            out.resolve("overlap.csv").readLines().first() shouldBe
                "shape,first,second,directions_1,directions_2,overlap,chance,low,high"
            out.resolve("subspace-overlap.csv").readLines().first() shouldStartWith "layer role,one,other,"
        }

        "a second analysis takes the place of the first, and of nothing else" {
            val target = root.resolve("twice")
            val named =
                save(folder("named"), { "$it.safetensors" }, mapOf("a" to walk(1, straight), "b" to walk(2, straight)))
            val layered = save(folder("layered"), { "$it.safetensors" }, mapOf("h.0.w" to walk(3, straight)))
            fun names() = target.listDirectoryEntries().map { it.name }
            holonomy("analyse", "$layered", "--out", "$target").code shouldBe 0
            val alone = names()
            holonomy("analyse", "$named", "--out", "$target").code shouldBe 0
            names() shouldContain "rank-by-matrix.svg"
            target.resolve("notes.csv").writeText("mine")
            target.resolve("rank-by-matrix.svg").writeText("drawn over by me")
            target.resolve("plots").createDirectory()
            holonomy("analyse", "$layered", "--out", "$target").code shouldBe 0
            names() shouldContainExactlyInAnyOrder alone + listOf("notes.csv", "rank-by-matrix.svg", "plots")
            target.resolve("notes.csv").readText() shouldBe "mine"
        }

        "a folder with somebody else's analysis.json is not written into" {
            val target = root.resolve("foreign").createDirectories()
            target.resolve("analysis.json").writeText("""{"files":{"analysis.json":""}}""")
            val given = save(folder("fine"), { "$it.safetensors" }, mapOf("h.0.w" to walk(3, straight)))
            val outcome = holonomy("analyse", "$given", "--out", "$target")
            outcome.code shouldBe 2
            outcome.err shouldContain
                "--out: $target/analysis.json is not the record of an earlier analysis, expected none or one; " +
                    "give another folder, or move it away"
            target.listDirectoryEntries().map { it.name } shouldBe listOf("analysis.json")
        }

        "long names of matrices break in the panels' titles" {
            val kinds =
                listOf("self_attention.query_key_value_projection.lora_A", "mlp.dense_4h_to_h_projection.lora_B") +
                    listOf("a", "b", "c")
            val given =
                save(
                    folder("long"),
                    { "$it.safetensors" },
                    kinds.withIndex().associate { (i, kind) -> "h.0.$kind" to walk(i, straight) },
                )
            holonomy("analyse", "$given").code shouldBe 0
            val svg = root.resolve("out/analyse/long/rank-by-layer.svg").readText()
            svg shouldContain Regex("self_attention\\.[^<]*</tspan><tspan x=\"0\" dy=\"1.1em\">[^<]+</tspan>")
            svg shouldNotContain "self_attention.query_key_value_projection"
            root.resolve("out/analyse/long/rank-by-layer.csv").readText() shouldContain kinds[0]
        }

        "the inputs of shared/cases, where they are"
            .config(tags = setOf(Nightly)) {
                val cases = Path.of("../../shared/cases/analyse").toAbsolutePath().normalize()
                val said =
                    mapOf(
                        "hf-trainer" to
                            "first checkpoint-200/model.safetensors, step 200; last checkpoint-1200/model.safetensors, step 1200",
                        "sharded" to "sharded: 4 snapshots, steps 0 to 300, 2 matrices",
                        "equal-snapshots" to
                            "warning: step 0 = step 1, step 64 = step 1000: the same matrices, byte for byte",
                        "loss-in-name" to
                            "first 000000-val_loss=2.50.safetensors, step 0; last 000400-val_loss=2.10.safetensors, step 400",
                        "rank-files" to "are 4 parts of one checkpoint",
                        "bf16-rounding" to
                            "warning: steps fall below the spacing of the stored numbers in 1 of 1 matrices",
                        "same-in-f32" to "layers.0.w  32x32    1",
                        "f8-e4m3" to "left out: q.weight [16 x 16]: holds F8_E4M3, not F64, F32, F16 or BF16",
                    )
                if (cases.isDirectory())
                    for ((case, words) in said) withClue(case) {
                        val outcome = holonomy("analyse", "${cases.resolve(case)}")
                        outcome.code shouldBe if (case == "rank-files") 2 else 0
                        outcome.out + outcome.err shouldContain words
                        outcome.out.contains("warning: ") shouldBe (case in setOf("equal-snapshots", "bf16-rounding"))
                    }
            }

        "its help teaches all this" {
            val help = holonomy("analyse", "--help").out
            for (words in
                listOf(
                    "checkpoint-100",
                    "adapter_model.safetensors",
                    "'!PATTERN'",
                    "hidden files",
                    "byte for byte",
                    "_orig_mod.",
                )) help shouldContain words
        }
    })
