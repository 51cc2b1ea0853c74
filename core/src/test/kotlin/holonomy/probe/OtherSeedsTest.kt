package holonomy.probe

import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.measure.Cadence
import holonomy.measure.CommutatorMeasure
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
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
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 2, 2, 16, 0)
private val measure =
    CommutatorMeasure(Cadence.times(3), SnapshotPlan.of(WeightGroup.ATTENTION, 5), 2, 0, 0, 3, 3e-3, 1e-3)

private fun spec(seed: Long) = RunSpec(task, model, Training(AdamW.of(1e-2), 16, 8), seed)

class OtherSeedsTest :
    FreeSpec({
        val store = Store.open(tempdir().toPath())
        val requests = (1L..3L).map { RunRequest(spec(it), "seed $it", setOf(), listOf(measure)) }
        val runs = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(requests, { false }).map { it.run().get() }

        fun shares(others: List<StoredRun>): StoredRun {
            val derived = OtherSeeds(runs[0], spec(1), others, measure, "shares")
            return DerivedRunner(store, 1, Progress.NONE).run(listOf(derived), { false }).single().stored().get()
        }

        "in the own path they are those that were measured along the training" {
            val made = shares(runs.drop(1)).table(OtherSeeds.SHARES)
            made.rows().map { it.text("basis") }.toSet() shouldBe
                setOf(CommutatorMeasure.OWN_BASIS, "path of seed 2", "path of seed 3")
            made.rows().map { it.text("vector") }.toSet() shouldBe setOf("delta", "gradient")
            val along =
                runs[0].table(measure.file()).rows().filter {
                    it.number("step") == 16.0 &&
                        it.value("basis") == CommutatorMeasure.OWN_BASIS &&
                        it.text("vector") != "optimiser step"
                }
            val own = made.rows().filter { it.text("basis") == CommutatorMeasure.OWN_BASIS }
            own.size shouldBe along.size
            own.zip(along).forEach { (here, there) ->
                listOf("pair", "vector", "rho", "matched_mean", "matched_low", "zero_gradient").forEach {
                    here.value(it) shouldBe there.value(it)
                }
            }
        }

        "another seed's path is another basis of as many directions" {
            val made = shares(runs.drop(1)).table(OtherSeeds.SHARES).rows().filter { it.text("vector") == "delta" }
            fun of(basis: String) = made.filter { it.text("basis") == basis }.map { it.number("rho") }
            of("path of seed 2").zip(of("path of seed 3")).forEach { (a, b) ->
                kotlin.math.abs(a - b) shouldBeGreaterThan 1e-6
            }
            made.map { it.number("directions") }.toSet() shouldBe setOf(3.0 * 4 * model.layers())
        }

        "one seed alone has its own path" {
            val made = shares(listOf())
            made.table(OtherSeeds.SHARES).rows().map { it.text("basis") }.toSet() shouldBe
                setOf(CommutatorMeasure.OWN_BASIS)
            made.summary()["step"].asLong().toDouble() shouldBe (16.0 plusOrMinus 0.0)
        }

        "a basis of another model's size is refused" {
            val name = model.layout().group(WeightGroup.ATTENTION)[0].name()
            val path = ArrayTrajectory.of(name, Array(5) { FloatArray(4) })
            shouldThrow<UserError> { measure.pathBasis(path, 9, model.layout()) }.message shouldBe
                "commutators: the basis has 4 weights in $name, the model 256; take a basis from a run of the same model"
            val unknown = ArrayTrajectory.of("W", Array(5) { FloatArray(4) })
            shouldThrow<UserError> { measure.pathBasis(unknown, 9, model.layout()) }.message shouldBe
                "commutators: the basis has 4 weights in W, the model 0; take a basis from a run of the same model"
        }

        "too few snapshots before the moment: no basis" {
            val name = model.layout().group(WeightGroup.ATTENTION)[0].name()
            val path = ArrayTrajectory.of(name, Array(5) { FloatArray(256) { i -> (i * (it + 1) % 7).toFloat() } })
            measure.pathBasis(path, 3, model.layout()).isPresent shouldBe false
            measure.pathBasis(path, 4, model.layout()).isPresent shouldBe true
        }
    })
