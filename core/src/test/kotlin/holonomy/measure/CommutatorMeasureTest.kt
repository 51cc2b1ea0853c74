package holonomy.measure

import holonomy.data.UserError
import holonomy.model.ComputeDevice
import holonomy.model.Transformer
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.Store
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe

private fun measure(pairs: Int = 2, eta: Double = 1e-3, snapshots: Int = 5, length: Double = 3e-3) =
    CommutatorMeasure(Cadence.times(3), SnapshotPlan.of(WeightGroup.ATTENTION, snapshots), pairs, 1, 1, 3, length, eta)

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Transformer(16, 7, 2, 2, 2, 16, 0)

private fun run(store: java.nio.file.Path, measures: List<Measure>) =
    Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE, java.time.Duration.ofMinutes(1))
        .run(
            listOf(
                RunRequest(RunSpec(task, model, Training(Optimizer.AdamW.of(1e-2), 16, 8), 1), "run", setOf(), measures)
            ),
            { false },
        )
        .single()
        .run()
        .get()

class CommutatorMeasureTest :
    FreeSpec({
        "a run with these measures has the weights of a run without, and its table keeps to the definitions" {
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 5)
            val attention = AttentionEntropy(Cadence.times(3), 16, listOf(1, 7))
            val measured = run(tempdir().toPath(), listOf(measure(), attention, SubspaceDistance(plan, 3)))
            val plain = run(tempdir().toPath(), listOf())
            measured.id() shouldBe plain.id()
            measured.summary()["theta"] shouldBe plain.summary()["theta"]

            val table = measured.table(measure().file())
            fun of(variant: String) = table.where { it.text("variant") == variant }.rows()
            for (row in of(CommutatorMeasure.OURS)) {
                val product = row.number("step_a") * row.number("step_b")
                (row.number("delta") / product) shouldBe (row.number("defect") plusOrMinus 1e-9 * row.number("defect"))
                row.number("closure").shouldBeBetween(0.0, 1.0, 1e-12)
            }
            // Fewer than k + 1 earlier snapshots: no basis of the own path, a gap and not a zero.
            val own = of(CommutatorMeasure.PROJECTION).filter { it.text("basis") == CommutatorMeasure.OWN_BASIS }
            own.map { it.number("step") }.toSet() shouldBe setOf(16.0)
            for (row in of(CommutatorMeasure.PROJECTION)) {
                val rho = row.number("rho")
                row.number("rho_squared") shouldBe (rho * rho plusOrMinus 1e-12)
                row.number("one_minus_rho") shouldBe (1 - rho plusOrMinus 1e-12)
                row.number("perpendicular_share") shouldBe (kotlin.math.sqrt(1 - rho * rho) plusOrMinus 1e-9)
                row.number("isotropic_mean") shouldBe
                    (row.number("directions") / model.layout().size() plusOrMinus 1e-12)
            }
            val entropy = measured.table(attention.file())
            for (row in entropy.where { it.text("quantity") == AttentionEntropy.LAST }.rows()) {
                row.number("value").shouldBeBetween(0.0, kotlin.math.ln(7.0), 1e-6)
            }
            for (row in
                entropy.where { it.text("quantity") == AttentionEntropy.MASS && it.number("k") == 7.0 }.rows()) {
                row.number("value") shouldBe (1.0 plusOrMinus 1e-5)
            }
        }

        "mistakes say what was expected" {
            shouldThrow<UserError> { measure(pairs = 0) }.message shouldBe
                "commutators: expected at least 1 pair of batches per measurement, found 0"
            shouldThrow<UserError> { measure(eta = 0.0) }.message shouldBe
                "commutators: expected a displacement and an eta above 0, found 0.003 and 0.0"
            shouldThrow<UserError> { measure(length = -1.0) }.message shouldBe
                "commutators: expected a displacement and an eta above 0, found -1.0 and 0.001"
            shouldThrow<UserError> { measure(snapshots = 3) }.message shouldBe
                "commutators: a basis of 3 directions per matrix needs at least 4 snapshots and 1 direction," +
                    " found 3 snapshots; take more snapshots or fewer directions"
            shouldThrow<UserError> { AttentionEntropy(Cadence.atEnd(), 4, listOf(0)) }.message shouldBe
                "attention override: expected to keep at least 1 entry of each row, found k = 0"
            shouldThrow<UserError> { SubspaceDistance(SnapshotPlan.of(WeightGroup.ATTENTION, 3), 3) }.message shouldBe
                "distance to the final subspace: 3 directions need at least 4 snapshots and 1 direction, found 3 snapshots"
        }
    })
