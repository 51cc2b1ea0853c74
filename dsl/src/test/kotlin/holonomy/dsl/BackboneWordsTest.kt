package holonomy.dsl

import holonomy.data.UserError
import holonomy.model.ComputeDevice
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.language.backbone
import holonomy.study.language.backboneOverSteps
import holonomy.study.language.decayOnly
import holonomy.study.language.mean
import holonomy.study.language.noiseWalk
import holonomy.study.language.twins
import holonomy.study.markers.markedSum
import holonomy.study.markers.standard
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private val small =
    tiny.copy(weightDecay = .5, learningRate = 1e-2, steps = 40, evaluations = 3, snapshots = 21, seeds = listOf(1, 2))

private val handle = backbone(snapshots = small.snapshots)

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", study = "a study", block = block) }

class BackboneWordsTest :
    FreeSpec({
        "a backbone's numbers stand beside those of a walk that learns nothing, and twins beside each other" {
            lateinit var read: () -> Unit
            val experiment = declared {
                val runs =
                    train(small.standard, on = listOf(small.markedSum()), seeds = small.seeds) { measure(handle) }
                val others =
                    train(small.standard, on = listOf(small.markedSum()), seeds = small.seeds, data = nextSeed) {
                        measure(handle)
                    }
                val twins = twins(runs, others, handle)
                read = {
                    val pc1 = runs.mean(handle.pc1)
                    pc1.values.bySeed().size shouldBe 2
                    pc1.excess(noiseWalk).values.bySeed().values.forEach { it shouldBe (0.0 plusOrMinus .5) }
                    runs.mean(handle.rawPc1).under(decayOnly).bySeed().values.forEach {
                        it shouldBe (1.0 plusOrMinus 1e-9)
                    }
                    val early = runs.mean(handle.updateCosine, upTo = .2)
                    early.values.label() shouldBe "update cosine, measured path, mean up to 0.2 of the steps"
                    (runs.mean(handle.pc1, startRemoved).values.bySeed() == pc1.values.bySeed()) shouldBe false
                    twins.cosineOfBackbones().values.bySeed().values.all { it in -1.0..1.0 } shouldBe true
                    twins.common().values.bySeed().size shouldBe 2
                    backboneOverSteps(runs, listOf(handle.along, handle.across)).name shouldBe "backbone"
                }
            }
            val store = Store.open(tempdir().toPath())
            val runs = Runner(store, ComputeDevice.CPU, 1, Progress.NONE).run(experiment.requests) { false }
            val stored = runs.associate { it.request().id() to it.run().get() }
            experiment.archive.fill(stored)
            val wanted = experiment.derived.map { it.of(it.run(stored::get)!!, stored::get) }
            val derived = DerivedRunner(store, 1, Progress.NONE).run(wanted) { false }.map { it.stored().get() }
            experiment.archive.fill(stored + derived.associateBy { it.id() })
            read()
        }

        "twins of other seeds, or on the same data: known before anything trains" {
            declared {
                val runs =
                    train(small.standard, on = listOf(small.markedSum()), seeds = small.seeds) { measure(handle) }
                shouldThrow<UserError> { twins(runs, runs, handle) }.message!!.substringBefore(", found") shouldBe
                    "twins: expected runs whose data differ"
                val elsewhere =
                    train(small.standard, on = listOf(small.markedSum()), seeds = listOf(5), data = nextSeed) {
                        measure(handle)
                    }
                shouldThrow<UserError> { twins(runs, elsewhere, handle) }.message shouldBe
                    "twins: expected one run of seed 1 among the others, found 0 runs; train them on the same seeds"
            }
        }
    })
