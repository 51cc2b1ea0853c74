package holonomy.store

import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.Table
import holonomy.data.Tensor
import holonomy.data.UserError
import holonomy.lease.leaseElsewhere
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Derived
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.checkpoint
import holonomy.run.state
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import java.nio.file.Files
import java.nio.file.Path
import java.util.TreeMap
import java.util.function.LongConsumer

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 1, 2, 8, 0)
private val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 3)
private val never = java.util.function.BooleanSupplier { false }

/** A run that takes a blink. */
fun tinyRequest(seed: Long) =
    RunRequest(
        RunSpec(task, model, Training(AdamW.of(1e-2), Schedule.warmup(4), 8, 4, 0.0), seed),
        "seed $seed",
        setOf(plan),
        listOf(Accuracy(Cadence.times(3), 16), TrainingCurve(Cadence.times(3))),
    )

/** Something computed from a run: the sums of its snapshots. */
class SnapshotSums(private val run: StoredRun, private val request: RunRequest) : Derived {
    override fun kind() = "sums"

    override fun label() = "sums of ${request.label()}"

    override fun describe(spec: ObjectNode) = Derived.put(run, spec)

    override fun steps() = 1L

    override fun compute(writer: RunWriter, advanced: LongConsumer): ObjectNode {
        val rows = Table.builder(listOf(Table.whole("snapshot"), Table.quantity("sum")))
        val sums = trajectory(run, request).map { it.sum().toDouble() }
        sums.forEachIndexed { i, sum -> rows.row(i, sum) }
        advanced.accept(1)
        writer.putTable("metrics/sums.parquet", rows.build())
        writer.putTensors("sums.safetensors", TreeMap(mapOf("last" to Tensor.of(sums.last().toFloat()))), mapOf())
        return json.createObjectNode().put("sum", sums.last())
    }
}

/** The weights of each snapshot of a run, block after block. */
fun trajectory(run: StoredRun, request: RunRequest): List<List<Float>> =
    Snapshots.of(run, request.spec(), plan).use { path ->
        (0 until path.snapshots()).map { i ->
            path.blocks().flatMap { block ->
                val values = FloatArray(path.dimension(block).toInt())
                path.read(i, block, 0, values, values.size)
                values.toList()
            }
        }
    }

/**
 * A store with one of everything: run 1 finished, something derived from it, run 2 interrupted at a checkpoint, a lease
 * of another machine, and an experiment that asked for both runs.
 */
class TinyStore : AutoCloseable {
    /** In memory where the system has a place for that: thousands of uses would wait for the disk. */
    val root: Path =
        Path.of("/dev/shm").let {
            if (Files.isWritable(it)) Files.createTempDirectory(it, "holonomy")
            else Files.createTempDirectory("holonomy")
        }
    val leased = "ab".repeat(32)
    val finished = tinyRequest(1)
    val interrupted = tinyRequest(2)
    private val derived: String

    init {
        val store = Store.open(root)
        val run = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(listOf(finished), never).single().run().get()
        val sums = SnapshotSums(run, finished)
        derived = sums.id()
        DerivedRunner(store, 1, Progress.NONE).run(listOf(sums), never).single().stored().get()
        var asked = 0
        Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(listOf(interrupted)) { asked++ > 5 }
        store
            .experimentRuns()
            .add(
                "tiny",
                listOf(finished, interrupted).map { ExperimentRun("tiny", it.id(), it.label(), mapOf("a" to "1")) },
            )
        store.list()
        val lease = leaseElsewhere()
        Files.writeString(root.resolve("locks").also(Files::createDirectories).resolve(leased), lease)
    }

    /** Every file, by its path in the store. */
    fun files(): List<String> =
        Files.walk(root).use { paths ->
            paths.filter(Files::isRegularFile).map { root.relativize(it).toString() }.sorted().toList()
        }

    /**
     * Uses the store with other bytes in one file, whose time stays, as that of rotten bytes does; then all is as
     * before.
     */
    fun useWith(file: String, bytes: ByteArray): Use {
        val path = root.resolve(file)
        val before = Files.readAllBytes(path)
        val time = Files.getLastModifiedTime(path)
        fun put(bytes: ByteArray) {
            Files.write(path, bytes)
            Files.setLastModifiedTime(path, time)
        }
        put(bytes)
        try {
            return use(file)
        } finally {
            Files.newDirectoryStream(root, "corrupt-*").use { aside ->
                aside.forEach {
                    val place = root.resolve(it.fileName.toString().split("-")[1])
                    place.toFile().deleteRecursively()
                    Files.move(it, place)
                }
            }
            put(before)
        }
    }

    /** What an ordinary use read, by name, and what it said. */
    class Use(val read: Map<String, Any?>, val said: List<String>)

    /**
     * Makes the lists, and reads what figures, claims and a training that goes on read of the run (or what was derived)
     * that a file belongs to. A crash is not caught.
     */
    fun use(file: String): Use {
        val isOpen = file.startsWith(interrupted.id())
        val isFinished = file.startsWith(finished.id()) || file.startsWith(derived)
        val said = mutableListOf<String>()
        val read = linkedMapOf<String, Any?>()
        fun <T> attempt(name: String, block: () -> T) {
            try {
                read[name] = block()
            } catch (error: UserError) {
                said += error.message!!
            } catch (damage: Damage) {
                said += damage.message!!
            }
        }
        fun attemptStore(block: (Store) -> Unit) =
            try {
                block(Store.open(root) { said += it.message() })
            } catch (error: UserError) {
                said += error.message!!
            }
        attemptStore { store ->
            attempt("lists") {
                store.list().forEach { read["listed ${it.id()}"] = it }
                store.unfinished().forEach { read["unfinished ${it.id()}"] = it.spec() to it.reached() }
                store.experimentRuns().byRun().forEach { (id, asked) -> read["asked $id"] = asked }
            }
            attempt("garbage") { store.garbage().size }
            attempt("owner") { store.owner(leased) }
            if (isFinished)
                attempt("run") {
                    Runner.finished(store, finished).ifPresent { run ->
                        attempt("spec") { RunSpec.fromSpec(run.spec()) }
                        read["summary"] = run.summary()
                        read["created"] = run.created()
                        run.files().keys.filter { it.endsWith(".json") }.forEach { attempt(it) { run.json(it) } }
                        run.files().keys.filter { it.endsWith(".parquet") }.forEach { attempt(it) { run.table(it) } }
                        attempt("trajectory") { trajectory(run, finished) }
                        attempt("end") { state(run.end(finished.spec())) }
                    }
                }
            if (isFinished)
                attempt("derived") {
                    Runner.finished(store, derived).ifPresent { sums ->
                        read["derived summary"] = sums.summary()
                        attempt("derived table") { sums.table("metrics/sums.parquet") }
                        attempt("derived tensors") { sums.tensors("sums.safetensors").use { it.tensor("last") } }
                    }
                }
            if (isOpen) attempt("checkpoint") { checkpoint(store, interrupted) }
        }
        listOf("run", "derived", "garbage", "owner", "lists").forEach(read::remove)
        return Use(read.filterValues { it != null }, said)
    }

    override fun close() {
        root.toFile().deleteRecursively()
    }
}
