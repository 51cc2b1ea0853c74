package holonomy.probe

import holonomy.data.UserError
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Progress.Outcome
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.Stage
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.util.concurrent.atomic.AtomicInteger

class StudyTest :
    FreeSpec({
        val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
        val model = Architecture(16, 7, 2, 2, 2, 16, 0)
        val spec = RunSpec(task, model, Training(AdamW.of(1e-3), 20, 16), 1)
        val plan = SnapshotPlan.of(WeightGroup.ALL, 5)
        val accuracy = Accuracy(Cadence.times(5), 64)
        val request = RunRequest(spec, "tiny", setOf(plan), listOf(accuracy))

        fun trained(store: Store): StoredRun =
            Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request)) { false }.single().run().get()

        val store = Store.open(tempdir().toPath())
        val run = trained(store)
        val recipe = ProbeTraining(Sparsity.TopK(2), 12, AdamW.of(1e-3), 30, 16)
        val settings = SparseStudy.Settings(recipe, 600, 200, 20, AblationPlan(2, listOf(4), 2, 32))

        fun study(of: StoredRun, layer: Int = 0, step: Long = 20) =
            SparseStudy(of, spec, plan, step, layer, Places.VALUES, settings, "study")

        "stages find their snapshots: by step, by accuracy, at the end" {
            Stage.End().step(run, spec, plan) shouldBe 20
            Stage.Step(6).step(run, spec, plan) shouldBe 10
            Stage.Step(0).step(run, spec, plan) shouldBe 0
            Stage.Reached(0.0, accuracy).step(run, spec, plan) shouldBe 0
            // A plan with few snapshots gives the next one.
            Stage.Step(6).step(run, spec, SnapshotPlan.of(WeightGroup.ALL, 1)) shouldBe 20
            val end = Stage.weights(run, spec, plan, 20)
            holonomy.data.Sha256.of(bytes(end)) shouldBe run.summary().path("theta").asText()
            Stage.weights(run, spec, plan, 10) shouldNotBe end
        }

        "a stage that the run never reached is an error that says what was reached" {
            val rows = run.table(accuracy.file()).rows().groupBy { it.number("step") }
            val best = rows.mapValues { (_, cells) -> cells.map { it.number("accuracy") }.average() }.maxBy { it.value }
            shouldThrow<UserError> { Stage.Reached(.999, accuracy).step(run, spec, plan) }.message shouldBe
                "stage 'accuracy 0.999': the run (${spec.label()}) never reached it; its highest accuracy is " +
                    "${holonomy.data.Numbers.brief(best.value)} at step ${best.key.toLong()}. Train longer or choose an earlier stage"
            shouldThrow<UserError> { Stage.Step(21).step(run, spec, plan) }.message shouldBe
                "stage 'step 21': the run (${spec.label()}) never reached it; its last step is 20. Train longer or choose an earlier stage"
            shouldThrow<UserError> { Stage.weights(run, spec, SnapshotPlan.of(WeightGroup.ATTENTION, 5), 20) }
                .message shouldBe
                "stage: expected snapshots of every weight, found ATTENTION; add snapshot(everyWeight, count = ...) to train { }"
        }

        "a study is computed once, and again to the same bytes elsewhere" {
            val computed = AtomicInteger()
            val counting =
                object : Progress by Progress.NONE {
                    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
                        computed.incrementAndGet()
                    }
                }
            fun derive(store: Store, of: StoredRun) =
                DerivedRunner(store, 2, counting).run(listOf(study(of), study(of), study(of, layer = 1))) { false }
            val first = derive(store, run)
            first.map { it.outcome() } shouldBe listOf(Outcome.COMPLETE, Outcome.COMPLETE)
            computed.get() shouldBe 2
            derive(store, run).map { it.stored().get().id() } shouldBe first.map { it.stored().get().id() }
            computed.get() shouldBe 2
            val other = Store.open(tempdir().toPath())
            val again = derive(other, trained(other))
            for (file in
                listOf(SparseStudy.ABLATION, SparseStudy.ATTRIBUTION, SparseStudy.LATENTS, SparseStudy.PROBE)) {
                again[0].stored().get().bytes(file) shouldBe first[0].stored().get().bytes(file)
            }
            first[0].stored().get().kind() shouldBe "sae"
            first[0].stored().get().spec().path("run").asText() shouldBe run.id()
            study(run, step = 10).id() shouldNotBe study(run).id()
        }

        "the ablation's table: at the last layer an edit reaches only sequences that end in a value" {
            val results =
                DerivedRunner(store, 1, Progress.NONE).run(listOf(study(run), study(run, layer = 1))) { false }
            for ((layer, result) in results.withIndex()) {
                for (row in result.stored().get().table(SparseStudy.ABLATION).rows()) {
                    (row.number("able") == 1.0) shouldBe (layer == 0)
                    (row.number("changed") <= row.number("able")) shouldBe true
                    if (row.text("edit") == AblationPlan.NONE) row.number("changed") shouldBe 0.0
                }
            }
        }

        "stopped: what is in progress leaves nothing finished, what was finished stays" {
            val fresh = Store.open(tempdir().toPath())
            val own = trained(fresh)
            DerivedRunner(fresh, 1, Progress.NONE).run(listOf(study(own))) { false }
            val asked = AtomicInteger()
            val results =
                DerivedRunner(fresh, 1, Progress.NONE).run(listOf(study(own), study(own, layer = 1))) {
                    asked.incrementAndGet() > 5
                }
            results.map { it.outcome() } shouldBe listOf(Outcome.COMPLETE, Outcome.INTERRUPTED)
            fresh.find(study(own).id()).isPresent shouldBe true
            fresh.find(study(own, layer = 1).id()).isPresent shouldBe false
        }

        "linear probes: every layer and target, beside shuffled labels" {
            val probes = LinearStudy(run, spec, plan, 20, LogisticRegression.standard(), 512, 256, "probes")
            val result = DerivedRunner(store, 1, Progress.NONE).run(listOf(probes)) { false }.single()
            result.cause() shouldBe ""
            val rows = result.stored().get().table(LinearStudy.ACCURACY).rows()
            rows.map { it.number("layer") to it.text("target") } shouldBe
                listOf(-1.0, 0.0, 1.0).flatMap { layer -> listOf(layer to "m", layer to "label") }
            result.stored().get().table(LinearStudy.OVERLAP).size() shouldBe 3
        }

        "a layer that doesn't exist" {
            shouldThrow<UserError> { study(run, layer = 2) }.message shouldBe
                "site: the model has no residual at layer 2; expected -1..1"
        }
    })

private fun bytes(theta: FloatArray): ByteArray {
    val buffer = java.nio.ByteBuffer.allocate(4 * theta.size).order(java.nio.ByteOrder.LITTLE_ENDIAN)
    buffer.asFloatBuffer().put(theta)
    return buffer.array()
}
