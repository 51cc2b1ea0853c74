package holonomy.dsl

import holonomy.data.UserError
import holonomy.model.ComputeDevice
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.language.Along
import holonomy.study.language.Whose
import holonomy.study.language.atEnd
import holonomy.study.language.atLossOf
import holonomy.study.language.backbone
import holonomy.study.language.backboneByArm
import holonomy.study.language.backboneOverSteps
import holonomy.study.language.backboneWindow
import holonomy.study.language.correlation
import holonomy.study.language.correlationOfChanges
import holonomy.study.language.decayOnly
import holonomy.study.language.finalLoss
import holonomy.study.language.gradients
import holonomy.study.language.gradientsOverSteps
import holonomy.study.language.lossByArm
import holonomy.study.language.mean
import holonomy.study.language.noiseTrainings
import holonomy.study.language.noiseWalk
import holonomy.study.language.on
import holonomy.study.language.tuned
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

private val window = backboneWindow(snapshots = small.snapshots)

private val accuracy = accuracy(5, 64)

private val text = accuracy.on("m = 1")

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", study = "a study", block = block) }

class BackboneWordsTest :
    FreeSpec({
        "a backbone's numbers stand beside those of a walk that learns nothing, and twins beside each other" {
            lateinit var read: () -> Unit
            val experiment = declared {
                val runs =
                    train(small.standard, on = listOf(small.markedSum()), seeds = small.seeds) {
                        measure(handle, window, accuracy)
                        snapshot(everyWeight, 6)
                    }
                val faster = small.copy(learningRate = 3e-2).standard.copy(name = "faster")
                val rates =
                    train(listOf(faster), on = listOf(small.markedSum()), seeds = small.seeds) {
                        measure(handle, accuracy)
                    } + runs
                val others =
                    train(small.standard, on = listOf(small.markedSum()), seeds = small.seeds, data = nextSeed) {
                        measure(handle)
                    }
                val twins = twins(runs, others, handle)
                val gradients = gradients(runs, others, handle, states = 6)
                val noise = noiseTrainings(runs, handle)
                fun Measured.perSeed() = values.bySeed().values.toList()
                read = {
                    val drift = runs.atEnd(window.drift)
                    drift.values.label() shouldBe "drift at the end, measured path, window of 0.15 to 0.5 of the steps"
                    val walk = drift.under(noiseWalk).bySeed().values.toList()
                    (drift over noiseWalk).perSeed().forEachIndexed { i, it ->
                        it shouldBe (drift.perSeed()[i] / walk[i] plusOrMinus 1e-12)
                    }
                    // At its own last loss, or before it: a share of the path so far.
                    runs.atLossOf(runs, text, handle.pc1SoFar).perSeed().all { it in .2..1.0 } shouldBe true
                    runs.correlation(text, handle.across).perSeed().all { it in -1.0..1.0 } shouldBe true
                    (runs.correlationOfChanges(text, handle.across).perSeed() ==
                        runs.correlation(text, handle.across).perSeed()) shouldBe false
                    val least = listOf(runs, rates.of(faster)).minBy { it.finalLoss(text).perSeed().sum() }
                    rates.tuned(text).ids shouldBe least.ids
                    for (of in Along.entries) for (whose in Whose.entries) {
                        gradients.cosine(of, whose).perSeed().all { it in -1.0..1.0 } shouldBe true
                    }
                    // v has seen the run's own updates.
                    (gradients.cosine(Along.UPDATE).perSeed().min() >
                        gradients.cosine(Along.MICRO_BATCH).perSeed().max()) shouldBe true
                    // Momentum's ten of these forty steps make noise straighter than the closed form, which has none.
                    noise.mean(handle.pc1).excess(noiseWalk).perSeed().all { it in .01..0.3 } shouldBe true
                    gradientsOverSteps(gradients).name shouldBe "gradients"
                    backboneByArm(rates, listOf(handle.pc1)).name shouldBe "backbone-by-arm"
                    lossByArm(rates, text).name shouldBe "loss-by-arm"
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
