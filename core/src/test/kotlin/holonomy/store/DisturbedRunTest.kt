package holonomy.store

import holonomy.data.AtomicFiles
import holonomy.data.FileSteps
import holonomy.data.UserError
import holonomy.lease.RunLock
import holonomy.lease.steal
import holonomy.model.ComputeDevice
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Progress.Outcome
import holonomy.run.Runner
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.nio.file.Path
import java.util.Collections
import kotlin.io.path.exists

private val never = java.util.function.BooleanSupplier { false }

/**
 * Takes a lock as another machine does, whose owner gave no sign of life, and tidies the run as that one does first.
 */
private fun takeOver(root: Path, id: String): RunLock {
    val locks = root.resolve("locks")
    val lock = steal(locks, id)
    RunFolder.scan(root.resolve(id)).temporary().forEach(Files::delete)
    return lock
}

/** What a runner says; something happens when it waits. */
private class RunnerSaid(private val waits: () -> Unit = {}) : Progress by Progress.NONE {
    val events: MutableList<String> = Collections.synchronizedList(mutableListOf())
    var advances: (String, Long) -> Unit = { _, _ -> }

    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
        events += "started"
    }

    override fun advanced(runId: String, step: Long, loss: Double) = advances(runId, step)

    override fun waiting(runId: String, label: String, owner: String) {
        events += "waiting"
        waits()
    }

    override fun ended(runId: String, outcome: Outcome, cause: String) {
        events += "$outcome $cause".trim()
    }
}

class DisturbedRunTest :
    FreeSpec({
        val request = tinyRequest(1)
        val alone = Store.open(tempdir().toPath())
        Runner(alone, ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request), never)
        val expected = alone.find(request.id()).get()

        FileSteps.Step.entries
            .filter { it == FileSteps.Step.WRITE || it == FileSteps.Step.MOVE }
            .forEach { at ->
                "a run whose lock is taken inside a write (before $at) waits for the other, and is the same in the end" {
                    val root = tempdir().toPath()
                    var thief: RunLock? = null
                    val disk = AtomicFiles { step, path ->
                        if (step == at && "trajectory" in path.toString() && thief == null) {
                            thief = takeOver(root, request.id())
                            if (at == FileSteps.Step.WRITE) throw java.io.IOException("the file server hangs")
                        }
                    }
                    val heard = RunnerSaid { thief!!.close() }
                    val result =
                        Runner(Store.open(root, {}, disk), ComputeDevice.CPU, 1, heard).run(listOf(request), never)
                    heard.events shouldBe
                        listOf(
                            "started",
                            "INTERRUPTED another process has taken it over",
                            "waiting",
                            "started",
                            "COMPLETE",
                        )
                    result.single().run().get().files().filterKeys { it != "provenance.json" } shouldBe
                        expected.files().filterKeys { it != "provenance.json" }
                }
            }

        "a lock lost while a run is begun is a run that another makes" {
            val root = tempdir().toPath()
            var thief: RunLock? = null
            val disk = AtomicFiles { step, path ->
                if (step == FileSteps.Step.MOVE && path.endsWith("spec.json")) thief = takeOver(root, idOf(1))
            }
            Store.open(root, {}, disk).tryWrite(idOf(1), "run", spec(1)).isEmpty shouldBe true
            thief shouldNotBe null
        }

        "a derived result that another process computes is waited for; so is one that was taken over" {
            val root = tempdir().toPath()
            val store = Store.open(root)
            val sums = SnapshotSums(expected, request)
            val first = store.write(sums.id(), sums.kind(), sums.spec())
            val heard = RunnerSaid { first.close() }
            DerivedRunner(store, 1, heard).run(listOf(sums), never).single().outcome() shouldBe Outcome.COMPLETE
            heard.events shouldBe listOf("waiting", "started", "COMPLETE")

            store.delete(sums.id())
            var thief: RunLock? = null
            val again = RunnerSaid { thief!!.close() }
            again.advances = { id, _ -> if (thief == null) thief = takeOver(root, id) }
            val result = DerivedRunner(store, 1, again).run(listOf(sums), never).single()
            again.events shouldBe
                listOf("started", "INTERRUPTED another process has taken it over", "waiting", "started", "COMPLETE")
            result.stored().get().verify() shouldBe listOf()
        }

        "a run whose folder is deleted under it fails and says so; the others go on, and the same command makes it" {
            val root = tempdir().toPath()
            val heard = RunnerSaid()
            heard.advances = { id, step ->
                if (id == request.id() && step == 3L) root.resolve(id).toFile().deleteRecursively() shouldBe true
            }
            val wanted = listOf(request, tinyRequest(2))
            val results = Runner(Store.open(root), ComputeDevice.CPU, 1, heard).run(wanted, never)
            results.map { it.outcome() } shouldBe listOf(Outcome.FAILED, Outcome.COMPLETE)
            results[0].cause() shouldBe
                "run ${request.id()}: its folder ${root.resolve(request.id())} was deleted while the run was being made; the same command makes it from the start"
            root.resolve(request.id()).exists() shouldBe false
            val again = Runner(Store.open(root), ComputeDevice.CPU, 1, Progress.NONE).run(wanted, never)
            again.map { it.reused() } shouldBe listOf(false, true)
            again[0].run().get().summary()["theta"] shouldBe expected.summary()["theta"]
        }

        "half a run is never finished: a file deleted under its writer is missed" {
            val store = Store.open(tempdir().toPath())
            store.write(idOf(1), "run", spec(1)).use { run ->
                run.putTable("metrics/loss.parquet", table(1.0))
                Files.delete(store.folder(idOf(1)).resolve("metrics/loss.parquet"))
                shouldThrow<UserError> { run.complete(summary(1.0)) }.message shouldStartWith
                    "no writable store at ${store.root()}: cannot write manifest.json of run ${idOf(1)}: "
            }
            store.find(idOf(1)).isEmpty shouldBe true
        }
    })
