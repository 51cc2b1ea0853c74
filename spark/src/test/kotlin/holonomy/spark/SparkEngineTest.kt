package holonomy.spark

import holonomy.Nightly
import holonomy.run.Cluster
import holonomy.run.Progress
import holonomy.run.Progress.Outcome
import holonomy.run.RunRequest
import holonomy.store.Store
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText

private val OFTEN = Duration.ofMillis(200)

/** Connects to the local cluster with a store in [folder]. */
private fun connect(folder: Path, progress: Progress = Progress.NONE, every: Duration = OFTEN): Cluster.Connection =
    SparkCluster(every).connect(Cluster.Order(LocalCluster.address, Store.open(folder), "cpu"), progress) {}

/** What was heard of runs: (id, step at which it was first heard of) for each task, and ends. */
private class Heard(val whenAdvanced: (String, Long) -> Unit = { _, _ -> }) : Progress {
    val started = CopyOnWriteArrayList<Pair<String, Long>>()
    val advanced: MutableSet<String> = ConcurrentHashMap.newKeySet()
    val ended = CopyOnWriteArrayList<Pair<String, Outcome>>()

    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
        started += runId to fromStep
    }

    override fun advanced(runId: String, step: Long, loss: Double) {
        advanced += runId
        whenAdvanced(runId, step)
    }

    override fun ended(runId: String, outcome: Outcome, cause: String) {
        ended += runId to outcome
    }
}

/** The process that makes a run, by the run's lease. */
private fun maker(store: Path, id: String): ProcessHandle {
    val number = Regex("\"process\":(\\d+)").find(store.resolve("locks/$id").readText())!!.groupValues[1]
    return ProcessHandle.of(number.toLong()).get()
}

private fun Cluster.Connection.outcomes(requests: List<RunRequest>) = run(requests) { false }.map { it.outcome() }

class SparkEngineTest :
    FreeSpec({
        "a sweep on the cluster gives the bytes of the local engine, a finished run is not sent" {
            val requests = smallSweep(1..3, 400)
            val here = tempdir().toPath().also { trainHere(it, requests) }
            val there = tempdir().toPath()
            LocalCluster.asDriver {
                connect(there).use { cluster ->
                    val results = cluster.run(requests) { false }
                    results.map { it.request().id() } shouldBe requests.map { it.id() }
                    results.map { it.outcome() } shouldBe List(3) { Outcome.COMPLETE }
                    results.any { it.reused() } shouldBe false
                    cluster.run(requests) { false }.all { it.reused() } shouldBe true
                    cluster.outcomes(tinySweep(100)).toSet() shouldBe setOf(Outcome.COMPLETE)
                }
            }
            files(there).filterKeys { it.substringBefore('/') in requests.map { run -> run.id() } } shouldBe files(here)
            there.listDirectoryEntries().filter { it.name.startsWith(".driver") }.shouldBeEmpty()
            there.resolve("locks").listDirectoryEntries().shouldBeEmpty()
        }

        "an executor is killed: its run goes on from its checkpoint, the bytes are the same; Ctrl-C keeps checkpoints"
            .config(tags = setOf(Nightly)) {
                val requests = smallSweep(1..3, 4000)
                val here = tempdir().toPath().also { trainHere(it, requests) }
                val there = tempdir().toPath()
                val store = Store.open(there)
                var killed = ""
                var reached = 0L
                val heard = Heard { id, _ ->
                    if (killed.isEmpty() && store.reached(id).orElse(0) > 500) {
                        killed = id
                        maker(there, id).let { executor ->
                            executor.destroyForcibly()
                            executor.onExit().join()
                        }
                        reached = store.reached(id).asLong
                    }
                }
                LocalCluster.asDriver("spark.executor.heartbeatInterval" to "100ms") {
                    connect(there, heard).use { cluster ->
                        cluster.outcomes(requests) shouldBe List(3) { Outcome.COMPLETE }
                        val stopped = smallSweep(4..5, 1_000_000)
                        val both = cluster.run(stopped) { stopped.all { it.id() in heard.advanced } }
                        both.map { it.outcome() } shouldBe List(2) { Outcome.INTERRUPTED }
                        stopped.forEach { store.reached(it.id()).asLong shouldBeGreaterThan 0L }
                    }
                }
                files(there) shouldBe files(here)
                heard.started.filter { it.first == killed }.map { it.second }.last() shouldBeGreaterThanOrEqual reached
                heard.started.filter { it.first == killed }.size shouldBe 2
                heard.ended.map { it.second } shouldBe List(3) { Outcome.COMPLETE }
                there.resolve("locks").listDirectoryEntries().shouldBeEmpty()
            }

        "the driver is killed: finished runs are kept, a second command finishes the rest"
            .config(tags = setOf(Nightly)) {
                val requests = smallSweep(1..3, 2000)
                val here = tempdir().toPath().also { trainHere(it, requests) }
                val there = tempdir().toPath()
                val driver = DriverProcess.start("sweep", LocalCluster.address, there.toString(), "3", "2000")
                driver.inputReader().lineSequence().first { it.startsWith("ended") }
                driver.destroyForcibly().waitFor()
                val kept = Store.open(there).list().map { it.id() }
                val again =
                    LocalCluster.asDriver("spark.cores.max" to "1") {
                        connect(there).use { it.run(requests) { false } }
                    }
                again.map { it.outcome() } shouldBe List(3) { Outcome.COMPLETE }
                again.filter { it.reused() }.map { it.request().id() }.toSet() shouldBe kept.toSet()
                kept.size shouldBeGreaterThan 0
                files(there) shouldBe files(here)
            }
    })
