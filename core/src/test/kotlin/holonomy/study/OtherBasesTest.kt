package holonomy.study

import holonomy.data.UserError
import holonomy.measure.SnapshotPlan
import holonomy.model.ComputeDevice
import holonomy.model.Transformer
import holonomy.model.WeightGroup
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.Store
import holonomy.study.OtherBases.Finished
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 7)

class OtherBasesTest :
    FreeSpec({
        val store = Store.open(tempdir().toPath())

        fun finished(seed: Long, width: Int = 16): Finished {
            val spec =
                RunSpec(task, Transformer(16, 7, 2, 2, 2, width, 0), Training(Optimizer.AdamW.of(1e-2), 30, 8), seed)
            val request = RunRequest(spec, "seed $seed", setOf(plan), listOf())
            val result = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request)) { false }.single()
            return Finished(result.run().get(), spec)
        }

        fun study(own: Finished, others: List<Finished>, directions: Int = 3) =
            OtherBases(own, others, plan, directions, 2, 3e-3, "study")

        "a path given as another one's has the own path's shares, a real other one has not" {
            val own = finished(1)
            val result =
                DerivedRunner(store, 1, Progress.NONE).run(listOf(study(own, listOf(own, finished(2))))) { false }
            val rows = result.single().stored().get().table(OtherBases.FILE).rows()
            for ((_, group) in rows.groupBy { it.value("pair") to it.text("vector") }) {
                val (first, same, other) = group.map { it.number("rho") }
                same shouldBe first
                other shouldNotBe first
                (first in 0.0..1.0) shouldBe true
                group.map { it.number("matched_rho") }.toSet().size shouldBe 1
            }
            rows.size shouldBe 2 * 2 * 3
        }
        "a path of another model's size" {
            val (own, other) = finished(1) to finished(1, width = 8)
            shouldThrow<UserError> { study(own, listOf(other)) }.message shouldBe
                "other seeds' bases: expected runs of one model, found ${own.spec().model().layout().size()} weights " +
                    "(${own.spec().label()}) and ${other.spec().model().layout().size()} (${other.spec().label()}); " +
                    "compare runs of one size"
        }
        "fewer snapshots than directions" {
            val failed = DerivedRunner(store, 1, Progress.NONE).run(listOf(study(finished(1), listOf(), 6))) { false }
            failed.single().cause() shouldBe
                "other seeds' bases: a basis of 6 directions per matrix needs at least 8 snapshots, found 7; " +
                    "take more snapshots or fewer directions"
        }
    })
