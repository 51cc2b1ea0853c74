package holonomy.dsl

import holonomy.Nightly
import holonomy.data.UserError
import holonomy.intervention.Freeze
import holonomy.intervention.Intervention
import holonomy.intervention.NormClamp
import holonomy.intervention.Window
import holonomy.measure.GrokRule
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.study.grokking.decided
import holonomy.study.grokking.delay
import holonomy.study.grokking.encoder
import holonomy.study.grokking.encoderAt
import holonomy.study.grokking.grokStep
import holonomy.study.grokking.groks
import holonomy.study.grokking.largestDefect
import holonomy.study.grokking.modulus
import holonomy.study.grokking.notYetGrokked
import holonomy.study.grokking.onsetExponent
import holonomy.study.grokking.pairAccuracy
import holonomy.study.grokking.pairs
import holonomy.study.grokking.ratioInMemorisation
import holonomy.study.grokking.reaches
import holonomy.study.grokking.relativeDelay
import holonomy.study.grokking.shareByDirections
import holonomy.study.grokking.trivialDetectors
import holonomy.study.grokking.untilGrokked
import holonomy.task.PairSplit
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Path
import kotlin.math.ln
import kotlin.math.sqrt

private val small =
    tinyPairs.copy(learningRate = 3e-2, weightDecay = .1, evaluations = 11, snapshots = 6, seeds = listOf(1, 2, 3))

// Generalises at once: the label is one of the tokens.
private val easy = pairs("a", small.modulus) { a, _ -> a }
private val hard = pairs("a^3 + ab", small.modulus) { a, b -> a * a * a + a * b }
private val accuracy = pairAccuracy(small.evaluations)

// Long enough to learn: the easy task is solved, the hard one memorised.
private val learned = small.copy(steps = 200, evaluations = 21, learningRate = 1e-2)
private val learnedAccuracy = pairAccuracy(learned.evaluations)

private fun median(values: List<Double>) = values.sorted().let { (it[(it.size - 1) / 2] + it[it.size / 2]) / 2 }

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", block = block) }

/** Trains what a block declares and gives its result. */
private fun <T : Any> trained(store: Path, block: ExperimentScope.() -> T): T {
    lateinit var result: T
    val experiment = declared { result = block() }
    val results = Runner(Store.open(store), ComputeDevice.CPU, 2, Progress.NONE).run(experiment.requests) { false }
    experiment.archive.fill(results.associate { it.request().id() to it.run().get() })
    return result
}

private fun ExperimentScope.plain(on: holonomy.task.Task = easy) =
    train(small.encoder, on = listOf(on), seeds = small.seeds) {
        measure(accuracy)
        snapshot(attention, small.snapshots)
    }

class GrokkingWordsTest :
    FreeSpec({
        "an act of strength 0 is the plain run; any other is a run of its own" {
            val requests =
                declared {
                        val plain = plain()
                        val own = plain.pathDirections(small.snapshots, directions = 1)
                        intervene(plain, listOf(0.0, .5).map { suppressOutside(own, it, from = 8) }) {
                            measure(accuracy)
                        }
                    }
                    .requests
            requests.size shouldBe 6 // three plain ones, three changed ones
            requests.count { it.needs().isEmpty() } shouldBe 3
        }

        "directions of the own path, of the past and of another seed name the runs they come from" {
            val points = mutableMapOf<String, List<Point>>()
            declared {
                val plain = plain()
                points["plain"] = plain.points
                for ((name, directions) in
                    listOf(
                        "own" to plain.pathDirections(small.snapshots, 1),
                        "past" to plain.pathDirections(small.snapshots, 1, until = 16),
                        "other" to plain.pathDirections(small.snapshots, 1, whose = PathOf.NEXT_SEED),
                    )) {
                    points[name] =
                        intervene(plain, listOf(removeStepInside(directions, 1.0, from = 8))) { measure(accuracy) }
                            .points
                }
            }
            val plain = points.getValue("plain").map { it.id }
            points.getValue("own").map { it.request.needs().single() } shouldContainExactly plain
            points.getValue("past").map { it.request.needs().single() } shouldContainExactly plain
            points.getValue("other").map { it.request.needs().single() } shouldContainExactly
                listOf(plain[1], plain[2], plain[0])
            points.getValue("own").map { it.id } shouldNotBe points.getValue("past").map { it.id }
        }

        "delay is paired by seed, and a run that never generalises counts with its last step" {
            val (plain, held) =
                trained(tempdir().toPath()) {
                    val plain = plain()
                    val act = suppressOutside(randomDirections(2), 1.0, from = 0)
                    plain to intervene(plain, listOf(act)) { measure(accuracy) }
                }
            val steps = plain.grokStep(accuracy, GrokRule.FIRST_AT_90).values.bySeed()
            steps.values.forEach { it.isFinite() shouldBe true }
            held.groks(accuracy).values.values().toList() shouldBe listOf(0.0, 0.0, 0.0)
            held.groks(accuracy).values.estimate().high() shouldBe (.5615 plusOrMinus 1e-3) // Wilson, 0 of 3
            held.delay(plain, accuracy, GrokRule.FIRST_AT_90).values.bySeed() shouldBe
                steps.mapValues { small.steps - it.value }
            held.relativeDelay(plain, accuracy, GrokRule.FIRST_AT_90).values.bySeed() shouldBe
                steps.mapValues { small.steps / it.value - 1 }
            plain.delay(plain, accuracy).values.values().toList() shouldBe listOf(0.0, 0.0, 0.0)
            decided(plain, held, accuracy).holds() shouldBe (plain.groks(accuracy).values.values().all { it == 1.0 })
            decided(held, held, accuracy).let { it.holds() to it.found() } shouldBe (false to "0 of 3")
        }

        "until it has grokked: at the same step as without, and then no more steps" {
            val long = small.copy(steps = 600, evaluations = 7, learningRate = 1e-2)
            val looks = pairAccuracy(long.evaluations)
            val (whole, stopped) =
                trained(tempdir().toPath()) {
                    listOf(long.encoder, long.encoder.untilGrokked.copy(name = "stopped")).map { arm ->
                        train(arm, on = listOf(easy), seeds = small.seeds) { measure(looks) }
                    }
                }
            val steps = whole.grokStep(looks, GrokRule.THREE_AT_98).values
            stopped.grokStep(looks, GrokRule.THREE_AT_98).values.bySeed() shouldBe steps.bySeed()
            stopped.delay(whole, looks).values.values().toList() shouldBe listOf(0.0, 0.0, 0.0)
            val last =
                stopped
                    .table(looks)
                    .rows()
                    .groupBy { it.text("seed") }
                    .values
                    .map { it.maxOf { r -> r.number("step") } }
            last.forEach { (it < 600) shouldBe true }
            last.sorted() shouldBe steps.values().sorted()
        }

        "the largest defect before a half, and the ratio in memorisation, take only the moments they say"
            .config(tags = setOf(Nightly)) {
                val moments =
                    commutators(21, small.snapshots, pairs = 2, variantPairs = 0, chosenPairs = 0, directions = 1)
                val runs =
                    trained(tempdir().toPath()) {
                        train(learned.encoder, on = listOf(easy, hard), seeds = small.seeds) {
                            measure(learnedAccuracy, moments)
                        }
                    }
                fun Runs.accuracies(seed: Long, set: String) =
                    table(learnedAccuracy)
                        .rows()
                        .filter { it.text("seed") == "$seed" && it.text("set") == set }
                        .associate { it.number("step") to it.number("accuracy") }

                val solved = runs.of(easy)
                val all = solved.largestDefect(moments, learnedAccuracy, ourForm).values.bySeed()
                val early = solved.largestDefect(moments, learnedAccuracy, ourForm, before = solved).values.bySeed()
                for (seed in small.seeds) {
                    val half = solved.accuracies(seed, "test").filterValues { it >= .5 }.keys.min()
                    val own = moments.numbers.rows(solved, ourForm.variant).rows().filter { it.text("seed") == "$seed" }
                    val byMoment =
                        own.groupBy { it.number("step") }
                            .mapValues { (_, pairs) -> median(pairs.map { it.number("defect") }) }
                    all.getValue(seed) shouldBe byMoment.values.max()
                    early.getValue(seed) shouldBe byMoment.filterKeys { it < half }.values.max()
                }
                early shouldNotBe all

                val memorised = runs.of(hard)
                val (isotropic, singular) = ShareNull.ISOTROPIC to BasisKind.SINGULAR_DIRECTIONS
                val ratios =
                    memorised.ratioInMemorisation(moments, learnedAccuracy, isotropic, singular).values.bySeed()
                for (seed in small.seeds) {
                    val train = memorised.accuracies(seed, "train")
                    val test = memorised.accuracies(seed, "test")
                    val (kept, others) =
                        moments.numbers
                            .projections(memorised, "delta", singular.label)
                            .rows()
                            .filter { it.text("seed") == "$seed" }
                            .partition {
                                train.getValue(it.number("step")) >= .95 && test.getValue(it.number("step")) < .3
                            }
                    kept.size shouldBeGreaterThan 0
                    others.size shouldBeGreaterThan 0
                    ratios.getValue(seed) shouldBe
                        median(kept.map { it.number("rho") / sqrt(it.number(isotropic.columns.mean())) })
                }
                ratios shouldNotBe memorised.ratio(moments, isotropic, inside = singular).values.bySeed()
            }

        "the exponents are least-squares slopes of logarithms over the rates" {
            val rate = axis("learning rate", 1e-2, 3e-2)
            val runs =
                trained(tempdir().toPath()) {
                    train(sweep(rate), model = { small.encoderAt(it[rate]) }, on = { easy }, seeds = small.seeds) {
                        measure(accuracy)
                    }
                }
            runs.points.map { it.request.spec().training().steps() }.distinct() shouldContainExactly listOf(120L, 40L)
            val detector = trivialDetectors(accuracy).first()
            val slope = runs.onsetExponent(rate, detector, accuracy).values.bySeed()
            for (seed in small.seeds) {
                val (slow, fast) =
                    listOf(1e-2, 3e-2)
                        .map { runs.of(rate, it) }
                        .map { cell ->
                            detector.steps().apply(cell).getValue(cell.points.single { it.seed == seed }.id) to
                                cell.grokStep(accuracy, GrokRule.FIRST_AT_90).values.bySeed().getValue(seed)
                        }
                val expected = (ln(slow.first) - ln(fast.first)) / (ln(slow.second) - ln(fast.second))
                slope.getValue(seed) shouldBe (expected plusOrMinus 1e-9)
            }
        }

        "share by directions: the median of rho over memorisation alone, per basis, beside nulls that grow with the directions"
            .config(tags = setOf(Nightly)) {
                val (one, three) =
                    listOf(1, 3).map {
                        commutators(21, small.snapshots, pairs = 2, variantPairs = 0, chosenPairs = 0, directions = it)
                    }
                val runs =
                    trained(tempdir().toPath()) {
                        train(learned.encoder, on = listOf(hard), seeds = small.seeds) {
                            measure(learnedAccuracy, one, three)
                        }
                    }
                val figure = shareByDirections(runs, listOf(one, three), learnedAccuracy)
                val shares = figure.layers.single { it.role == "seeds" }.table
                shares.rows().map { it.number("directions_per_matrix") }.distinct() shouldContainExactly
                    listOf(1.0, 3.0)
                val nulls =
                    figure.layers.filter { it.role.startsWith("null") }.map { it.table }.filter { it.has("mean") }
                nulls.size shouldBeGreaterThan 0
                nulls.forEach { band ->
                    for ((_, rows) in band.rows().groupBy { if (band.has("series")) it.text("series") else "" }) {
                        val (few, more) = rows.sortedBy { it.number("directions_per_matrix") }.map { it.number("mean") }
                        (more > few) shouldBe true
                    }
                }
                val basis = BasisKind.SINGULAR_DIRECTIONS.label
                for ((handle, directions) in listOf(one to 1.0, three to 3.0)) {
                    for (seed in small.seeds) {
                        val rho =
                            handle.numbers
                                .projections(runs, "delta", basis)
                                .rows()
                                .filter { it.text("seed") == "$seed" }
                                .filter(learnedAccuracy.grokking.memorising(runs)::test)
                                .map { it.number("rho") }
                        rho.size shouldBeGreaterThan 0
                        shares
                            .rows()
                            .single {
                                it.text("seed") == "$seed" &&
                                    it.text("basis") == basis &&
                                    it.number("directions_per_matrix") == directions
                            }
                            .number("value") shouldBe median(rho)
                    }
                }
            }

        "what was published at another learning rate can only be tested there" {
            val rate = axis("learning rate", 5e-4, 1e-3)
            reaches(rate, 1e-3).holds() shouldBe true
            reaches(rate, 1e-2).let { Triple(it.holds(), it.text(), it.found()) } shouldBe
                Triple(false, "learning rate 0.01", "0.0005, 0.001")
        }

        "runs on a split by orbit stand apart from those on the published split" {
            val runs =
                trained(tempdir().toPath()) {
                    train(small.encoder, on = listOf(easy, easy.splitBy(PairSplit.BY_ORBIT)), seeds = small.seeds) {
                        measure(accuracy)
                    }
                }
            val drawn = notYetGrokked(runs, accuracy).layers.map { it.table }.first { it.has("runs") }
            drawn.rows().map { it.text("runs") }.distinct() shouldContainExactly listOf("a", "a, split by orbit")
        }

        "a split by orbit and an operation of one's own are tasks of their own" {
            val ids =
                listOf(easy, easy.splitBy(PairSplit.BY_ORBIT), hard, hard.trainedOn(.6)).map { task ->
                    declared { plain(task) }.requests.map { it.id() }
                }
            ids.flatten().distinct().size shouldBe 12
        }

        "a clamp of the norm is an act beside those that are there, or a dose of an arm" {
            fun done(to: ExperimentScope.() -> Runs): List<Intervention> {
                lateinit var runs: Runs
                declared { runs = to() }
                return runs.points.first().request.spec().training().interventions()
            }
            fun held(group: WeightGroup) = NormClamp(group, 1.5, NormClamp.Unit.INITIAL, 1.0, Window.from(0))
            val slowed = freeze(mlp, from = 4)
            done { intervene(plain(), listOf(clampNorm(everyWeight, times = 1.5))) {} } shouldBe
                listOf(held(everyWeight))
            done { intervene(plain(), listOf(clampNormAt(attention, norm = 3.0, s = .5, from = 4))) {} } shouldBe
                listOf(NormClamp(attention, 3.0, NormClamp.Unit.WEIGHTS, .5, Window.from(4)))
            done { train(small.encoder.clampedTo(1.5), on = listOf(easy), seeds = small.seeds) {} } shouldBe
                listOf(held(everyWeight))
            done {
                val frozen = intervene(plain(), listOf(slowed)) {}
                intervene(frozen, listOf(clampNorm(attention, times = 1.5))) {}
            } shouldBe listOf(Freeze(mlp, 1.0, Window.from(4)), held(attention))
            shouldThrow<UserError> {
                    done { intervene(intervene(plain(), listOf(slowed)) {}, listOf(clampNorm(mlp, times = 1.5))) {} }
                }
                .message shouldBe
                "norm clamp: the blocks 'MLP' are clamped and 'MLP' frozen, which share blocks: what is frozen can't be " +
                    "brought to a norm; clamp or freeze other blocks"
            shouldThrow<UserError> { done { intervene(plain(), listOf(clampNorm(mlp, times = 0.0))) {} } }
                .message shouldBe "norm clamp: the norm that is held expected a number above 0, found 0.0"
        }

        "logits that are scaled are part of the model" {
            small.encoder.scalingLogits(.5).modelFor(easy).design() shouldBe
                small.encoder.modelFor(easy).design().scalingLogits(.5)
            shouldThrow<UserError> { small.encoder.scalingLogits(0.0) }.message shouldBe
                "model: the logits' factor expected a number above 0, found 0.0; 1 leaves them as they are"
        }

        "mistakes are named before anything trains" {
            shouldThrow<UserError> { declared { plain().pathDirections(11) } }.message shouldBe
                "pathDirections: these runs keep no 11 snapshots of attention; add snapshot(attention, count = 11) to their train { }"
            shouldThrow<UserError> { declared { intervene(plain(), listOf()) {} } }.message shouldBe
                "intervene: expected at least one act, found none"
            shouldThrow<UserError> {
                    declared {
                        val act = removeStepInside(randomDirections(1, inBlocksOf = attention), 1.0, from = 0)
                        intervene(plain(), listOf(act, act)) {}
                    }
                }
                .message shouldBe "intervene: two acts are 'step without random in blocks, 1'; remove one of them"
            shouldThrow<UserError> { pairs("a + b + 1", 6) { a, b -> a + b + 1 }.withoutZero() }.message shouldBe
                "pairs, a + b + 1 modulo 6: the residues 1..5 form a group under multiplication only when p is prime, found p = 6; use p = 7, or keep 0 among the arguments"
            shouldThrow<UserError> { easy.trainedOn(1.0) }.message shouldBe
                "pairs, a modulo 7: a training share of 1.0 of 49 pairs leaves the test set empty; expected a share above 0 and below 1, for instance 0.5"
        }
    })
