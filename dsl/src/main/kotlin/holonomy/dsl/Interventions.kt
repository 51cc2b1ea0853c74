package holonomy.dsl

import holonomy.data.UserError
import holonomy.intervention.Basis
import holonomy.intervention.Displacement
import holonomy.intervention.Freeze
import holonomy.intervention.Intervention
import holonomy.intervention.Kick
import holonomy.intervention.MatchedShare
import holonomy.intervention.NormClamp
import holonomy.intervention.Projection
import holonomy.intervention.Window
import holonomy.model.WeightGroup
import holonomy.run.RunRequest
import java.util.Optional

/**
 * Something done to runs from outside.
 *
 * @property kind what it does, without how much: the curve of a dose-response figure
 * @property strength how much; 0 is the plain run
 */
class Act internal constructor(val kind: String, val strength: Double, internal val make: (Point) -> Intervention) {
    /** The strength without trailing zeros. */
    internal val dose: String
        get() = strength.toBigDecimal().stripTrailingZeros().toPlainString()

    /** Words for tables and figures. */
    val name: String
        get() = "$kind, $dose"
}

/**
 * Suppresses the part of the gradient outside some directions: `g <- g_par + (1 - s) g_perp` before the optimiser, over
 * all weights, as published.
 *
 * @param every distance of the steps at which it acts; 10 is the published penalty
 */
fun suppressOutside(directions: Directions, s: Double, from: Long, every: Long = 1): Act =
    Act("gradient held to ${directions.name}" + often(every), s) {
        Projection(Projection.On.GRADIENT, directions.basis(it), false, 1.0, 1 - s, Window(from, every))
    }

/**
 * Removes a share [s] of the gradient's part inside some directions, before the optimiser: `g <- g - s B B'g`. An
 * optimiser that weighs each weight by its own gradients brings the part back; [removeStepInside] takes it out of what
 * the optimiser makes of the gradient.
 */
fun suppressInside(directions: Directions, s: Double, from: Long): Act =
    Act("gradient without ${directions.name}", s) {
        Projection(Projection.On.GRADIENT, directions.basis(it), false, 1 - s, 1.0, Window.from(from))
    }

/**
 * The control of [suppressOutside]: the gradient gets the same length and the same share inside other directions as
 * [like] would have: for an optimiser that ignores scale the same share, not the same amplification.
 */
fun matchShare(directions: Directions, like: Directions, s: Double, from: Long): Act =
    Act("gradient's share in ${like.name} moved to ${directions.name}", s) {
        MatchedShare(directions.basis(it), like.basis(it), s, Window.from(from))
    }

/**
 * [suppressOutside] on the optimiser's own step, decay included, and only in the directions' blocks, where they have
 * some: the other weights train as ever.
 */
fun suppressStepOutside(directions: Directions, s: Double, from: Long): Act =
    Act("step held to ${directions.name}", s) { filtered(directions.basis(it), 1.0, 1 - s, from) }

/** Removes a share [s] of the step's part inside some directions; all other motion is left alone. */
fun removeStepInside(directions: Directions, s: Double, from: Long): Act =
    Act("step without ${directions.name}", s) { filtered(directions.basis(it), 1 - s, 1.0, from) }

private fun filtered(basis: Basis, inside: Double, outside: Double, from: Long) =
    Projection(Projection.On.UPDATE, basis, basis.group().isPresent, inside, outside, Window.from(from))

/**
 * Holds back a share [s] of the step in a group of blocks, decay included; all other weights train as ever. With 1 they
 * stay where they are: does the network need them to move at all?
 */
fun freeze(blocks: WeightGroup, s: Double = 1.0, from: Long): Act =
    Act("${blocks.name.lowercase()} frozen", s) { Freeze(blocks, s, Window.from(from)) }

/**
 * Brings the norm of a group of blocks, as one vector, towards [times] its initial value after every step: `theta <-
 * theta (1 + s (R / |theta| - 1))` (arXiv 2606.13753). With [s] = 1 it is held there, and only its direction trains.
 */
fun clampNorm(blocks: WeightGroup, times: Double, s: Double = 1.0, from: Long = 0): Act =
    Act("${blocks.spoken} norm clamped to ${spoken(times)} times its start", s) {
        NormClamp(blocks, times, NormClamp.Unit.INITIAL, s, Window.from(from))
    }

/** [clampNorm] to a norm of so many weight units. */
fun clampNormAt(blocks: WeightGroup, norm: Double, s: Double = 1.0, from: Long = 0): Act =
    Act("${blocks.spoken} norm clamped at ${spoken(norm)}", s) {
        NormClamp(blocks, norm, NormClamp.Unit.WEIGHTS, s, Window.from(from))
    }

private val WeightGroup.spoken: String
    get() = if (this == everyWeight) "weight" else name.lowercase()

/**
 * This arm with the norm of all its weights held at [times] its initial value from the first step on: a dose to sweep.
 */
fun Arm.clampedTo(times: Double): Arm {
    val clamp = NormClamp(everyWeight, times, NormClamp.Unit.INITIAL, 1.0, Window.from(0))
    return trainedBy(training.with(training.interventions() + clamp))
}

/**
 * Displaces each block of weights along some directions by [sigma] of its own length, once, after the first step; of
 * negative sigma the other way. Directions in the same blocks displace them equally far.
 */
fun displace(along: Directions, sigma: Double): Act =
    Act("displaced along ${along.name}", sigma) { Displacement(along.basis(it), sigma, Window.once(0)) }

/**
 * Kicks the weights along a commutator of two batches, outside some directions, by [alpha] |eta g_A|: once, before the
 * optimiser's step, or repeatedly, after it.
 *
 * @param every distance of the kicks in steps; 0 for one kick
 */
fun kickAlongCommutator(outside: Directions, alpha: Double, from: Long, every: Long = 0): Act =
    kick("commutator kick", Kick.Direction.COMMUTATOR, Kick.Length.STEP, outside, alpha, from, every)

/** A random kick as long as the commutator's would be, at the same place of the step. */
fun kickAtRandom(outside: Directions, alpha: Double, from: Long, every: Long = 0): Act =
    kick("random kick", Kick.Direction.GAUSSIAN, Kick.Length.STEP, outside, alpha, from, every)

/** A random kick of a fixed length (weight norm), as published. */
fun noise(outside: Directions, length: Double, from: Long, every: Long): Act =
    kick("noise", Kick.Direction.GAUSSIAN, Kick.Length.FIXED, outside, length, from, every)

private fun kick(
    kind: String,
    direction: Kick.Direction,
    unit: Kick.Length,
    outside: Directions,
    amount: Double,
    from: Long,
    every: Long,
): Act {
    val what = if (every == 0L) "$kind, once" else "$kind, every $every steps"
    return Act(what, amount) {
        val before =
            every == 0L || unit == Kick.Length.FIXED // as published: repeated kicks of a step's length come after it
        Kick(direction, unit, amount, Optional.of(outside.basis(it)), before, Window(from, every))
    }
}

private fun often(every: Long) = if (every == 1L) "" else ", every $every steps"

/** The runs of one act. */
fun Runs.of(act: Act): Runs = only("intervention '${act.name}'") { it.arm.name == act.name }

/**
 * Trains every run of [plain] again under each act: same seed, initial values, split and batches. An act of strength 0
 * is the plain run itself, byte for byte.
 */
fun ExperimentScope.intervene(plain: Runs, acts: List<Act>, record: RecordScope.() -> Unit): Runs {
    acts
        .groupBy { it.name }
        .values
        .firstOrNull { it.size > 1 }
        ?.let { throw UserError("intervene: two acts are '${it[0].name}'; remove one of them") }
    if (acts.isEmpty()) throw UserError("intervene: expected at least one act, found none")
    val recorded = RecordScope().apply(record)
    return declare(
        acts
            .filter { it.strength != 0.0 }
            .flatMap { act ->
                plain.points.map { point ->
                    val spec = point.request.spec()
                    val label = "${act.name}, ${point.arm.name}, ${point.task.label()}, seed ${point.seed}"
                    val training = spec.training().let { it.with(it.interventions() + act.make(point)) }
                    val changed = spec.with(training)
                    val request = RunRequest(changed, label, recorded.snapshots, recorded.measures)
                    Point(
                        point.arm.copy(name = act.name),
                        point.task,
                        point.seed,
                        request,
                        point.values,
                        seedsOf(request.needs()),
                    )
                }
            }
    )
}
