package holonomy.dsl

import holonomy.claim.Judge
import holonomy.claim.SeedValues
import holonomy.claim.Verdict
import holonomy.data.UserError
import holonomy.figure.Exporter
import holonomy.figure.FigureContext
import holonomy.geometry.Subspace
import holonomy.geometry.TrajectorySection
import holonomy.measure.TrajectorySpectrum
import holonomy.model.ComputeDevice
import holonomy.model.Weights
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.statistic.StageTables
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.study.grokking.pairs
import holonomy.study.markers.antiCurriculum
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.comparisons
import holonomy.study.markers.curriculum
import holonomy.study.markers.forgetting
import holonomy.study.markers.heldOut
import holonomy.study.markers.learned
import holonomy.study.markers.mainTask
import holonomy.study.markers.prime
import holonomy.study.markers.rankByStage
import holonomy.study.markers.stageAngles
import holonomy.study.markers.stageOverlaps
import holonomy.study.markers.stagePaths
import holonomy.study.markers.standard
import holonomy.task.Marks
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.math.abs

private val short =
    tiny.copy(task = tiny.task.copy(heldOut = 16), steps = 8, snapshots = 9, evaluations = 5, seeds = listOf(1, 2, 3))
private val accuracy = accuracy(short.evaluations, short.heldOut)
private val spectrum = trajectorySpectrum(attention, short.snapshots, windows = 2, shuffledWindows = 1)
private val without = short.attentionOnly
private val with = short.standard
private val mixed = short.mainTask
private val staged = short.curriculum()
private val rehearsed = short.curriculum(rehearsal = .25)

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", study = "a study", block = block) }

private fun points(vararg arms: Arm, on: List<holonomy.task.Task> = listOf(mixed)) =
    declared { compare(arms.toList(), on, short.seeds) {} }.points

/** Trains what a block declares and gives its result. */
private fun <T : Any> trained(store: Path, block: ExperimentScope.() -> T): T {
    lateinit var result: T
    val experiment = declared { result = block() }
    val opened = Store.open(store)
    val results = Runner(opened, ComputeDevice.CPU, 1, Progress.NONE).run(experiment.requests) { false }
    val runs = results.associate { it.request().id() to it.run().get() }
    val wanted = experiment.derived.map { it.of(it.run(runs::get)!!, runs::get) }
    val derived = DerivedRunner(opened, 1, Progress.NONE).run(wanted) { false }.map { it.stored().get() }
    experiment.archive.fill(runs + derived.associateBy { it.id() })
    return result
}

private fun measured(vararg values: Double) =
    plain(SeedValues.of("x", values.withIndex().associate { (i, x) -> i + 1L to x }.toSortedMap()))

private fun Point.firstBatch() =
    request
        .spec()
        .let { it.task().batch(it.batches(), 0, it.training().batch()) }
        .let { it.tokens().toList() to it.targets().toList() }

class CompareTest :
    FreeSpec({
        "arms that can share them" -
            {
                "start with the same batch, seed by seed, whatever the model" {
                    for ((seed, arms) in points(without, with, without.widerLike(with, mixed)).groupBy { it.seed }) {
                        withClue("seed $seed") { arms.map { it.firstBatch() }.distinct().size shouldBe 1 }
                    }
                }
                "and whatever the schedule, where it starts with the same m" {
                    val drawn = points(without, on = listOf(mixed, staged, rehearsed)).groupBy { it.seed }
                    for (arms in drawn.values) {
                        arms[1].firstBatch() shouldBe arms[2].firstBatch()
                        val m = arms[0].request.spec().let { Marks.of(it.task().batch(it.batches(), 0, 1)).counts()[0] }
                        if (m == 1) arms[0].firstBatch() shouldBe arms[1].firstBatch()
                    }
                }
                "start with the same weights in every block of the same name and shape" {
                    val arms = listOf(without, with, without.deeperLike(with, mixed))
                    for (points in points(*arms.toTypedArray()).groupBy { it.seed }.values) {
                        val initial =
                            points.map { Weights.initial(it.request.spec().model(), it.request.spec().initSeed()) }
                        for (other in initial.drop(1)) {
                            val shared =
                                initial[0].layout().blocks().filter { block ->
                                    other.layout().blocks().any {
                                        it.name() == block.name() &&
                                            it.rows() == block.rows() &&
                                            it.columns() == block.columns()
                                    }
                                }
                            shared.size shouldBe initial[0].layout().blocks().size
                            shared.forEach {
                                withClue(it.name()) {
                                    other.block(it.name()).toList() shouldBe initial[0].block(it.name()).toList()
                                }
                            }
                        }
                    }
                }
                "start with other weights for another seed" {
                    val (one, other) =
                        points(without).take(2).map {
                            Weights.initial(it.request.spec().model(), it.request.spec().initSeed())
                        }
                    (one.block("layers.0.W_Q").toList() == other.block("layers.0.W_Q").toList()) shouldBe false
                }
            }

        "a matched arm has the nearest number of weights that its width or depth allows" {
            val aim = with.weights(mixed)
            val wider = without.widerLike(with, mixed)
            wider.width shouldBeGreaterThan without.width
            for (width in listOf(wider.width - wider.heads, wider.width + wider.heads)) {
                (abs(wider.copy(width = width).weights(mixed) - aim) >= abs(wider.weights(mixed) - aim)) shouldBe true
            }
            val deeper = without.deeperLike(with, mixed)
            for (layers in listOf(deeper.layers - 1, deeper.layers + 1)) {
                (abs(deeper.copy(layers = layers).weights(mixed) - aim) >= abs(deeper.weights(mixed) - aim)) shouldBe
                    true
            }
            wider.name shouldBe "attention-only, width ${wider.width}"
        }

        "trained" -
            {
                val store = tempdir().toPath()
                val (runs, paths) =
                    trained(store) {
                        val runs =
                            compare(listOf(without), listOf(mixed, staged, rehearsed), short.seeds) {
                                measure(accuracy, spectrum)
                            }
                        runs to stagePaths(runs, spectrum, directions = 2)
                    }
                "paths over all steps give the run's own r90 and null, those within stages have their steps" {
                    val rows = spectrum.r90Interpolated.numbers.atEnd(runs, TrajectorySpectrum.MEASURED).rows()
                    val walks = spectrum.r90Interpolated.numbers.atEnd(runs, uncorrelatedWalk.label).rows()
                    paths.paths.wholes().size shouldBe rows.size
                    for (whole in paths.paths.wholes()) {
                        fun List<holonomy.data.Table.Row>.own() =
                            single {
                                    it.text("seed") == "${whole.run().seed()}" &&
                                        it.text("task") == whole.run().task().label() &&
                                        it.text("block") == whole.block()
                                }
                                .number("value")
                        whole.measured() shouldBe (rows.own() plusOrMinus 1e-12)
                        whole.walk() shouldBe (walks.own() plusOrMinus 1e-12)
                    }
                    paths.paths.parts().map { it.stage() }.toSet() shouldBe setOf(1, 2)
                    paths.paths.parts().size shouldBe 2 * paths.paths.wholes().size
                }
                "the mixed run's cut is the curriculum's" {
                    paths.of(runs.of(mixed)).paths.parts().map { it.stage() }.toSet() shouldBe setOf(1, 2)
                }
                "stored overlaps are those of the snapshots there and then" {
                    val plan = spectrum.spectrum.snapshots()
                    val pairs = paths.of(runs.of(staged)).paths.successive()
                    pairs.size shouldBe paths.of(runs.of(staged)).paths.wholes().size
                    for (pair in pairs) {
                        val run = pair.one().run()
                        Snapshots.of(run.stored(), run.spec(), plan).use { path ->
                            val (one, other) =
                                listOf(0L to 4L, 4L to 8L).map { (from, to) ->
                                    Subspace.principal(TrajectorySection.between(path, from, to), pair.one().block(), 2)
                                }
                            pair.overlap() shouldBe one.anglesTo(other).overlap()
                            pair.degrees().toList() shouldBe one.anglesTo(other).radians().map(Math::toDegrees)
                        }
                    }
                }
                "paths that were not compared have no angles" {
                    val parts = paths.of(runs.of(staged)).paths.parts()
                    val (one, other) = listOf(1L, 2L).map { seed -> parts.first { it.run().seed() == seed } }
                    mistake { paths.paths.pair(one, other) } shouldBe
                        "paths by stage: stage 1 of 'attention-only, sum modulo 4, m 1..2, curriculum, seed 1' and stage 1 of " +
                            "'attention-only, sum modulo 4, m 1..2, curriculum, seed 2' were not compared; give both runs to one stagePaths(...)"
                }
                "random subspaces: chance is k/D, and the drawn angles agree with it" {
                    val like = comparisons(paths.of(runs.of(staged)), paths.of(runs.of(mixed))).first().pair()
                    val chance = like.chance(1).mean()
                    chance shouldBe (2.0 / like.one().weights() plusOrMinus 1e-12)
                    val draws =
                        (0..<200L).map { StageTables.randomDegrees(like, holonomy.task.Stream.of(1, "test").at(it)) }
                    val overlap =
                        draws.map { angles -> angles.map { Math.cos(Math.toRadians(it)).let { c -> c * c } }.average() }
                    // Mean of 200 draws of chi^2(4)/(2 D): 4 standard deviations are 4 sqrt(8/200)/4 of the mean.
                    (overlap.average() / chance) shouldBe (1.0 plusOrMinus .2)
                }
                "forgetting is peak minus end, steps to a level the first evaluation there" {
                    val one = runs.of(staged)
                    val rows = one.table(accuracy).rows().filter { it.text("seed") == "2" && it.number("m") == 1.0 }
                    val expected =
                        rows.maxOf { it.number("accuracy") } -
                            rows.single { it.number("step") == 8.0 }.number("accuracy")
                    one.forgetting(accuracy, of = 1).values.bySeed()[2L] shouldBe expected
                    one.stepsTo(accuracy, level = 0.0).values.values().toList() shouldBe listOf(0.0, 0.0, 0.0)
                    one.stepsTo(accuracy, level = 1.1).values.values().all { it.isNaN() } shouldBe true
                }
                "what was not learned in its stage makes a claim undecidable" {
                    val one = runs.of(staged)
                    val claim = (one.forgetting(accuracy, of = 1) isAtLeast .05).provided(learned(one, accuracy, m = 1))
                    val judged = Judge.judge(claim.claim("forgets", "ours", "none"))
                    judged.verdict() shouldBe Verdict.INCONCLUSIVE
                    judged.reason().substringBefore("; found lowest") shouldBe
                        "needs: accuracy of at least 0.950 on m = 1 at the end of its stage in every seed"
                }
                "every picture can be drawn" {
                    val figures =
                        listOf(
                            finalAccuracyCompared(runs, accuracy, byTask),
                            finalAccuracyCompared(runs.of(mixed), accuracy, byArm),
                            stepsToCompared(runs, accuracy, byTask),
                            rankByStage(paths),
                            stageOverlaps(paths.of(runs.of(staged)), paths.of(runs.of(mixed))),
                            stageAngles(paths.of(runs.of(staged)), paths.of(runs.of(mixed))),
                        )
                    val folder = tempdir().toPath()
                    figures.forEach { Exporter(folder).export(it, FigureContext("tiny", 3)).drawn shouldBe true }
                }
            }

        "a contrast says its interval, its test, the number of seeds and the smallest p they allow" {
            contrast("A minus B", measured(.5, .6, .7), measured(.1, .1, .1)) shouldBe
                "A minus B: 0.500 (95 % interval 0.252 to 0.748, n = 3 seeds; exact sign-flip p = 0.250, not below 0.250 with so many)."
            contrast("A minus B", measured(1.0, Double.NaN, 3.0), measured(0.0, 0.0, 0.0)) shouldBe
                "A minus B: undefined in at least one of 3 seeds."
        }

        "mistakes" -
            {
                "stage lengths that don't add up" {
                    mistake { short.curriculum(lengths = listOf(4, 5)) } shouldBe
                        "stages of m: expected 2 lengths that add up to 8 steps, found 2, [4, 5], that add up to 9"
                    mistake { short.antiCurriculum(lengths = listOf(8)) } shouldBe
                        "stages of m: expected 2 lengths that add up to 8 steps, found 1, [8], that add up to 8"
                }
                "a schedule that is not as long as the training" {
                    mistake { points(short.copy(steps = 9).attentionOnly, on = listOf(staged)) } shouldBe
                        "compare: the stages of 'curriculum' add up to 8 steps, arm 'attention-only' takes 9; make them equal"
                }
                "arms with different budgets, unless said so" {
                    val longer = short.copy(steps = 9).standard
                    mistake { points(without, longer) } shouldBe
                        "compare: arm 'attention-only' takes 8 steps of 16 sequences, arm 'with MLPs' 9 steps of 16 sequences; " +
                            "give them the same budget, or say differentBudgets = true"
                    declared { compare(listOf(without, longer), listOf(mixed), listOf(1), differentBudgets = true) {} }
                        .requests
                        .size shouldBe 2
                }
                "a composite where a prime is asked for" {
                    mistake { prime(8) } shouldBe "modulus 8 is not a prime; the next prime is 11"
                }
                "a larger arm to be matched to a smaller one" {
                    mistake { with.widerLike(without, mixed) } shouldBe
                        "arm 'with MLPs' has ${with.weights(mixed)} weights, more than the ${without.weights(mixed)} to be matched; start from the smaller arm"
                }
                "subspaces of different sizes, before training" {
                    mistake {
                        declared {
                            stagePaths(
                                compare(listOf(without, without.widerLike(with, mixed)), listOf(mixed), listOf(1)) {},
                                spectrum,
                            )
                        }
                    } shouldBe
                        "paths by stage: arm 'attention-only' has width 16, arm 'attention-only, width 26' 26; " +
                            "subspaces of different sizes have no angles, give arms of one width"
                }
                "too few snapshots in a stage for so many directions, before training" {
                    mistake {
                        declared {
                            stagePaths(compare(listOf(without), listOf(mixed, staged), listOf(1)) {}, spectrum, 5)
                        }
                    } shouldBe
                        "paths by stage: stage 1 of 'mixed' (steps 0 to 4) keeps 5 snapshots, 5 directions need 6; " +
                            "keep more snapshots or ask for fewer directions"
                }
                "an m that is not there" {
                    mistake {
                        declared { compare(listOf(without), listOf(mixed), listOf(1)) {}.forgetting(accuracy, of = 7) }
                    } shouldBe "forgetting: 'sum modulo 4, m 1..2' has no m = 7; it has 1, 2"
                }
            }
    })
