package holonomy.intervention

import holonomy.data.UserError
import holonomy.geometry.Centring
import holonomy.geometry.Subspace
import holonomy.intervention.Kick.Direction.COMMUTATOR
import holonomy.intervention.Kick.Direction.GAUSSIAN
import holonomy.intervention.Kick.Length.FIXED
import holonomy.intervention.Kick.Length.STEP
import holonomy.intervention.Projection.On.GRADIENT
import holonomy.intervention.Projection.On.UPDATE
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Trainer
import holonomy.train.Training
import holonomy.train.TrainingState
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.util.Optional
import kotlin.math.sqrt
import kotlin.random.Random

private val task = PairTask.of(Operation.sum(7)).forSeed(1)
private val model = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
private val adam = AdamW(1e-2, .9, .98, 1e-8, 1.0, Optimizer.Decay.DECOUPLED)
private val blocks = Basis.Random(Optional.of(WeightGroup.ATTENTION), 2, 5)
private val ambient = Basis.Random(Optional.empty(), 3, 5)

private fun spec(vararg interventions: Intervention, steps: Long = 12) =
    RunSpec(task, model, Training(adam, Schedule.constant(), steps, 8, 1.0).with(interventions.toList()), 1)

private fun theta(spec: RunSpec): FloatArray = train(spec, TrainingState.initial(spec)).theta()

private fun train(spec: RunSpec, state: TrainingState, stop: () -> Boolean = { false }): TrainingState =
    model.open(ComputeDevice.CPU).use { network ->
        Trainer(spec, network).train(state, listOf(), stop)
        state
    }

private fun norm(v: DoubleArray) = sqrt(v.sumOf { it * it })

private fun minus(a: FloatArray, b: FloatArray) = DoubleArray(a.size) { a[it].toDouble() - b[it] }

private fun basis(basis: Basis): Subspace = Basis.Source.RANDOM_ONLY.of(basis, model.layout())

/** The displacement by one intervention that acts once, before or after the only optimiser step. */
private fun kicked(kick: Kick): DoubleArray = minus(theta(spec(kick, steps = 1)), theta(spec(steps = 1)))

class InterventionTest :
    FreeSpec({
        "strength 0 is the plain run: the same identity, the same bytes" {
            val nothing =
                listOf(
                    Projection(GRADIENT, ambient, false, 1.0, 1.0, Window.from(0)),
                    Projection(UPDATE, blocks, true, 1.0, 1.0, Window.from(0)),
                    MatchedShare(blocks, ambient, 0.0, Window.from(0)),
                    Freeze(WeightGroup.ATTENTION, 0.0, Window.from(0)),
                    Kick(COMMUTATOR, STEP, 0.0, Optional.of(blocks), true, Window(0, 5)),
                    Kick(GAUSSIAN, FIXED, 0.0, Optional.empty(), false, Window(0, 5)),
                    Displacement(blocks, 0.0, Window.once(0)),
                )
            nothing.forEach {
                spec(it).spec() shouldBe spec().spec()
                theta(spec(it)) shouldBe theta(spec())
            }
        }

        "an intervention whose steps never come changes no byte; one that acts does" {
            val all =
                listOf(
                    { window: Window -> Projection(GRADIENT, ambient, false, 1.0, .25, window) },
                    { window: Window -> Projection(UPDATE, blocks, true, 1.0, .25, window) },
                    { window: Window -> MatchedShare(blocks, ambient, .75, window) },
                    { window: Window -> Freeze(WeightGroup.ATTENTION, .5, window) },
                    { window: Window -> Kick(COMMUTATOR, STEP, 100.0, Optional.of(blocks), true, window) },
                    { window: Window -> Kick(GAUSSIAN, FIXED, .01, Optional.empty(), false, window) },
                    { window: Window -> Displacement(blocks, -.1, window) },
                    { window: Window -> NormClamp(WeightGroup.MLP, .9, NormClamp.Unit.INITIAL, .5, window) },
                )
            all.forEach { make ->
                theta(spec(make(Window.once(12)))) shouldBe theta(spec())
                theta(spec(make(Window.once(7)))) shouldNotBe theta(spec())
            }
        }

        "frozen blocks stay where they were from that step on, decay or not; the others train" {
            val from = 5L
            val before = theta(spec(steps = from))
            val after = theta(spec(Freeze(WeightGroup.ATTENTION, 1.0, Window.from(from))))
            val frozen = model.layout().group(WeightGroup.ATTENTION).map { it.name() }
            fun moved(from: FloatArray, to: FloatArray) =
                model.layout().blocks().filter { block ->
                    (block.offset() until block.offset() + block.size()).any { from[it] != to[it] }
                }
            val moving = moved(before, theta(spec())).map { it.name() } // some biases never do
            moving.containsAll(frozen) shouldBe true
            moved(before, after).map { it.name() } shouldBe moving - frozen
        }

        "held back by half, blocks move half as far in the first step" {
            val start = spec().initialWeights().values()
            val whole = minus(theta(spec(steps = 1)), start)
            val held = minus(theta(spec(Freeze(WeightGroup.ATTENTION, .5, Window.from(0)), steps = 1)), start)
            val attention = model.layout().group(WeightGroup.ATTENTION)
            whole.indices.forEach { i ->
                val share = if (attention.any { i in it.offset() until it.offset() + it.size() }) .5 else 1.0
                held[i] shouldBe (share * whole[i] plusOrMinus 1e-7)
            }
        }

        "a displacement takes each block of its basis so far of the block's own length, after the step, and no other" {
            val plain = theta(spec(steps = 1))
            val attention = model.layout().group(WeightGroup.ATTENTION)
            for (sigma in listOf(.3, -.3)) {
                val far = minus(theta(spec(Displacement(blocks, sigma, Window.once(0)), steps = 1)), plain)
                for (block in model.layout().blocks()) {
                    fun part(of: DoubleArray) = of.copyOfRange(block.offset(), block.offset() + block.size())
                    val length = norm(part(DoubleArray(plain.size) { plain[it].toDouble() }))
                    val expected = if (block in attention) .3 * length else 0.0
                    norm(part(far)) shouldBe (expected plusOrMinus 1e-6)
                    if (block in attention) {
                        // along the sum of the block's two directions, or against it
                        val sum = DoubleArray(plain.size)
                        basis(blocks).basis().forEach { row -> row.indices.forEach { sum[it] += row[it] } }
                        val cosine =
                            part(sum).zip(part(far)) { a, b -> a * b }.sum() / norm(part(sum)) / norm(part(far))
                        cosine shouldBe (sigma / .3 plusOrMinus 1e-6)
                    }
                }
            }
        }

        "a displacement without a finite length is refused" {
            shouldThrow<UserError> { Displacement(blocks, Double.NaN, Window.once(0)) }.message shouldBe
                "displacement: a finite share of each block's length expected, found NaN"
        }

        "a share outside 0 to 1 is refused" {
            shouldThrow<UserError> { Freeze(WeightGroup.ATTENTION, 1.5, Window.from(0)) }.message shouldBe
                "freeze: the share of the step that is held back expected from 0 to 1, found 1.5"
        }

        "both parts weighed 1 give the vector back, bit by bit" {
            val v = DoubleArray(model.layout().size()) { Random(it).nextDouble() - .5 }
            listOf(ambient to false, blocks to false, blocks to true).forEach { (basis, inBlocksOnly) ->
                Projection(GRADIENT, basis, inBlocksOnly, 1.0, 1.0, Window.from(0))
                    .filtered(v, basis(basis), model.layout()) shouldBe v
            }
        }

        "the filter is a B B'v + b (v - B B'v), computed with dense matrices" {
            val v = DoubleArray(model.layout().size()) { Random(it).nextDouble() - .5 }
            listOf(ambient, blocks).forEach { directions ->
                val rows = basis(directions).basis()
                val inside = DoubleArray(v.size)
                rows.forEach { row ->
                    val along = row.indices.sumOf { row[it] * v[it] }
                    row.indices.forEach { inside[it] += along * row[it] }
                }
                val found =
                    Projection(GRADIENT, directions, false, .3, .8, Window.from(0))
                        .filtered(v, basis(directions), model.layout())
                v.indices.forEach { found[it] shouldBe (.3 * inside[it] + .8 * (v[it] - inside[it]) plusOrMinus 1e-12) }
            }
        }

        "a matched share has the length and the share inside of the projection it is compared with, in its own directions" {
            val g = DoubleArray(model.layout().size()) { Random(it).nextDouble() - .5 }
            for (s in listOf(.25, .75, 1.0)) {
                val compared =
                    Projection(GRADIENT, ambient, false, 1.0, 1 - s, Window.from(0))
                        .filtered(g, basis(ambient), model.layout())
                val matched = MatchedShare(blocks, ambient, s, Window.from(0)).matched(g, basis(blocks), basis(ambient))
                norm(matched) shouldBe (norm(compared) plusOrMinus 1e-10)
                norm(basis(blocks).project(matched)) shouldBe (norm(basis(ambient).project(compared)) plusOrMinus 1e-10)
                // It turns neither part: both point where g's own parts point.
                listOf(basis(blocks)::project to 1.0, basis(blocks)::residual to 1 - s).forEach { (part, kept) ->
                    val cosine = part(matched).indices.sumOf { part(matched)[it] * part(g)[it] }
                    if (kept > 0) cosine / norm(part(matched)) / norm(part(g)) shouldBe (1.0 plusOrMinus 1e-10)
                    else norm(part(matched)) shouldBe (0.0 plusOrMinus 1e-10)
                }
            }
            val same = MatchedShare(ambient, ambient, .6, Window.from(0)).matched(g, basis(ambient), basis(ambient))
            val projected =
                Projection(GRADIENT, ambient, false, 1.0, .4, Window.from(0))
                    .filtered(g, basis(ambient), model.layout())
            g.indices.forEach { same[it] shouldBe (projected[it] plusOrMinus 1e-12) }
        }

        "weights outside the blocks are left alone where asked for" {
            val v = DoubleArray(model.layout().size()) { Random(it).nextDouble() - .5 }
            val inBlocks = BooleanArray(v.size)
            model.layout().group(WeightGroup.ATTENTION).forEach { block ->
                (block.offset() until block.offset() + block.size()).forEach { inBlocks[it] = true }
            }
            val kept =
                Projection(GRADIENT, blocks, true, 1.0, 0.0, Window.from(0)).filtered(v, basis(blocks), model.layout())
            v.indices.filter { !inBlocks[it] }.forEach { kept[it] shouldBe v[it] }
            norm(basis(blocks).residual(v.indices.map { if (inBlocks[it]) kept[it] else 0.0 }.toDoubleArray())) shouldBe
                (0.0 plusOrMinus 1e-12)
        }

        "on the update, what is removed inside stays out of the path; the gradient's filter can't promise it" {
            val removed = Projection(UPDATE, blocks, true, 0.0, 1.0, Window.from(0))
            val start = TrainingState.initial(spec()).theta()
            val path = minus(theta(spec(removed)), start)
            norm(basis(blocks).project(path)) shouldBeLessThan 1e-5 * norm(path)
            val plain = minus(theta(spec()), start)
            norm(basis(blocks).project(plain)) shouldBeGreaterThan 1e-3 * norm(plain)
            val onGradient = Projection(GRADIENT, blocks, true, 0.0, 1.0, Window.from(0))
            val filtered = minus(theta(spec(onGradient)), start)
            norm(basis(blocks).project(filtered)) shouldBeGreaterThan 1e-3 * norm(filtered)
        }

        "a kick is as long as it says and stays out of the basis; before or after the optimiser" {
            val fixed = kicked(Kick(GAUSSIAN, FIXED, .5, Optional.of(ambient), false, Window.once(0)))
            norm(fixed) shouldBe (.5 plusOrMinus 1e-5)
            norm(basis(ambient).project(fixed)) shouldBeLessThan 1e-5
            // Before the optimiser, decay shrinks the kick with the weights.
            val before = kicked(Kick(GAUSSIAN, FIXED, .5, Optional.of(ambient), true, Window.once(0)))
            norm(before) shouldBe (.5 * (1 - 1e-2) plusOrMinus 1e-4)
        }

        "a Gaussian kick in steps is as long as the commutator's" {
            val commutator = kicked(Kick(COMMUTATOR, STEP, 200.0, Optional.of(blocks), false, Window.once(0)))
            val gaussian = kicked(Kick(GAUSSIAN, STEP, 200.0, Optional.of(blocks), false, Window.once(0)))
            norm(commutator) shouldBeGreaterThan 0.0
            // Not the same batch: the commutator of median defect may be another pair than the first.
            (norm(gaussian) / norm(commutator)) shouldBe (1.0 plusOrMinus .3)
            norm(basis(blocks).project(commutator)) shouldBeLessThan 1e-4 * norm(commutator)
        }

        "the commutator's direction is that of H_B g_A - H_A g_B in float64" {
            val state = TrainingState.initial(spec())
            model.open(ComputeDevice.CPU).use { network ->
                val stream = holonomy.task.Stream.of(3, "test")
                val step =
                    Step(
                        0,
                        state.theta(),
                        FloatArray(0),
                        null,
                        listOf(),
                        stream,
                        Step.Surroundings({ s, i, _ -> task.batch(s, i, 64) }, task.groups(), network) { 1.0 },
                    )
                val found = CommutatorDirection.of(step, true).delta()
                val wide = DoubleArray(found.size) { state.theta()[it].toDouble() }
                val batches = holonomy.task.Stream.of(stream.key(), "batches")
                val best =
                    network.openTwinInFloat64().use { exact ->
                        (0 until CommutatorDirection.DRAWS).maxOf { pair ->
                            fun gradient(number: Long, at: DoubleArray) =
                                DoubleArray(at.size).also { exact.gradient(at, task.batch(batches, number, 64), it) }
                            val numbers = 2L * pair to 2L * pair + 1
                            val a = gradient(numbers.first, wide)
                            val b = gradient(numbers.second, wide)
                            fun turned(number: Long, along: DoubleArray): DoubleArray {
                                fun moved(sign: Int) = DoubleArray(wide.size) { wide[it] + sign * 1e-5 * along[it] }
                                val plus = gradient(number, moved(1))
                                val minus = gradient(number, moved(-1))
                                return DoubleArray(wide.size) { (plus[it] - minus[it]) / 2e-5 }
                            }
                            val ba = turned(numbers.second, a)
                            val ab = turned(numbers.first, b)
                            val exactDelta = DoubleArray(wide.size) { ba[it] - ab[it] }
                            exactDelta.indices.sumOf { exactDelta[it] * found[it] } / norm(exactDelta) / norm(found)
                        }
                    }
                best shouldBeGreaterThan .999
            }
        }

        "stopped and continued is as never stopped" {
            val busy =
                spec(
                    Projection(GRADIENT, ambient, false, 1.0, .5, Window.from(3)),
                    Kick(GAUSSIAN, FIXED, .01, Optional.of(ambient), true, Window(2, 3)),
                )
            val state = TrainingState.initial(busy)
            train(busy, state) { state.step() == 7L }
            val continued = TrainingState.initial(busy)
            state.theta().copyInto(continued.theta())
            continued.optimizer().restore(state.optimizer().arrays(), state.step())
            train(busy, continued).theta() shouldBe theta(busy)
        }

        "the JSON alone gives the run back" {
            val path = Basis.Path("ab".repeat(32), WeightGroup.ATTENTION, 41, 2, 500)
            val backbone = Basis.Path("ab".repeat(32), WeightGroup.MATRICES, 41, 1, 500, Centring.ROW_NORMALISED)
            val busy =
                spec(
                    Projection(UPDATE, path, true, 0.0, 1.0, Window.from(500)),
                    Projection(GRADIENT, ambient, false, 1.0, .5, Window(500, 10)),
                    MatchedShare(blocks, path, .75, Window.from(500)),
                    Kick(COMMUTATOR, STEP, 10.0, Optional.of(path), true, Window.once(500)),
                    Kick(GAUSSIAN, FIXED, .1, Optional.empty(), false, Window(500, 50)),
                    Displacement(backbone, -.1, Window.once(0)),
                )
            RunSpec.fromSpec(busy.spec()) shouldBe busy
        }

        "mistakes are named" {
            shouldThrow<UserError> { Projection(UPDATE, ambient, true, 0.0, 1.0, Window.from(0)) }.message shouldBe
                "projection: '3 random directions' lies in no blocks of its own, so weights outside its blocks can't be left alone; name a group"
            shouldThrow<UserError> { Kick(GAUSSIAN, FIXED, -1.0, Optional.empty(), false, Window.from(0)) }
                .message shouldBe "kick: length expected at least 0, found -1.0"
            shouldThrow<UserError> { MatchedShare(ambient, blocks, 1.5, Window.from(0)) }.message shouldBe
                "matched share: suppression expected from 0 to 1, found 1.5"
            shouldThrow<UserError> { Window(-1, 1) }.message shouldBe
                "intervention: steps expected from 0 on and every 1 or more (0 for once), found from -1, every 1"
            val path = Basis.Path("ab".repeat(32), WeightGroup.ATTENTION, 41, 2, 0)
            shouldThrow<UserError> { theta(spec(Projection(GRADIENT, path, false, 1.0, .5, Window.from(0)))) }
                .message shouldBe
                "intervention: the basis '2 directions per block of the path of run abababababab' is taken from a stored run; train it through a store (holonomy.run.Runner)"
        }
    })
