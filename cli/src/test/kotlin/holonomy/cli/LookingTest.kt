package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.Nightly
import holonomy.data.Identity
import holonomy.data.SafeTensors
import holonomy.data.Sha256
import holonomy.data.Tensor
import holonomy.dsl.Declarations
import holonomy.dsl.Experiment
import holonomy.dsl.Invocation
import holonomy.dsl.accuracy
import holonomy.dsl.attention
import holonomy.dsl.axis
import holonomy.dsl.curvature
import holonomy.dsl.experiment
import holonomy.dsl.sweep
import holonomy.dsl.tiny
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.laboratory.shellWord
import holonomy.store.Store
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.io.File
import java.io.PrintWriter
import java.io.StringWriter
import java.lang.management.ManagementFactory
import java.nio.file.Files
import kotlin.time.Duration.Companion.nanoseconds

/** The commands that look at a store, on one that a sweep of four tiny runs has filled. */
class LookingTest :
    FreeSpec({
        val root = tempdir()
        val runs = root.toPath().resolve("runs")
        val width = axis("width", 8, 16)
        val declared =
            Declarations.collecting(Declarations(Invocation())) {
                experiment("looked-at", "Why?") {
                    train(
                        sweep(width),
                        { tiny.copy(width = it[width], steps = 8).attentionOnly },
                        { tiny.mainTask },
                        listOf(1, 2),
                    ) {
                        measure(accuracy(3, 16))
                        snapshot(attention, 3)
                    }
                }
            }
        val ids = declared.requests.map { it.id() }

        val holonomy = Commands(root.toPath())

        fun carryOut(dryRun: Boolean = false, fresh: Boolean = false, what: Experiment = declared): Pair<Int, String> {
            val said = StringWriter()
            val display = SilentDisplay(PrintWriter(said, true), quiet = false)
            val options =
                RunOptions(
                    Invocation(),
                    1,
                    runs,
                    root.toPath().resolve("out"),
                    null,
                    dryRun,
                    display,
                    fresh = fresh,
                    command = listOf("run", "looked at", "--fresh"),
                ) {
                    it
                }
            return Laboratory().execute(listOf(what), options) to said.toString()
        }

        "the plan of a new sweep, and of a finished one" {
            val (code, plan) = carryOut(dryRun = true)
            code shouldBe 0
            plan.lines()[0] shouldMatch Regex("id +run +state +steps left +time")
            plan.lines()[1] shouldMatch
                Regex("${ids[0].take(12)}  attention-only, width 8, seed 1 +new +8  about \\d+s")
            plan shouldContain "\n4 runs: 4 new\ntime: about "
            plan shouldContain "speed from a few steps taken now, without measures)\ndisk: about "
            Files.exists(runs) shouldBe false
            carryOut().first shouldBe 0
            carryOut(dryRun = true).second shouldContain "\n4 runs: 4 in the store\n"
        }

        "a plan says what curvature costs, in gradients" {
            val curved =
                Declarations.collecting(Declarations(Invocation())) {
                    experiment("curved", "Why?") {
                        train(tiny.copy(width = 8, steps = 8).attentionOnly, listOf(tiny.mainTask), listOf(1, 2)) {
                            measure(curvature(count = 3, eigenvalues = 2, products = 10))
                        }
                    }
                }
            // 1 + 4 x 2 x 10 + 3 x 10 at 3 moments of 2 runs.
            carryOut(dryRun = true, what = curved).second shouldContain
                "\nmeasures: at most 666 gradients of their batches besides, of all runs together\ndisk: about "
        }

        "runs" {
            val lines = holonomy("runs").out.lines()
            lines[0] shouldMatch Regex("id +experiment +point +seed +state +step +accuracy +age +size")
            lines[1] shouldMatch
                Regex(
                    "[0-9a-f]{12}  looked-at   attention-only, width \\d+, seed \\d +\\d  complete +8 +\\d\\.\\d{3} +\\d+ s +[0-9.]+ kB"
                )
            lines[5] shouldMatch Regex("4 runs, .* kB, in ${Regex.escape(runs.toString())}")
            holonomy("runs", "--json").json.map { it["id"].textValue() }.toSet() shouldBe ids.toSet()
            holonomy("runs", "--experiment", "other").out shouldStartWith "0 runs, 0 B, in "
            holonomy("runs", "--state", "complte").err shouldBe
                "holonomy: --state: expected complete, diverged, interrupted, training, found 'complte'. Did you mean 'complete'?\n"
        }
        "show" {
            val text = holonomy("show", ids[0].take(9)).out
            text shouldStartWith "id: ${ids[0]}\n"
            text shouldContain "point: attention-only, width 8, seed 1\n"
            text shouldContain "    width: 8\n"
            holonomy("show", ids[0], "--json").json["spec"]["initSeed"].intValue() shouldBe 1
            holonomy("show", "ffffffffffff").err shouldBe
                "holonomy: no run 'ffffffffffff' in $runs; `holonomy runs` lists what is there\n"
        }
        "query" {
            val sql =
                "SELECT r.point, count(*) AS n FROM accuracy a JOIN runs r ON a.run = r.id GROUP BY ALL ORDER BY ALL LIMIT 1"
            holonomy("query", sql).out shouldBe
                "point                             n\nattention-only, width 16, seed 1  6\n1 row\n"
            holonomy("query", sql, "--json").json[0]["n"].intValue() shouldBe 6
            holonomy("query", "SELECT nothing").err shouldStartWith "holonomy: query failed: "
            val limited = holonomy("query", "SELECT * FROM range(70)", interactive = true).out.lines()
            limited.size shouldBe 53
            limited[51] shouldBe "70 rows, the first 50 are shown; give --all or --json for all"
            holonomy("query", "SELECT * FROM range(70)", "--all", interactive = true).out.lines()[71] shouldBe "70 rows"
            holonomy("query", "SELECT * FROM range(70)").out.lines()[71] shouldBe "70 rows"
            holonomy("query", "SELECT 1; DROP TABLE runs").let { outcome ->
                outcome.code shouldBe 2
                outcome.err shouldStartWith "holonomy: query: expected one SELECT "
            }
        }
        "query leaves out a file whose bytes are not those of the manifest, and says so" {
            val folder = runs.resolve(ids[0])
            val file = folder.resolve("metrics").toFile().listFiles()!!.single { it.extension == "parquet" }
            val good = file.readBytes()
            val ask = "SELECT DISTINCT run FROM accuracy"
            holonomy("query", ask, "--json").json.size() shouldBe 4
            file.writeBytes(good.copyOf().also { it[good.size / 2] = (it[good.size / 2] + 1).toByte() })
            val outcome = holonomy("query", ask, "--json")
            outcome.json.map { it["run"].textValue() }.toSet() shouldBe ids.drop(1).toSet()
            val changed = Sha256.of(file.toPath())
            file.writeBytes(good)
            outcome.err shouldBe
                "holonomy: left out: run ${ids[0]}: metrics/${file.name}: " +
                    "expected SHA-256 ${Sha256.of(file.toPath())}, found $changed; " +
                    "see `holonomy verify ${Identity.shortened(ids[0])}`\n"
            outcome.code shouldBe 3
            holonomy("query", ask, "--json").json.size() shouldBe 4
        }
        "query reads nothing outside the store, whatever a manifest says" {
            val elsewhere = tempdir().toPath()
            val id = "ab".repeat(32)
            val folder = elsewhere.resolve("runs/$id").toFile().apply { mkdirs() }
            val secret = elsewhere.resolve("secret.parquet").toFile()
            runs
                .resolve(ids[0])
                .resolve("metrics")
                .toFile()
                .listFiles()!!
                .single { it.extension == "parquet" }
                .copyTo(secret)
            val entry = """"bytes":${secret.length()},"sha256":"${Sha256.of(secret.toPath())}""""
            File(folder, "manifest.json")
                .writeText(
                    """{"created":"2026-01-01T00:00:00.000Z","files":{"metrics/../../../secret.parquet":{$entry}},"format":1,"id":"$id","kind":"run","summary":{}}"""
                )
            val outcome = holonomy("query", "SELECT * FROM \"../../../secret\"", "--store", "$elsewhere/runs")
            outcome.out shouldBe ""
            outcome.code shouldBe 2
            outcome.err shouldContain "cannot be stored in a run: expected parts of 1 to 150 letters"
            outcome.err shouldContain
                "holonomy: query failed: Catalog Error: Table with name ../../../secret does not exist!"
        }
        "verify, and diff" {
            val out = holonomy("verify", ids[0], "--steps", "all").out.lines()
            out[0] shouldMatch Regex("run ${ids[0].take(12)}: \\d+ files as they were stored")
            out[1] shouldBe "replay of 8 steps (3 snapshots, table accuracy, 6 rows, the weights at the end): the same"
            holonomy("verify", ids[0], "--steps", "few").err shouldBe
                "holonomy: --steps: expected a whole number from 0 or 'all', found 'few'\n"
            holonomy("diff", ids[0], ids[0]).out shouldBe "no difference: same spec, same code, same numbers\n"
            val differences =
                holonomy("diff", ids[0], ids[1], "--json").json["differences"].map { it["what"].textValue() }
            differences.take(2) shouldContainExactly listOf("spec.dataSeed", "spec.initSeed")
            differences.any { it.startsWith("first difference in accuracy-") } shouldBe true
            differences.last() shouldBe "weights at the end"
        }
        "export" {
            val to = File(root, "elsewhere")
            holonomy("export", ids[0], "--to", to.path).code shouldBe 0
            val folder = File(to, Identity.shortened(ids[0]))
            File(folder, "metrics").list()!!.map { it.substringAfterLast('.') }.sorted() shouldBe
                listOf("csv", "json", "parquet")
            File(folder, "manifest.json").isFile shouldBe true
            val run = Store.open(runs).find(ids[0]).get()
            val theta = SafeTensors.read(run.verified("weights/final.safetensors")).getValue("theta") as Tensor.F32
            val named = SafeTensors.read(folder.toPath().resolve("weights/named.safetensors"))
            named.values.sumOf { it.count() } shouldBe theta.count()
            named.getValue("layers.0.W_Q").shape().toList() shouldBe List(2) { 8L }
            holonomy("export", ids[0], "--to", "$to/lens", "--as", "transformer-lens").code shouldBe 0
            val lens = File(to, "lens/${Identity.shortened(ids[0])}/transformer-lens")
            lens.list()!!.sorted() shouldBe listOf("config.json", "model.safetensors")
            SafeTensors.read(lens.toPath().resolve("model.safetensors")).keys.first() shouldBe "blocks.0.attn.W_K"
            holonomy("export", ids[0], "--to", "$to/lens", "--as", "lens").err shouldContain
                "--as: expected transformer-lens, found 'lens'"
            holonomy("export", ids[0], "--to", to.path).err shouldBe
                "holonomy: --to: $folder is there already; delete it or give another folder\n"
        }
        "rm asks first" {
            val question =
                Regex(
                    "[0-9a-f]{12}  attention-only, width 16, seed 2  complete  .* kB\nDelete 1 run \\(.* kB\\)\\? \\[y/N] 0 runs deleted\n"
                )
            holonomy("rm", ids[3], answer = "n\n").out shouldMatch question
            holonomy("rm", ids[3]).err shouldMatch
                Regex(
                    "holonomy: nobody is there to answer 'Delete 1 run \\(.* kB\\)\\?'; nothing is deleted\\. Give --yes to delete without being asked\n"
                )
            Store.open(runs).list().size shouldBe 4
            holonomy("rm", ids[3], answer = "y\n").code shouldBe 0
            Store.open(runs).list().size shouldBe 3
        }
        "bad entries of a store are named on standard error, and everything else is listed" {
            val bad = tempdir()
            runs.toFile().copyRecursively(bad)
            File(bad, "deadbeef").mkdir()
            File(bad, "index.jsonl").apply { delete() }.mkdir()
            File(bad, "experiments/other.json").writeBytes(byteArrayOf(-1, -2))
            val manifest = File(bad, "${ids[2]}/manifest.json")
            manifest.writeText(manifest.readText().replace("\"format\":1", "\"format\":99"))
            val names = listOf("index.jsonl", "deadbeef/spec.json", "experiments/other.json", "${ids[2]}/manifest.json")
            listOf(listOf("runs"), listOf("show", ids[0]), listOf("gc", "--yes"), listOf("rm", ids[1], "--yes"))
                .forEach {
                    val outcome = holonomy(*it.toTypedArray(), "--store", bad.path, "--json")
                    outcome.code shouldBe 0
                    if (it[0] == "runs") {
                        outcome.json.size() shouldBe 2
                        names.forEach { name -> outcome.err shouldContain "holonomy: left out: $bad/$name: " }
                    }
                }
            holonomy("show", ids[2], "--store", bad.path).err shouldContain
                "holonomy: $bad/${ids[2]}/manifest.json was written by a newer Holonomy: expected format 1 at most, " +
                    "found 99. Use that version, or another folder with --store DIR\n"
        }
        "a store that can't be written is drawn from" {
            val locks = runs.resolve("locks").toFile().apply { deleteRecursively() }
            locks.writeText("") // nobody, root neither, makes a lock or changes a run now
            try {
                val (code, said) = carryOut()
                said shouldContain "3 in the store, 1 to train"
                code shouldBe 3
                said shouldContain "no writable store at $runs: cannot begin run ${ids[3]}: "
                said shouldContain "looked-at: "
            } finally {
                locks.delete()
            }
        }
        "a damaged table is said before anything is trained" {
            val table =
                Files.list(runs.resolve(ids[0]).resolve("metrics")).use { files ->
                    files.filter { it.toString().endsWith(".parquet") }.findFirst().get()
                }
            Files.write(table, Files.readAllBytes(table).also { it[20] = (it[20] + 1).toByte() })
            val (code, said) = carryOut()
            code shouldBe 0
            said shouldMatch
                Regex(
                    "run ${ids[0]} is damaged \\(metrics/accuracy-.*parquet: expected SHA-256 .*, found .*\\); kept as .*/corrupt-${ids[0]}-1, it will be made again when it is needed\n" +
                        "4 runs: 2 in the store, 2 to train; 1 workers\ntrained again, for they were damaged: attention-only, width 8, seed 1\n[\\s\\S]*"
                )
            holonomy("gc", "--yes").code shouldBe 0
            holonomy("rm", ids[3], "--yes").code shouldBe 0
        }
        "an altered file is named and set aside, and gc deletes it when told" {
            val folder = runs.resolve(ids[2])
            val file =
                Files.walk(folder).use { files ->
                    files.filter { it.toString().endsWith(".parquet") }.findFirst().get()
                }
            Files.write(file, Files.readAllBytes(file).also { it[10] = (it[10] + 1).toByte() })
            val verified = holonomy("verify", ids[2])
            verified.code shouldBe 3
            verified.out shouldMatch
                Regex(
                    "run ${ids[2]} is damaged \\(metrics/accuracy-.*\\.parquet: expected SHA-256 .*, found .*\\); kept as .*/corrupt-${ids[2]}-1, it will be made again when it is needed\n"
                )
            carryOut().second shouldContain "4 runs: 2 in the store, 2 to train; 1 workers\n"
            val fresh = carryOut(fresh = true).second
            fresh shouldContain
                "--fresh: 4 runs put aside (`holonomy gc` deletes them)\n4 runs: 0 in the store, 4 to train"
            holonomy("gc", answer = "n\n").out shouldContain "Delete 5 of these"
            holonomy("gc", "--yes", "--json").json["found"].size() shouldBe 5
            holonomy("gc").out shouldBe "nothing to delete in $runs\n"
            Store.open(runs).list().size shouldBe 4
        }
        "--help of each has examples" {
            listOf("runs", "show", "query", "export", "verify", "diff", "rm", "gc").forEach {
                holonomy(it, "--help").out shouldContain "Examples:\n  holonomy $it"
            }
        }
        "words for a shell" {
            listOf("run", "a b", "it's", "--set", "width=64").map(::shellWord) shouldBe
                listOf("run", "'a b'", "'it'\\''s'", "--set", "width=64")
        }
        "10,000 runs are listed, the second time by the index, in less"
            .config(tags = setOf(Nightly)) {
                val store = tempdir()
                repeat(10_000) { i ->
                    val id = Identity.of(ObjectMapper().createObjectNode().put("seed", i))
                    File(store, id).mkdirs()
                    File(store, "$id/manifest.json")
                        .writeText(
                            """{"created":"2026-01-01T00:00:00Z","files":{"metrics/a.parquet":{"bytes":1,"sha256":"0"}},"format":1,"id":"$id","kind":"run","summary":{"accuracy":0.5,"label":"seed $i","state":"complete","step":480}}"""
                        )
                }
                // Computing time of this thread, which does all of it: other work on the machine doesn't count.
                val threads = ManagementFactory.getThreadMXBean()
                val (first, second) =
                    List(2) {
                        val before = threads.currentThreadCpuTime
                        holonomy("runs", "--store", store.path).out.lines().size shouldBe 10_003
                        (threads.currentThreadCpuTime - before).nanoseconds
                    }
                println("10,000 runs listed by the command in $second of computing, $first with the index made")
                second shouldBeLessThan first
            }
    })
