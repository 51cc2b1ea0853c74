package holonomy.run

import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.store.Provenance
import holonomy.store.Store
import holonomy.store.spec
import holonomy.store.summary
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Trainer
import holonomy.train.Training
import holonomy.train.TrainingState
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.time.DurationUnit
import kotlin.time.measureTime

/**
 * What checkpoints and store cost beside a training of the quick profile's size: a checkpoint, the 25 snapshots and the
 * end of a run are timed, and set in proportion to 60 s of training and to the profile's 480 steps.
 */
class OverheadTest :
    FreeSpec({
        "checkpoints and store cost at most 3 % of training time" {
            val task = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
            val spec = RunSpec(task, Architecture(32, 12, 4, 3, 4, 64, 0), Training(AdamW.of(1e-3), 480, 64), 1)
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 25)
            val request = RunRequest(spec, "overhead", setOf(plan), listOf())
            val store = Store.open(tempdir().toPath())
            val state = TrainingState.initial(spec)
            spec.model().open(ComputeDevice.CPU).use { network ->
                val trainer = Trainer(spec, network)
                trainer.train(state, listOf()) { state.step() >= 20 }
                val step = seconds { trainer.train(state, listOf()) { state.step() >= 60 } } / 40
                store.write(request.id(), "run", request.spec().spec()).use { writer ->
                    writer.syncLater()
                    val restored =
                        Checkpoint.Restored(state, holonomy.train.Observer.Step(1.0, 1.0), mapOf(), listOf(), 1.0)
                    Checkpoint.write(writer, restored, Provenance.products(ComputeDevice.CPU))
                    val checkpoint =
                        seconds {
                            repeat(5) { Checkpoint.write(writer, restored, Provenance.products(ComputeDevice.CPU)) }
                        } / 5
                    val recorder = Recorder(spec, network, writer, listOf(plan), listOf(), listOf()) { false }
                    val begin = TrainingState.initial(spec)
                    recorder.observe(begin, holonomy.train.Observer.Step.NONE)
                    val snapshot =
                        seconds { repeat(10) { recorder.observe(begin, holonomy.train.Observer.Step.NONE) } } / 10
                    val end = seconds { writer.complete(summary(1.0)) }
                    val share = checkpoint / 60 + (25 * snapshot + end) / (480 * step)
                    println(
                        "step %.1f ms; checkpoint %.1f, snapshot %.1f, end %.1f ms: %.2f %% of training"
                            .format(step * 1e3, checkpoint * 1e3, snapshot * 1e3, end * 1e3, 100 * share)
                    )
                    share shouldBeLessThan .03
                }
            }
            Runner.CHECKPOINT_EVERY shouldBe Duration.ofSeconds(60)
        }
    })

private fun seconds(block: () -> Unit) = measureTime(block).toDouble(DurationUnit.SECONDS)
