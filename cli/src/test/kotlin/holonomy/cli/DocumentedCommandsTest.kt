package holonomy.cli

import holonomy.Nightly
import holonomy.data.SafeTensors
import holonomy.data.Tensor
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import holonomy.laboratory.scriptName
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.io.File
import java.util.TreeMap
import kotlin.random.Random

/**
 * What README and `docs/` have the reader type is carried out, in a checkout of its own, and ends as they say: trained
 * in miniature where it takes a minute, else checked by `--dry-run`, which does all but the training.
 */
class DocumentedCommandsTest :
    FreeSpec({
        tags(Nightly)

        val root = File(System.getProperty("holonomy.root"))
        val pages = Calls.pages(root).map { it.relativeTo(root).invariantSeparatorsPath to it.readText() }
        val calls = pages.flatMap { (page, text) -> Calls.of(page, text) }.groupBy { it.words }
        val checkout = tempdir()
        val holonomy = Commands(checkout.toPath(), Laboratory()::execute)

        /** Experiments of the true checkout by name; all of them are carried out by ExperimentScriptsTest. */
        val others =
            Home(root.toPath()).experimentScripts().filter { it.scriptName != TRAINED }.associateBy { it.scriptName }

        fun written(name: String) = File(checkout, name).apply { parentFile.mkdirs() }

        beforeSpec {
            listOf("scripts", "docs/cookbook", "figures/$TRAINED", "experiments/$TRAINED.main.kts").forEach {
                File(root, it).copyRecursively(File(checkout, it))
            }
            written(".holonomy/local-cluster/master").writeText("spark://host:7077")
            val readme = File(root, "README.md").readText()
            val script = Regex("```kotlin\n(#!.*?)```", RegexOption.DOT_MATCHES_ALL).find(readme)!!.groupValues[1]
            written("experiments/width.main.kts").writeText(script)
            written("schedule.txt").writeText("1e-3\n".repeat(400))
            val path = Random(1).let { random -> List(6) { FloatArray(24) { random.nextFloat() } } }
            path.forEachIndexed { t, values ->
                val tensors = TreeMap(mapOf("h.0.attn.w" to Tensor.F32(longArrayOf(4, 6), values)))
                for (file in
                    listOf(
                        "snapshots/step-$t.safetensors",
                        "checkpoints/checkpoint-${80 * t}/model.safetensors",
                    )) SafeTensors.write(written(file).toPath(), tensors, mapOf())
            }
        }

        /** A run that the reader has trained. */
        val run by lazy {
            holonomy("run", "width", *MINIATURE).code shouldBe ExitCode.DONE
            File(checkout, "runs").list()!!.first { Regex("[0-9a-f]{64}").matches(it) }
        }

        /** What a word that stands for the reader's own is here; paths begin at the checkout. */
        fun meant(word: String): String =
            when {
                word == "ID" -> run
                word == "DIR" -> tempdir().path
                word == "X" -> TRAINED
                word == "SELECT ..." ->
                    "SELECT seed, max(a.accuracy) FROM accuracy a JOIN runs ON a.run = runs.id GROUP BY seed"
                word == "/shared/runs" -> "$checkout/runs"
                File(checkout, word).exists() -> File(checkout, word).path
                else -> word
            }

        /** As it is carried out here. */
        fun carriedOut(words: List<String>): List<String> {
            val (command, rest) = words.first() to words.drop(1)
            val given = listOf(command) + rest.map(::meant)
            val small = if (rest.any(others::containsKey)) arrayOf("--set", "batch=4") else MINIATURE
            val longer = rest.any { it in setOf("--on", "--profile") || it in others } && "--dry-run" !in rest
            return when {
                command !in setOf("run", "figures") || "--published" in rest -> given
                longer -> given + small + "--dry-run"
                else -> given + small
            }
        }

        for ((words, places) in calls) {
            if (words in NOT_RUN || "cuda" in words) continue // which needs a GPU
            "${places.joinToString { "${it.page}:${it.line}" }}: ./holonomy ${words.joinToString(" ")}" {
                val carried = carriedOut(words)
                // Only while they are named: `figures` without names is of all experiments.
                val named = words.mapNotNull(others::get).map { it to written(it.toRelativeString(root)) }
                named.forEach { (there, here) -> there.copyTo(here) }
                val ended =
                    try {
                        holonomy(*carried.toTypedArray())
                    } finally {
                        named.forEach { (_, here) -> here.delete() }
                    }
                withClue("holonomy ${carried.joinToString(" ")}\n${ended.out.takeLast(3000)}\n${ended.err}") {
                    ended.code shouldBe (OTHER_CODES[words] ?: ExitCode.DONE)
                }
            }
        }

        "what is not carried out here is still shown, each with its reason" {
            (NOT_RUN.keys + OTHER_CODES.keys).filterNot(calls::containsKey) shouldBe listOf()
        }

        "what is shown of other programs is tried elsewhere, or has a reason not to be" {
            val shown = pages.flatMap { (page, text) -> Calls.others(page, text) }
            shown
                .filterNot { it.words.first() in OTHERS }
                .map { "${it.page}:${it.line}: ${it.words.joinToString(" ")}" } shouldBe listOf()
            (OTHERS.keys - shown.map { it.words.first() }.toSet()) shouldBe setOf()
        }
    })

/**
 * The experiment of the checkout that is trained and has published tables, beside the one that README has one write.
 */
private const val TRAINED = "collapse"

private val MINIATURE =
    listOf("steps=8", "batch=4", "heldOut=16", "snapshots=9", "evaluations=3")
        .flatMap { listOf("--set", it) }
        .toTypedArray()

/** Where a command ends otherwise than with 0 here. */
private val OTHER_CODES =
    mapOf(listOf("figures", "--published") to ExitCode.RUN_FAILED) // the reader's `width` isn't published

/** Commands that can't be carried out here, and why. */
private val NOT_RUN: Map<List<String>, String> =
    mapOf(
        listOf("test") to "is this suite; TestCommandTest has a program in Maven's place",
        listOf("bench") to "measures for minutes; .ci/run calls bench --short",
        listOf("bench", "--short") to "measures for minutes; .ci/run calls it",
        listOf("watch") to "serves until Ctrl-C; WatchTest",
        listOf("package") to "half a gigabyte, and by the launcher only",
        listOf("query") to "named without what it is asked; the run store's page has it with a statement",
        listOf("verify") to "named without its run; the run store's page has it with one",
    )

/** Other programs, and who tries them. */
private val OTHERS: Map<String, String> =
    mapOf(
        "scripts/local-cluster" to "SparkEngineTest trains on one",
        "scripts/release" to ".ci/run makes one",
        "scripts/notebook-kernel" to "NotebookTest runs cells in it",
        "scripts/kill-sweep" to "kills commands for minutes to hours; PagesTest declares its script",
        "scripts/bench-against" to "builds another commit and measures both, an hour on a quiet machine",
        "scripts/published-language-step" to "three minutes and 4 GB; the page has what it printed",
        "./mvnw" to "installs into the reader's own Maven repository, or JMH, which measures for an hour",
        "mvn" to "compares with rows that a program outside the repository has written",
    )
