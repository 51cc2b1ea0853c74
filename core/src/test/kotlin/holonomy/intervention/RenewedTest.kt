package holonomy.intervention

import holonomy.curvature.LossCurvature
import holonomy.data.UserError
import holonomy.geometry.Subspace
import holonomy.geometry.SymmetricEigen
import holonomy.geometry.SymmetricMatrix
import holonomy.intervention.Projection.On.GRADIENT
import holonomy.intervention.Projection.On.UPDATE
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Network
import holonomy.task.Batch
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.task.Stream
import holonomy.task.language.LanguageTask
import holonomy.task.language.Probe
import holonomy.task.language.StoryGenerator
import holonomy.task.language.WordEncoding
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Sgd
import holonomy.train.Trainer
import holonomy.train.Training
import holonomy.train.TrainingState
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlin.math.abs
import kotlin.math.pow
import kotlin.math.sqrt

private val task = PairTask.of(Operation.sum(5)).forSeed(1)
private val model = Architecture(5, 2, 5, 1, 1, 4, 0, Design.ENCODER)
private val adam = AdamW(1e-2, .9, .98, 1e-8, 1.0, Optimizer.Decay.DECOUPLED)
private val size = model.layout().size()

private fun norm(v: DoubleArray) = sqrt(v.sumOf { it * it })

private fun wide(v: FloatArray) = DoubleArray(v.size) { v[it].toDouble() }

private fun minus(a: FloatArray, b: FloatArray) = DoubleArray(a.size) { a[it].toDouble() - b[it] }

/**
 * L = 1/2 theta'H theta with H = c I + (h - c) U U', U orthonormal: k sharp directions, the same flat curvature in all
 * others.
 */
private class Bowl(val sharp: Subspace, val h: Double, val c: Double, private val real: Network) : Network by real {
    fun along(theta: FloatArray): DoubleArray = sharp.project(wide(theta))

    override fun gradient(weights: FloatArray, batch: Batch, gradient: FloatArray): Double {
        val g = DoubleArray(gradient.size)
        val loss = gradient(wide(weights), batch, g)
        for (i in g.indices) gradient[i] = g[i].toFloat()
        return loss
    }

    override fun gradient(weights: DoubleArray, batch: Batch, gradient: DoubleArray): Double {
        val inside = sharp.project(weights)
        var loss = 0.0
        for (i in gradient.indices) {
            gradient[i] = c * weights[i] + (h - c) * inside[i]
            loss += gradient[i] * weights[i] / 2
        }
        return loss
    }

    override fun openTwinInFloat64(): Network = Bowl(sharp, h, c, real.openTwinInFloat64())
}

private fun spec(by: Optimizer, steps: Long, vararg interventions: Intervention) =
    RunSpec(task, model, Training(by, Schedule.constant(), steps, 8, 0.0).with(interventions.toList()), 1)

private fun held(what: Renewed.Sought, k: Int, every: Long) =
    Projection(UPDATE, Renewed(what, k, every), false, 1.0, 0.0, Window.from(0))

private fun without(what: Renewed.Sought, k: Int, every: Long) =
    Projection(UPDATE, Renewed(what, k, every), false, 0.0, 1.0, Window.from(0))

private fun train(spec: RunSpec, network: Network, state: TrainingState, stop: () -> Boolean = { false }) =
    state.also { Trainer(spec, network).train(it, listOf(), stop) }

private fun train(spec: RunSpec): TrainingState =
    spec.model().open(ComputeDevice.CPU).use { train(spec, it, TrainingState.initial(spec)) }

private val words = WordEncoding.of(192, 4)

private val stories =
    LanguageTask(StoryGenerator.filling(words.lexicon(), 49), words, 32, 3)
        .with(Probe.of(words, 3, .5, Probe.Gaps(1, 5), Probe.Gaps(6, 9), 4))

private fun language(by: Optimizer, steps: Long, vararg interventions: Intervention) =
    RunSpec(
        stories,
        Architecture(192, 32, 192, 1, 2, 8, 16, Design.LANGUAGE),
        Training(by, Schedule.constant(), steps, 6, 1.0)
            .weighing("text", Schedule.constant())
            .weighing("probe", Schedule.level(2.0))
            .with(interventions.toList()),
        1,
    )

class RenewedTest :
    FreeSpec({
        "in a bowl with two sharp directions, steps held to the top of the Hessian stall; without it the rest learns as the whole" {
            model.open(ComputeDevice.CPU).use { real ->
                val bowl = Bowl(Subspace.random(size, 2, Stream.of(4, "bowl").at(0)), 5.0, .5, real)
                val top = Renewed.TopOfHessian(1, 20)
                val start = TrainingState.initial(spec(Sgd.of(.1), 1)).theta()
                val sharp = norm(bowl.along(start))
                val flat = sqrt(norm(wide(start)).pow(2) - sharp * sharp)
                fun parts(vararg act: Intervention): Pair<Double, Double> {
                    val run = spec(Sgd.of(.1), 20, *act)
                    val end = train(run, bowl, TrainingState.initial(run)).theta()
                    val inside = norm(bowl.along(end))
                    return inside to sqrt(norm(wide(end)).pow(2) - inside * inside)
                }
                val whole = parts()
                whole.first shouldBe (sharp * .5.pow(20) plusOrMinus 1e-5)
                whole.second shouldBe (flat * .95.pow(20) plusOrMinus 1e-5)
                val stalled = parts(held(top, 2, 5))
                stalled.first shouldBe (sharp * .5.pow(20) plusOrMinus 1e-5)
                stalled.second shouldBe (flat plusOrMinus 1e-5)
                val rest = parts(without(top, 2, 5))
                rest.first shouldBe (sharp plusOrMinus 1e-5)
                rest.second shouldBe (flat * .95.pow(20) plusOrMinus 1e-5)
                // Two random directions hold neither.
                val random = parts(held(Renewed.AtRandom(), 2, 5))
                random.second shouldBeGreaterThan .9 * flat
                parts(without(Renewed.AtRandom(), 2, 5)).second shouldBeLessThan .5 * flat
            }
        }

        "the directions are the eigenvectors of the mean of the batches' Hessians, at the weights where they were found" {
            val run = spec(adam, 4, held(Renewed.TopOfHessian(2, size), 3, 4))
            val start = TrainingState.initial(run).theta()
            val stream = Stream.of(Stream.of(run.dataSeed(), "intervention 0").key(), "directions")
            val drawn = Stream.of(stream.key(), "batches")
            val moved = minus(train(run).theta(), start)
            val hessian =
                model.openFloat64(ComputeDevice.CPU).use { precise ->
                    val each = (0L..1L).map { LossCurvature.hessian(precise, wide(start), task.batch(drawn, it, 8)) }
                    val columns =
                        List(size) { j ->
                            val e = DoubleArray(size).also { it[j] = 1.0 }
                            each.map { it.times(e) }
                        }
                    SymmetricMatrix.of(size) { i, j -> columns[j].sumOf { it[i] } / 2 }
                }
            val eigen = SymmetricEigen.of(hessian)
            val top = Subspace.spannedBy(Array(3) { k -> DoubleArray(size) { eigen.vector(k, it) } })
            // Four steps in one period lie in the three directions, of float32 rounding less.
            norm(top.residual(moved)) shouldBeLessThan 1e-4 * norm(moved)
            norm(moved) shouldBeGreaterThan 1e-3
        }

        "found anew, they are others: the second period leaves the span of the first" {
            fun outside(every: Long): Double {
                val run = spec(adam, 8, held(Renewed.AtRandom(), 2, every))
                val stream = Stream.of(Stream.of(run.dataSeed(), "intervention 0").key(), "directions")
                val first = Subspace.random(size, 2, stream.at(0))
                val early = train(spec(adam, 4, held(Renewed.AtRandom(), 2, every))).theta()
                val late = minus(train(run).theta(), early)
                norm(first.residual(minus(early, TrainingState.initial(run).theta()))) shouldBeLessThan 1e-5
                return norm(first.residual(late)) / norm(late)
            }
            outside(8) shouldBeLessThan 1e-3
            outside(4) shouldBeGreaterThan .5
        }

        "stopped within a period and continued from what a checkpoint holds is as never stopped" {
            for (sought in listOf(Renewed.TopOfHessian(1, 12), Renewed.AtRandom())) {
                val run = spec(adam, 12, without(sought, 3, 5))
                model.open(ComputeDevice.CPU).use { network ->
                    val state = TrainingState.initial(run)
                    train(run, network, state) { state.step() == 7L }
                    state.anchors().keys shouldContainExactly setOf("0.0")
                    val continued = TrainingState.initial(run)
                    continued.restore(state.theta(), state.optimizer().arrays(), state.step())
                    state.anchors().forEach { (place, theta) -> continued.anchors()[place] = theta.clone() }
                    train(run, network, continued).theta() shouldBe train(run).theta()
                }
            }
        }

        "before its first step it changes no byte and costs nothing; from there on it does" {
            fun from(step: Long) =
                Projection(UPDATE, Renewed(Renewed.AtRandom(), 2, 3), false, 0.0, 1.0, Window.from(step))
            train(spec(adam, 6, from(6))).theta() shouldBe train(spec(adam, 6)).theta()
            train(spec(adam, 6, from(4))).theta() shouldNotBe train(spec(adam, 6)).theta()
            val top = Renewed(Renewed.TopOfHessian(2, 20), 2, 10)
            top.gradients(Window.from(5), 30) shouldBe 3 * 2 * 20 * 4.0
            top.gradients(Window.once(5), 30) shouldBe 2 * 20 * 4.0
            Renewed(Renewed.Difference("probe", "text", 7), 2, 10).gradients(Window.from(0), 30) shouldBe 3 * 2 * 7.0
            top.gradients(Window.from(40), 30) shouldBe 0.0
        }

        "right singular vectors of rows: those of D'D, computed whole" {
            val random = Stream.of(2, "rows").at(0)
            val rows = List(5) { DoubleArray(7) { random.nextGaussian() } }
            val found = Renewed.rightSingular(rows, 3)
            val square = SymmetricEigen.of(SymmetricMatrix.of(7) { i, j -> rows.sumOf { it[i] * it[j] } })
            found.size shouldBe 3
            found.forEachIndexed { k, v ->
                abs(v.indices.sumOf { v[it] * square.vector(k, it) }) shouldBe (1.0 plusOrMinus 1e-10)
            }
            Renewed.rightSingular(listOf(rows[0], rows[0]), 2).size shouldBe 1
        }

        "without the way between two groups in its steps, no step goes it; without it in the gradient, Adam goes it all the same" {
            val between = Renewed(Renewed.Difference("probe", "text", 4), 2, 4)
            val plain = AdamW(1e-2, .9, .98, 1e-8, 0.0, Optimizer.Decay.DECOUPLED)
            fun suppressed(on: Projection.On) =
                language(plain, 4, Projection(on, between, false, 0.0, 1.0, Window.from(0)))
            val run = suppressed(UPDATE)
            val start = TrainingState.initial(run).theta()
            // The directions, made here from the groups' gradients as the doc comment has them.
            val stream = Stream.of(Stream.of(run.dataSeed(), "intervention 0").key(), "directions")
            val drawn = Stream.of(stream.key(), "batches")
            val rows =
                run.model().open(ComputeDevice.CPU).use { network ->
                    generateSequence(0L) { it + 1 }
                        .map { stories.batch(drawn, it, 6) }
                        .filter { batch ->
                            stories.groups().indices.all { group ->
                                batch.targets().indices.any {
                                    batch.targets()[it] != Batch.IGNORE && batch.groups()[it] == group
                                }
                            }
                        }
                        .take(4)
                        .map { batch ->
                            val (probe, text) =
                                listOf("probe", "text").map { name ->
                                    val only = stories.groups().map { if (it == name) 1.0 else .0 }.toDoubleArray()
                                    FloatArray(start.size).also { network.gradient(start, batch.weighted(only), it) }
                                }
                            minus(probe, text).let { d ->
                                norm(d).let { length -> DoubleArray(d.size) { d[it] / length } }
                            }
                        }
                        .toList()
                }
            val directions = Subspace.spannedBy(Renewed.rightSingular(rows, 2))
            fun inside(on: Projection.On): Double {
                val moved = minus(train(suppressed(on)).theta(), start)
                return norm(directions.project(moved)) / norm(moved)
            }
            inside(UPDATE) shouldBeLessThan 1e-5
            inside(GRADIENT) shouldBeGreaterThan 1e-3
        }

        "the JSON alone gives the run back" {
            val busy =
                language(
                    adam,
                    9,
                    Projection(
                        GRADIENT,
                        Renewed(Renewed.Difference("probe", "text", 4), 2, 5),
                        false,
                        0.0,
                        1.0,
                        Window.from(0),
                    ),
                    held(Renewed.TopOfHessian(2, 9), 3, 5),
                    held(Renewed.AtRandom(), 3, 5),
                )
            RunSpec.fromSpec(busy.spec()) shouldBe busy
        }

        "mistakes are named" {
            shouldThrow<UserError> { Renewed(Renewed.AtRandom(), 0, 5) }.message shouldBe
                "directions found anew: expected at least 1 of them, every 1 or more steps, found 0 every 5"
            shouldThrow<UserError> { Renewed(Renewed.TopOfHessian(1, 2), 3, 5) }.message shouldBe
                "top of the Hessian: expected at least 1 batch and as many products as directions, found 1 and 2 for 3 directions"
            shouldThrow<UserError> { Renewed(Renewed.Difference("probe", "text", 2), 3, 5) }.message shouldBe
                "difference of gradients: expected two groups and as many batches as directions, found probe, text and 2 batches for 3 directions"
            shouldThrow<UserError> { spec(adam, 9, held(Renewed.AtRandom(), size + 1, 5)) }.message shouldBe
                "directions found anew: expected at most $size of $size weights, found ${size + 1}; ask for fewer"
            shouldThrow<UserError> { language(adam, 9, held(Renewed.Difference("probe", "story", 4), 2, 5)) }
                .message shouldBe
                "difference of gradients: expected two of the task's groups ${stories.groups()}, found probe and story; name two of them"
        }
    })
