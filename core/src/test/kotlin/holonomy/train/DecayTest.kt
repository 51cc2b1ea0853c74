package holonomy.train

import holonomy.model.Architecture
import holonomy.model.Design
import holonomy.model.Role
import holonomy.task.Operation
import holonomy.task.PairTask
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.pow
import kotlin.math.sqrt

private const val STEPS = 40L

private val decoupled = Optimizer.Decay.DECOUPLED
private val l2 = Optimizer.Decay.L2

private val schedules = listOf(Schedule.constant(), Schedule.warmup(7), Schedule.cosine(5, .1))

private fun language(decayed: Design.Decayed) =
    Architecture(9, 3, 9, 2, 3, 15, 7, Design.LANGUAGE.with(decayed)).layout()

class DecayTest :
    FreeSpec({
        "what decay alone leaves is what the optimiser itself leaves of a weight without gradient, by the schedule" {
            for (optimizer in
                listOf<Optimizer>(
                    AdamW(1e-2, .9, .98, 1e-8, .5, decoupled),
                    Sgd(1e-2, 0.0, false, .5, l2),
                    Sgd(1e-2, 0.0, false, .5, decoupled),
                    Sgd(1e-2, .9, false, .5, l2),
                    Sgd(1e-2, .9, true, .5, l2),
                    Sgd(1e-2, .9, true, .5, decoupled),
                )) for (schedule in schedules) for (from in listOf(0L, 3L, 20L)) {
                val state = optimizer.start(1)
                val weight = floatArrayOf(1f)
                for (step in from until STEPS) {
                    state.step(weight, floatArrayOf(0f), schedule.factor(step, STEPS))
                }
                withClue("$optimizer, $schedule, from $from") {
                    optimizer.kept(schedule, STEPS, from, STEPS) shouldBe (weight[0].toDouble() plusOrMinus 5e-6)
                }
            }
        }

        "at a constant rate it is a power; at no decay, and over no step, nothing happens" {
            AdamW(1e-2, .9, .98, 1e-8, .5, decoupled).kept(Schedule.constant(), 900, 3, 703) shouldBe
                (1 - 1e-2 * .5).pow(700)
            AdamW(1e-2, .9, .98, 1e-8, 0.0, decoupled).kept(Schedule.cosine(3, .1), 900, 3, 703) shouldBe 1.0
            Sgd(1e-2, .9, true, .5, l2).kept(Schedule.cosine(3, .1), 900, 7, 7) shouldBe 1.0
        }

        "a penalty that Adam divides by its own size leaves a weight as it is: it is part of the gradient" {
            AdamW(1e-2, .9, .98, 1e-8, .5, l2).kept(Schedule.constant(), 900, 0, 900) shouldBe 1.0
        }

        "the published SGD controls: decay alone moves the initial trunk by 40.36 and 54.44 from step 600 to 2000" {
            val trunk = .02 * sqrt(25_165_824.0)
            val schedule = Schedule.cutCosine(1_500, .1)
            fun left(optimizer: Optimizer, step: Long) = optimizer.kept(schedule, 4_000, 0, step)
            fun drift(optimizer: Optimizer) = trunk * (left(optimizer, 600) - left(optimizer, 2_000))
            drift(Sgd(1e-3, 0.0, false, .5, l2)) shouldBe (40.36 plusOrMinus .005)
            drift(Sgd(1e-2, .9, false, .05, l2)) shouldBe (54.44 plusOrMinus .005)
            left(Sgd(1e-2, .9, false, .05, l2), 2_000) shouldBe (.0016 plusOrMinus 5e-5)
            left(Sgd(1e-2, .9, true, .5, decoupled), 2_000) shouldBe (.0021 plusOrMinus 5e-5)
        }

        "a control scaled to fewer steps of a smaller model shrinks it, and reaches beside its length, as published" {
            val schedule = Schedule.cutCosine(1_500, .1)
            val shorter = Schedule.cutCosine(300, .1)
            for (rule in
                listOf(
                    Sgd(1e-3, 0.0, false, .5, l2),
                    Sgd(1e-2, .9, false, .05, l2),
                    Sgd(1e-2, .9, true, .5, decoupled),
                )) withClue(rule) {
                val scaled = rule.scaled(4_000, 800, 25_165_824, 98_304)
                scaled.learningRate() * 800 / sqrt(98_304.0) shouldBe
                    (rule.learningRate() * 4_000 / sqrt(25_165_824.0) plusOrMinus 1e-12)
                val published = rule.kept(schedule, 4_000, 0, 600) - rule.kept(schedule, 4_000, 0, 2_000)
                val ours = scaled.kept(shorter, 800, 0, 120) - scaled.kept(shorter, 800, 0, 400)
                // Momentum's ten steps are a larger part of the shorter training.
                ours shouldBe (published plusOrMinus if (rule.momentum() > 0) .03 else .001)
            }
        }

        "with both betas 0 Adam descends by the gradient's sign, up to epsilon over its size; with beta1 0 without memory of it" {
            val gradients = listOf(floatArrayOf(3f, -2e-4f, 0f), floatArrayOf(-1f, 5e-3f, 1e-9f))
            fun after(beta2: Double): FloatArray {
                val state = AdamW(1e-2, .0, beta2, 1e-8, .0, decoupled).start(3)
                val theta = FloatArray(3)
                gradients.forEach { state.step(theta, it.clone(), 1.0) }
                return theta
            }
            val sign = after(.0)
            // + and -, - and +, no gradient and then one of a tenth of epsilon.
            listOf(0.0, 0.0, -1e-2 / 11).forEachIndexed { i, moved ->
                sign[i].toDouble() shouldBe (moved plusOrMinus 1e-6)
            }
            // v = (.5 9 / .5), then (.25 9 + .5 1) / .75.
            after(.5)[0].toDouble() shouldBe (-1e-2 + 1e-2 / sqrt((.25 * 9 + .5) / .75) plusOrMinus 1e-7)
        }

        fun run(optimizer: Optimizer) =
            RunSpec(
                PairTask.of(Operation.sum(7)).forSeed(1),
                Architecture(7, 2, 7, 2, 3, 15, 7, Design.DECODER.with(Design.Decayed.MATRICES)),
                Training(optimizer, Schedule.warmup(3), 10, 4, 0.0),
                1,
            )

        "blocks that don't decay stay where they are, the others shrink" {
            for (optimizer in
                listOf<Optimizer>(AdamW(1e-2, .9, .98, 1e-8, .5, decoupled), Sgd(1e-2, .9, false, .5, l2))) {
                val run = run(optimizer)
                val state = TrainingState.initial(run)
                val start = state.theta().clone()
                for (step in 0L until 10) {
                    state.optimizer().step(state.theta(), FloatArray(start.size), run.scheduleFactor(step))
                }
                for (block in run.model().layout().blocks()) withClue("$optimizer, ${block.name()}") {
                    val kept = run.shrinkage(block).kept(0, 10)
                    (kept < 1) shouldBe (block.columns() > 1)
                    for (i in block.offset() until block.offset() + block.size()) {
                        state.theta()[i].toDouble() shouldBe (kept * start[i] plusOrMinus 1e-6 * abs(start[i]))
                    }
                }
            }
        }

        "a fork that keeps its optimiser shrinks by the schedule that goes on, a fresh one by one that begins anew" {
            val adam = AdamW(1e-2, .9, .98, 1e-8, .5, decoupled)
            val run = run(adam)
            val block = run.model().layout().block("layers.0.W_Q")
            fun kept(state: Fork.State) =
                run.forked(2, state, run.task(), run.training(), 1).shrinkage(block).kept(0, 2)
            kept(Fork.State.KEPT) shouldBe ((1 - 1e-2 * .5) * (1 - 1e-2 * .5) plusOrMinus 1e-12)
            listOf(Fork.State.FRESH, Fork.State.REWARMED).forEach {
                kept(it) shouldBe ((1 - 1e-2 * .5 / 3) * (1 - 1e-2 * .5 * 2 / 3) plusOrMinus 1e-12)
            }
        }

        "neighbours that decay alike are one stretch" {
            Decaying.of(language(Design.Decayed.ALL)) shouldBe Decaying.all(language(Design.Decayed.ALL).size())
            val spans = Decaying.of(language(Design.Decayed.MATRICES)).spans()
            spans.map { it.decays() } shouldBe listOf(true) + List(4) { listOf(false, true) }.flatten() + false
            spans[1].to() - spans[1].from() shouldBe 2 * 15
            val embeddings = language(Design.Decayed.MATRICES).find(Role.POSITION_EMBEDDING, -1).get()
            spans[0].to() shouldBe embeddings.offset() + embeddings.size()
        }
    })
