package holonomy.dsl

import holonomy.data.UserError
import holonomy.model.ComputeDevice
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.language.StorySizes
import holonomy.study.language.Switch
import holonomy.study.language.accuracyAfter
import holonomy.study.language.accuracyAtEnd
import holonomy.study.language.backbone
import holonomy.study.language.backboneDirections
import holonomy.study.language.competition
import holonomy.study.language.competitionOverSteps
import holonomy.study.language.depth
import holonomy.study.language.depthBySigma
import holonomy.study.language.language
import holonomy.study.language.lensOverSteps
import holonomy.study.language.logitLens
import holonomy.study.language.lossCorrelation
import holonomy.study.language.lossCorrelationOfChanges
import holonomy.study.language.noiseWalk
import holonomy.study.language.on
import holonomy.study.language.otherTimes
import holonomy.study.language.peaksOfNoise
import holonomy.study.language.rateAt
import holonomy.study.language.reached
import holonomy.study.language.recoveredFromHighLessLow
import holonomy.study.language.recovery
import holonomy.study.language.relaxation
import holonomy.study.language.shareOfLogit
import holonomy.study.language.startsApart
import holonomy.study.language.stories
import holonomy.study.language.switches
import holonomy.study.language.switchesInOrder
import holonomy.study.language.trunk
import holonomy.train.AdamW
import holonomy.train.Schedule
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.PI
import kotlin.math.cos

private val published =
    Profile(
        name = "unit",
        task = StorySizes(length = 48, vocabulary = 192, codewords = 8, heldOut = 40),
        layers = 1,
        heads = 2,
        width = 16,
        learningRate = 1e-3,
        weightDecay = .5,
        warmup = 1_500,
        steps = 10_000,
        batch = 128,
        snapshots = 51,
        evaluations = 51,
        seeds = listOf(1),
    )

private val small =
    published.copy(learningRate = 3e-2, warmup = 2, steps = 20, batch = 8, snapshots = 11, seeds = listOf(1, 2))

private val task = small.stories(share = .5, near = 3..12, far = 16..27)

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", study = "a study", block = block) }

class BasinWordsTest :
    FreeSpec({
        "relaxation and recovery go on as published: a level rate, and what the probe weighs" {
            val relaxed = published.relaxation()
            (relaxed.optimizer() as AdamW).run { learningRate() to beta2() } shouldBe (6e-4 to .95)
            relaxed.schedule() shouldBe Schedule.constant()
            relaxed.weights()["probe"] shouldBe Schedule.level(4.0)
            (published.recovery.optimizer() as AdamW).run { learningRate() to beta2() } shouldBe (1e-3 to .999)
            published.recovery.weights()["probe"] shouldBe Schedule.level(8.0)
            published.rateAt(10_000) shouldBe .1
            published.rateAt(4_000) shouldBe ((1 + cos(PI * 2_501 / 8_500)) / 2 plusOrMinus 1e-12)
        }

        "forks of a run: displaced and not, recovered, switched; each number per seed, each figure drawn" {
            lateinit var read: () -> Unit
            val accuracy = accuracy(11, 40)
            val path = backbone(11)
            val there = accuracy.on("short gap, random ids")
            val text = accuracy.on("validation")
            val lens = logitLens(2, "short gap, random ids", 20)
            val experiment = declared {
                val runs =
                    train(small.language, on = listOf(task), seeds = small.seeds) {
                        measure(accuracy, path, lens)
                        snapshot(everyWeight, 3)
                    }
                val random = randomDirections(1, inBlocksOf = trunk)
                val own = runs.backboneDirections(path, until = 10)
                val relaxed =
                    fork(runs, 10, 4, fresh, training = small.relaxation(), name = "relaxed") { measure(accuracy) }
                val depth =
                    depth("from step 10", relaxed, mapOf(random to listOf(.0, .5), own to listOf(-.5, .0))) {
                        measure(accuracy)
                    }
                val from =
                    listOf(10L, 20L).map {
                        fork(runs, it, 4, fresh, training = small.recovery, name = "recovered from $it") {
                            measure(accuracy)
                        }
                    }
                val switches = switches(runs, text, path, least = 1e-9)
                val competition = competition(runs, states = 3, batches = 2)
                fun Measured.perSeed() = values.bySeed().values.toList()
                read = {
                    depth.of(random, .0).ids shouldContainExactly relaxed.ids
                    depth.of(own, .0).ids shouldContainExactly relaxed.ids
                    val ends =
                        listOf(relaxed, depth.of(random, .5), depth.of(own, -.5)).flatMap { of ->
                            of.finished().map { it.second.summary()["theta"].textValue() }
                        }
                    ends.distinct().size shouldBe 6
                    relaxed.accuracyAtEnd(there).perSeed().all { it in .0..1.0 } shouldBe true
                    depthBySigma(listOf(depth), there, "Depth").name shouldBe "depth"
                    shouldThrow<UserError> { depth.of(random, .7) }.message shouldBe
                        "depth 'from step 10': there is no displacement along random in blocks by 0.7; there are " +
                            "[displaced along random in blocks, 0, displaced along random in blocks, 0.5, " +
                            "displaced along the backbone, -0.5, displaced along the backbone, 0]"
                    recoveredFromHighLessLow(from, there).perSeed().all { it in -1.0..1.0 } shouldBe true
                    startsApart(from, there, by = 2.0).holds() shouldBe false
                    reached(runs, there, atLeast = .0).holds() shouldBe true
                    for (of in Switch.entries) {
                        val mean = switches.mean(of)
                        listOf(mean.values, mean.under(noiseWalk), mean.under(otherTimes)).forEach {
                            it.bySeed().size shouldBe 2
                        }
                    }
                    switchesInOrder(switches, listOf(Switch.LENGTH), "Switches").name shouldBe "switches"
                    competition.cosine().perSeed().all { it in -1.0..1.0 } shouldBe true
                    (competition.probeWithItself(from = .5).perSeed() ==
                        competition.cosine(from = .5).perSeed()) shouldBe false
                    competitionOverSteps(competition, "Competition").name shouldBe "competition"
                    runs.accuracyAfter(0, lens).perSeed().all { it in .0..1.0 } shouldBe true
                    runs.shareOfLogit(0, lens).values.bySeed().size shouldBe 2
                    lensOverSteps(runs, lens, "Lens").name shouldBe "lens"
                    runs.lossCorrelation(text, there).perSeed().all { it in -1.0..1.0 } shouldBe true
                    runs.lossCorrelationOfChanges(text, there).perSeed().all { it in -1.0..1.0 } shouldBe true
                    runs.peaksOfNoise(there, least = .03).perSeed().all { it >= 0 } shouldBe true
                }
            }
            val store = Store.open(tempdir().toPath())
            val results =
                Runner(store, ComputeDevice.CPU, 2, Progress.NONE)
                    .run(experiment.requests) { false }
                    .map { it.run().get() }
            val byId = results.associateBy { it.id() }
            val derived =
                experiment.derived.map { request ->
                    val run = checkNotNull(request.run(byId::get))
                    DerivedRunner(store, 1, Progress.NONE)
                        .run(listOf(request.of(run, byId::get)), { false })
                        .single()
                        .stored()
                        .get()
                }
            experiment.archive.fill(byId + derived.associateBy { it.id() })
            read()
        }
    })
