package holonomy.store

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.AtomicFiles
import holonomy.data.FileSteps
import holonomy.data.Table
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.Moment
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.Progress.Outcome
import holonomy.run.Replay
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.Collections
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 1, 2, 8, 0)
private val never = java.util.function.BooleanSupplier { false }

private fun request(
    seed: Long = 1,
    steps: Long = 24,
    measures: List<Measure> = listOf(Accuracy(Cadence.times(5), 16), TrainingCurve(Cadence.times(5))),
    schedule: Schedule = Schedule.warmup(4),
    snapshots: Set<SnapshotPlan> = setOf(SnapshotPlan.of(WeightGroup.ATTENTION, 5)),
) =
    RunRequest(
        RunSpec(task, model, Training(AdamW.of(1e-2), schedule, steps, 4, 0.0), seed),
        "seed $seed",
        snapshots,
        measures,
    )

private class Heard : Progress by Progress.NONE {
    val started: MutableList<Pair<String, Long>> = Collections.synchronizedList(mutableListOf())
    val waited: MutableList<String> = Collections.synchronizedList(mutableListOf())

    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
        started += label to fromStep
    }

    override fun waiting(runId: String, label: String, owner: String) {
        waited += "$label: $owner"
    }
}

private fun run(store: Path, request: RunRequest, heard: Progress = Progress.NONE, disk: AtomicFiles? = null) =
    Runner(disk?.let { Store.open(store, {}, it) } ?: Store.open(store), ComputeDevice.CPU, 1, heard)
        .run(listOf(request), never)
        .single()

/** The run with one byte of a snapshot changed, by a writer: nothing is damaged. */
private fun withOtherSnapshot(store: Path, run: StoredRun): StoredRun =
    Store.open(store).write(run.id(), run.kind(), run.spec()).use { writer ->
        val snapshot = "trajectory/attention-5/step-000000006.safetensors"
        val bytes = run.bytes(snapshot)
        writer.putBytes(snapshot, bytes.also { it[it.size - 1] = (it[it.size - 1] + 1).toByte() })
        writer.complete(run.summary())
    }

private fun files(run: StoredRun) = run.files().filterKeys { it != "provenance.json" }.mapValues { it.value.sha256() }

/** Measures for a long time after the first moment: it computes until it is dropped, [rows] times asking. */
private class Slow(private val begun: AtomicBoolean, private val ended: AtomicBoolean, private val quick: Boolean) :
    Measure by TrainingCurve(Cadence.times(3)) {
    override fun name() = "slow"

    override fun parameters() = JsonNodeFactory.instance.objectNode()

    override fun measure(moment: Moment, rows: Table.Builder) {
        rows.row(moment.step(), moment.trainingLoss(), moment.gradientNorm())
        if (quick || moment.step() == 0L) return
        begun.set(true)
        val batch = moment.run().task().batch(moment.stream("slow"), 0, 16)
        val network = moment.network()
        val until = TimeSource.Monotonic.markNow() + 60.seconds
        while (until.hasNotPassedNow()) network.loss(moment.theta(), batch)
        ended.set(true)
    }

    override fun equals(other: Any?) = other is Slow

    override fun hashCode() = 1
}

class GoingOnTest :
    FreeSpec({
        "a measurement in progress is dropped at a stop, at once, and done again when the run goes on" {
            val store = tempdir().toPath()
            val begun = AtomicBoolean()
            val ended = AtomicBoolean()
            val stop = AtomicBoolean()
            val pool = Executors.newSingleThreadExecutor()
            val measures = { quick: Boolean ->
                listOf(Accuracy(Cadence.times(5), 16), Slow(begun, ended, quick), TrainingCurve(Cadence.times(3)))
            }
            val stopping =
                pool.submit(
                    Callable {
                        Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE)
                            .run(listOf(request(measures = measures(false))), stop::get)
                    }
                )
            while (!begun.get()) Thread.onSpinWait()
            stop.set(true)
            stopping.get().single().outcome() shouldBe Outcome.INTERRUPTED
            ended.get() shouldBe false
            pool.shutdown()
            Store.open(store).reached(request().id()).asLong shouldBe 12
            val heard = Heard()
            val continued = run(store, request(measures = measures(true)), heard).run().get()
            heard.started shouldBe listOf("seed 1" to 12L)
            files(continued) shouldBe files(run(tempdir().toPath(), request(measures = measures(true))).run().get())
        }

        "more steps continue a finished run where that gives the same bytes" {
            val store = tempdir().toPath()
            run(store, request(steps = 24))
            val heard = Heard()
            val longer = run(store, request(steps = 48), heard).run().get()
            heard.started shouldBe listOf("seed 1" to 24L)
            files(longer) shouldBe files(run(tempdir().toPath(), request(steps = 48)).run().get())
        }

        "more steps start anew" -
            {
                fun from(shorter: RunRequest, longer: RunRequest): Long {
                    val store = tempdir().toPath()
                    run(store, shorter)
                    val heard = Heard()
                    val made = run(store, longer, heard).run().get()
                    files(made) shouldBe files(run(tempdir().toPath(), longer).run().get())
                    return heard.started.single().second
                }
                "where the schedule looks at their number" {
                    from(
                        request(schedule = Schedule.cosine(2, .1)),
                        request(steps = 48, schedule = Schedule.cosine(2, .1)),
                    ) shouldBe 0
                }
                "where measurements of the longer run fall between those of the shorter" {
                    from(request(), request(steps = 36)) shouldBe 0
                }
                "where a measure was not there" { from(request(measures = listOf()), request(steps = 48)) shouldBe 0 }
                "where snapshots were not there" { from(request(snapshots = setOf()), request(steps = 48)) shouldBe 0 }
                "but a measure of the snapshots at the end needs no rows" {
                    val spectrum = TrajectorySpectrum(SnapshotPlan.of(WeightGroup.ATTENTION, 5), 2, 1, 10)
                    from(
                        request(measures = listOf(spectrum)),
                        request(steps = 48, measures = listOf(spectrum)),
                    ) shouldBe 24
                }
            }

        "two runners on one store share the work, make nothing twice and both see everything" {
            val store = tempdir().toPath()
            val requests = (1L..6L).map { request(it, steps = 100) }
            val heard = List(2) { Heard() }
            val pool = Executors.newFixedThreadPool(2)
            val results =
                heard
                    .map {
                        pool.submit(
                            Callable { Runner(Store.open(store), ComputeDevice.CPU, 1, it).run(requests, never) }
                        )
                    }
                    .map { it.get() }
            pool.shutdown()
            heard.flatMap { it.started }.map { it.first }.sorted() shouldBe requests.map { it.label() }
            results.forEach { result -> result.map { it.outcome() } shouldBe List(6) { Outcome.COMPLETE } }
            // A lease that is just being written has no name yet.
            val holder = "(process ${ProcessHandle.current().pid()} since .*|another process)"
            heard.flatMap { it.waited }.forEach { it shouldMatch Regex("seed \\d: $holder") }
        }

        "a run whose owner stops is taken over" {
            val store = tempdir().toPath()
            val held = Store.open(store).write(request().id(), "run", request().spec().spec())
            val heard = Heard()
            val pool = Executors.newSingleThreadExecutor()
            val waiting = pool.submit(Callable { run(store, request(), heard) })
            while (heard.waited.isEmpty()) Thread.onSpinWait()
            held.close()
            heard.waited.single() shouldMatch Regex("seed 1: process ${ProcessHandle.current().pid()} since .*")
            waiting.get().outcome() shouldBe Outcome.COMPLETE
            pool.shutdown()
        }

        "a checkpoint goes on only where it has what is asked for: a snapshot plan added later starts anew" {
            val store = tempdir().toPath()
            var asked = 0
            Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request())) { asked++ > 12 }
            val more = request(snapshots = setOf(SnapshotPlan.of(WeightGroup.ALL, 3)))
            val heard = Heard()
            val made = run(store, more, heard).run().get()
            heard.started.single().second shouldBe 0
            more.snapshots().forEach { plan ->
                Snapshots.steps(plan, 24, 24).forEach { made.files().keys shouldContain Snapshots.name(plan, it) }
            }
        }

        "an altered file of an unfinished run: named, set aside, trained again" {
            for (altered in
                listOf("trajectory/attention-5/step-000000000.safetensors", "checkpoint/STEP/state.safetensors")) {
                val store = tempdir().toPath()
                var asked = 0
                Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request())) { asked++ > 12 }
                val step = Store.open(store).reached(request().id()).asLong
                val path = altered.replace("STEP", "$step")
                val file = store.resolve("${request().id()}/$path")
                Files.write(file, Files.readAllBytes(file).also { it[it.size - 1] = (it[it.size - 1] + 1).toByte() })
                val aside = mutableListOf<SetAside>()
                val heard = Heard()
                val result =
                    Runner(Store.open(store) { aside += it as SetAside }, ComputeDevice.CPU, 1, heard)
                        .run(listOf(request()), never)
                        .single()
                result.outcome() shouldBe Outcome.COMPLETE
                heard.started.single().second shouldBe 0
                aside.single().message() shouldMatch
                    Regex(
                        "run ${request().id()} is damaged \\($path: expected SHA-256 .*, found .*\\); kept as .*corrupt-${request().id()}-1, it will be made again when it is needed"
                    )
                files(result.run().get()) shouldBe files(run(tempdir().toPath(), request()).run().get())
            }
        }

        "a full disk: the run ends cleanly, says how much is needed, and goes on when there is room" {
            val store = tempdir().toPath()
            run(store, request(2))
            var writes = 0
            val full = AtomicFiles { step, path ->
                if (step == FileSteps.Step.WRITE && path.toString().contains("step-") && ++writes > 2)
                    throw IOException("No space left on device")
            }
            val failed = run(store, request(1), disk = full)
            failed.outcome() shouldBe Outcome.FAILED
            failed.cause() shouldMatch
                Regex(
                    "no writable store at .*: cannot write trajectory/attention-5/step-000000012.safetensors of run ${request().id()}: the disk is full \\(1024 bytes are needed, \\d+ bytes are free\\)\\. Everything stored before is intact\\. Free some space or choose another folder"
                )
            Store.open(store).find(request(2).id()).get().verify() shouldBe listOf()
            files(run(store, request(1)).run().get()) shouldBe files(run(tempdir().toPath(), request(1)).run().get())
        }

        "a replay of the first steps finds the stored numbers, and says where they differ" {
            val store = tempdir().toPath()
            val run = run(store, request()).run().get()
            Replay.of(run, ComputeDevice.CPU, Replay.enough(run), Store.open(store)).let {
                it.steps() shouldBe 20
                it.problems() shouldBe listOf()
                it.compared() shouldContain "4 snapshots"
                it.compared() shouldContain "table accuracy"
            }
            Replay.of(run, ComputeDevice.CPU, 1000, Store.open(store)).let {
                it.problems() shouldBe listOf()
                it.compared() shouldContain "the weights at the end"
            }
            Replay.of(withOtherSnapshot(store, run), ComputeDevice.CPU, 20, Store.open(store))
                .problems()
                .single() shouldMatch
                Regex("step 6: layers\\.0\\.W_. differs from trajectory/attention-5/step-000000006\\.safetensors")
        }

        "made with another kernel" -
            {
                val json = ObjectMapper()

                fun edit(file: Path, change: (ObjectNode) -> Unit) {
                    val node = json.readTree(file.toFile()) as ObjectNode
                    val sealed = node.remove("seal") != null
                    change(node)
                    Files.write(file, json.writeValueAsBytes(if (sealed) Seal.sealed(node) else node))
                }

                /** As if a file of the store named another kernel than this process's. */
                fun change(file: Path) =
                    edit(file) {
                        (it["products"] as ObjectNode).put("library", "OpenBLAS").put("version", "0").put("kernel", "K")
                    }

                fun made(store: Path): StoredRun {
                    val run = run(store, request()).run().get()
                    val file = run.verified("provenance.json").also(::change)
                    edit(file.resolveSibling("manifest.json")) {
                        StoredFile.of(file).putInto(it["files"] as ObjectNode, "provenance.json")
                    }
                    return Store.open(store).find(request().id()).get()
                }
                val here = Provenance.products(ComputeDevice.CPU)
                val kernel = if (here.has("kernel")) ", kernel ${here["kernel"].asText()}" else ""
                val words =
                    "made with OpenBLAS 0, kernel K on ${here["processor"].asText()}; here it is " +
                        "${here["library"].asText()} ${here["version"].asText()}$kernel on ${here["processor"].asText()}"

                "a replay says so, and a difference is no fault then" {
                    val store = tempdir().toPath()
                    val run = made(store)
                    fun replay(of: StoredRun) = Replay.of(of, ComputeDevice.CPU, 20, Store.open(store))
                    replay(run).otherProducts().get() shouldBe words
                    val other = withOtherSnapshot(store, run)
                    replay(other).problems().size shouldBe 1
                    replay(other).isFaulty shouldBe false
                }
                "a measure added later, which needs a replay, is refused" {
                    val store = tempdir().toPath()
                    made(store)
                    val more = request(measures = listOf(Accuracy(Cadence.times(3), 16)))
                    val refused = run(store, more)
                    refused.outcome() shouldBe Outcome.FAILED
                    refused.cause() shouldBe
                        "seed 1 lacks something that only training it again can give, but it was $words, and there the last digits come out differently. Ask for it on such a machine, or train it anew here: --fresh"
                }
                "more steps start anew" {
                    val store = tempdir().toPath()
                    made(store).verify() shouldBe listOf()
                    val heard = Heard()
                    run(store, request(steps = 48), heard)
                    heard.started shouldBe listOf("seed 1" to 0L)
                }
                "a checkpoint is not gone on from" {
                    for (other in listOf(false, true)) {
                        val store = tempdir().toPath()
                        val stop = AtomicBoolean()
                        val half =
                            object : Progress by Progress.NONE {
                                override fun advanced(runId: String, step: Long, loss: Double) {
                                    if (step == 12L) stop.set(true)
                                }
                            }
                        Runner(Store.open(store), ComputeDevice.CPU, 1, half).run(listOf(request()), stop::get)
                        if (other) change(store.resolve("${request().id()}/checkpoint/current.json"))
                        val heard = Heard()
                        val run = run(store, request(), heard).run().get()
                        heard.started.single().second shouldBe (if (other) 0L else 12L)
                        files(run) shouldBe files(run(tempdir().toPath(), request()).run().get())
                    }
                }
            }

        "a run replaced by --fresh lies beside until it is collected" {
            val root = tempdir().toPath()
            val store = Store.open(root)
            run(root, request())
            store.replace(request().id()).get().fileName.toString() shouldBe "replaced-${request().id()}-1"
            store.find(request().id()).isEmpty shouldBe true
            store.replace(request().id()).isEmpty shouldBe true
            store.garbage().map { it.why() } shouldBe listOf("run replaced by --fresh")
            store.delete(store.garbage())
            store.garbage() shouldBe listOf()
            Files.list(root).use { all ->
                all.filter { Files.isDirectory(it) && it.fileName.toString() != "locks" }.count()
            } shouldBe 0
        }

        "who asked for a run is kept apart from it, whatever the names" {
            val root = tempdir().toPath()
            val store = Store.open(root)
            val nasty = "../\"up\"/ä.."
            store
                .experimentRuns()
                .add(nasty, listOf(ExperimentRun(nasty, "ab".repeat(32), "width 32", mapOf("width" to "32"))))
            store
                .experimentRuns()
                .add(nasty, listOf(ExperimentRun(nasty, "cd".repeat(32), "width 64", mapOf("width" to "64"))))
            store.experimentRuns().byRun().values.flatten().map { it.experiment() to it.labels() } shouldBe
                listOf(nasty to mapOf("width" to "32"), nasty to mapOf("width" to "64"))
            Files.list(root.resolve("experiments")).use { it.count() } shouldBe 1
        }

        "checkpoints at the default cadence" { Runner.CHECKPOINT_EVERY shouldBe Duration.ofSeconds(60) }
    })
