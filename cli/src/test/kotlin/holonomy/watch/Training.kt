package holonomy.watch

import holonomy.dsl.Declarations
import holonomy.dsl.Invocation
import holonomy.dsl.accuracy
import holonomy.dsl.attention
import holonomy.dsl.experiment
import holonomy.dsl.tiny
import holonomy.model.ComputeDevice
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.ExperimentRun
import holonomy.store.Store
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** A real training of two tiny runs, one after the other, that stands still in the second until it is let go. */
internal class Training(private val root: Path) : AutoCloseable {
    private val declared =
        Declarations.collecting(Declarations(Invocation())) {
            experiment("watched", "Why?") {
                train(listOf(tiny.attentionOnly), on = listOf(tiny.mainTask), seeds = listOf(1L, 2L)) {
                    measure(accuracy(5, 16))
                    snapshot(attention, 3)
                }
            }
        }
    val ids = declared.requests.map { it.id() }
    private val stands = CountDownLatch(1)
    private val letGo = CountDownLatch(1)
    private val worker = thread(start = false, isDaemon = true) { train() }

    /** Trains until the second run stands still, with a checkpoint of the step before. */
    fun untilItStands() {
        val asked = declared.requests.map { ExperimentRun("watched", it.id(), it.label(), mapOf()) }
        Store.open(root).experimentRuns().add("watched", asked)
        worker.start()
        check(stands.await(PATIENCE, TimeUnit.SECONDS)) { "no run got to step $AT" }
    }

    fun toItsEnd() {
        letGo.countDown()
        worker.join(TimeUnit.SECONDS.toMillis(PATIENCE))
        check(!worker.isAlive) { "the training did not end" }
    }

    override fun close() = letGo.countDown()

    private fun train() {
        val progress =
            object : Progress by Progress.NONE {
                override fun advanced(runId: String, step: Long, loss: Double) {
                    if (runId != ids[1] || step != AT) return
                    stands.countDown()
                    letGo.await()
                }
            }
        Runner(Store.open(root), ComputeDevice.CPU, 1, progress, Duration.ofNanos(1)).run(declared.requests) { false }
    }

    companion object {
        const val AT = 12L
        private const val PATIENCE = 300L
    }
}
