package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.Parquet
import holonomy.dsl.Declarations
import holonomy.dsl.Invocation
import holonomy.dsl.attention
import holonomy.dsl.experiment
import holonomy.dsl.tiny
import holonomy.dsl.trajectorySpectrum
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.store.Store
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.PrintWriter
import java.io.StringWriter
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.writeLines
import kotlin.math.abs

/** `holonomy analyse` on what `holonomy export` gives. */
class AnalyseTest :
    FreeSpec({
        val root = tempdir().toPath()
        val runs = root.resolve("runs")

        val holonomy = Commands(root)

        val declared =
            Declarations.collecting(Declarations(Invocation())) {
                experiment("exported", "Why?") {
                    train(tiny.attentionOnly, listOf(tiny.mainTask), listOf(1)) {
                        measure(trajectorySpectrum(of = attention, snapshots = 7, shuffledWindows = 1))
                    }
                }
            }
        val options =
            RunOptions(
                Invocation(),
                1,
                runs,
                root.resolve("out"),
                null,
                false,
                SilentDisplay(PrintWriter(StringWriter()), true),
            ) {
                it
            }
        Laboratory().execute(listOf(declared), options) shouldBe 0
        val id = declared.requests.single().id()
        holonomy("export", id, "--to", "$root/exported").code shouldBe 0
        val exported = root.resolve("exported/${id.take(12)}")

        "gives the run's own numbers" {
            val outcome = holonomy("analyse", "$exported", "--out", "$root/analysis", "--decay", "1e-5")
            outcome.code shouldBe 0
            val run = Store.open(runs).find(id).get()
            val own =
                run.table(run.files().keys.single { it.startsWith("metrics/spectrum-") && it.endsWith(".parquet") })
            val found = Parquet.read(root.resolve("analysis/spectra.parquet"))
            val keys = listOf("block", "layer", "matrix", "centring", "snapshots", "step", "statistic", "series")
            fun byKey(table: holonomy.data.Table) = table.rows().associateBy { row -> keys.map { row.text(it) } }
            val expected = byKey(own).filterKeys { it.last() != "shuffled increments" }
            val rows = byKey(found)
            rows.keys shouldContainAll expected.keys
            expected.size shouldBeGreaterThan 1000
            expected.forEach { (key, row) ->
                val value = row.number("value")
                rows.getValue(key).number("value") shouldBe (value plusOrMinus 1e-6 * abs(value))
            }
        }

        "tells them, and writes tables and figures" {
            val outcome = holonomy("analyse", "$exported", "--out", "$root/analysis")
            outcome.out shouldStartWith
                "${id.take(12)}: 7 snapshots, steps 0 to 20, 8 matrices, 2048 weights\nfirst step-000000000.safetensors, step 0; last step-000000020.safetensors, step 20\n\n"
            outcome.out shouldContain "Overlap of top subspaces: "
            for (name in
                listOf("rank-by-layer", "spectrum-over-steps", "cosine-to-final", "subspace-overlap")) for (kind in
                listOf("svg", "png", "csv", "json")) root.resolve("analysis/$name.$kind").exists() shouldBe true
            for (name in listOf("spectra", "alignment", "overlap", "matrices", "snapshots")) for (kind in
                listOf("csv", "parquet")) root.resolve("analysis/$name.$kind").exists() shouldBe true
        }

        "--json" {
            val json =
                ObjectMapper()
                    .readTree(
                        holonomy("analyse", "$exported/trajectory/attention-7", "--matrices", "*W_?", "--json").out
                    )
            json["snapshots"].intValue() shouldBe 7
            json["matrices"].toList() shouldHaveSize 8
            json["matrices"][0]["r90"].isInt shouldBe true
            json["overlap"]["pairs of one shape"].intValue() shouldBe 28
            root.resolve("out/analyse/attention-7/spectra.csv").exists() shouldBe true
        }

        "with the schedule, the backbone of all matrices beside a walk that learns nothing" {
            val schedule = root.resolve("rates.txt").also { it.writeLines(List(20) { "1e-3" }) }
            val given = arrayOf("analyse", "$exported", "--out", "$root/walked", "--weight-decay", "0.01")
            val outcome = holonomy(*given, "--rates", "$schedule")
            outcome.err shouldBe ""
            outcome.out shouldContain Regex("all matrices together +measured +noise walk\n")
            outcome.out shouldContain Regex("PC1, row-normalised +0\\.\\d+ +0\\.\\d+\n")
            root.resolve("walked/backbone.csv").readLines().size shouldBe 1 + 9 * 2 * 5
            ObjectMapper()
                .readTree(holonomy(*given, "--rates", "$schedule", "--json").out)["backbone"]["kappa"]["noise walk"]
                .doubleValue() shouldBe (1.0 plusOrMinus 1e-9)
            holonomy(*given).err shouldContain
                "--weight-decay: expected --rates FILE beside it, found none; without the schedule it is not known how far a walk that learns nothing goes"
            holonomy("analyse", "$exported", "--rates", "$schedule").err shouldContain
                "--rates: expected --weight-decay X beside it, found none; give the training's decoupled weight decay, 0 for none"
            schedule.writeLines(List(21) { "1e-3" })
            holonomy(*given, "--rates", "$schedule").err shouldContain
                "expected a learning rate for each of the run's 20 steps, found 21"
        }

        "a mistake ends with 2 and says what to do" {
            val outcome = holonomy("analyse", "$exported", "--matrices", "nothing")
            outcome.code shouldBe 2
            outcome.err shouldContain "no floating-point tensor whose name matches 'nothing'; found layers.0.W_K,"
            holonomy("analyse", "$root/none").code shouldBe 2
        }
    })
