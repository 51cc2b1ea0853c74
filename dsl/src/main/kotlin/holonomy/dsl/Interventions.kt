package holonomy.dsl

import holonomy.data.UserError
import holonomy.intervention.Basis
import holonomy.intervention.Intervention
import holonomy.intervention.Kick
import holonomy.intervention.Projection
import holonomy.intervention.Window
import holonomy.model.WeightGroup
import holonomy.run.RunRequest
import holonomy.train.RunSpec
import java.util.Optional

/**
 * Directions of weight space that an intervention refers to; which, may depend on the run.
 *
 * @property name words for tables and figures
 */
class Directions internal constructor(val name: String, internal val basis: (Point) -> Basis)

/** Whose path an intervention takes its directions from. */
enum class PathOf {
    /** The plain run of the same seed: the same initial values and split. */
    SAME_SEED,
    /** The plain run of the next seed; of the first for the last. */
    NEXT_SEED,
}

/**
 * The top [directions] of the path of each block of [of], from [snapshots] snapshots of these runs, which must keep
 * them.
 *
 * @param until last step whose snapshots count; 0 for the whole path, which holds the future of what is intervened on
 */
fun Runs.pathDirections(
    snapshots: Int,
    directions: Int = 2,
    of: WeightGroup = attention,
    until: Long = 0,
    whose: PathOf = PathOf.SAME_SEED,
): Directions {
    val owner =
        when {
            whose == PathOf.NEXT_SEED -> "another seed's path"
            until > 0 -> "own early path"
            else -> "own path"
        }
    val runs = this
    requireSnapshots(of, snapshots)
    return Directions(owner) { point -> Basis.Path(runs.source(point, whose).id, of, snapshots, directions, until) }
}

private fun Runs.requireSnapshots(group: WeightGroup, snapshots: Int) {
    val kept = points.first().request.snapshots()
    if (kept.none { it.group() == group && it.cadence().count() == snapshots }) {
        throw UserError(
            "pathDirections: these runs keep no $snapshots snapshots of ${group.name.lowercase()}; " +
                "add snapshot(${group.name.lowercase()}, count = $snapshots) to their train { }"
        )
    }
}

private fun Runs.source(point: Point, whose: PathOf): Point {
    val same = points.filter { it.arm == point.arm && it.task == point.task && it.values == point.values }
    val at = same.indexOfFirst { it.seed == point.seed }
    if (at < 0) {
        throw UserError(
            "pathDirections: no run of ${point.arm.name}, ${point.task.label()} with seed ${point.seed} among those whose paths are taken"
        )
    }
    if (whose == PathOf.SAME_SEED) return same[at]
    if (same.size < 2) throw UserError("pathDirections: another seed's path needs at least two seeds, found one")
    return same[(at + 1) % same.size]
}

/** [count] random directions in all of weight space, or in each block of [inBlocksOf]; drawn anew for every seed. */
fun randomDirections(count: Int, inBlocksOf: WeightGroup? = null): Directions {
    val where = if (inBlocksOf == null) "random" else "random in blocks"
    return Directions(where) { Basis.Random(Optional.ofNullable(inBlocksOf), count, it.seed) }
}

/**
 * Something done to runs from outside.
 *
 * @property name words for tables and figures
 * @property kind what it does, without how much: the curve of a dose-response figure
 * @property strength how much; 0 is the plain run
 */
class Act
internal constructor(
    val name: String,
    val kind: String,
    val strength: Double,
    internal val make: (Point) -> Intervention,
)

/**
 * Suppresses the part of the gradient outside some directions: `g <- g_par + (1 - s) g_perp` before the optimiser, over
 * all weights, as published.
 *
 * @param every distance of the steps at which it acts; 10 is the published penalty
 */
fun suppressOutside(directions: Directions, s: Double, from: Long, every: Long = 1): Act =
    act("gradient held to ${directions.name}" + often(every), s) {
        Projection(Projection.On.GRADIENT, directions.basis(it), false, 1.0, 1 - s, Window(from, every))
    }

/**
 * The same on the optimiser's own step, decay included, and in the directions' blocks only: the other weights train as
 * ever.
 */
fun suppressStepOutside(directions: Directions, s: Double, from: Long): Act =
    act("step held to ${directions.name}", s) {
        Projection(Projection.On.UPDATE, directions.basis(it), true, 1.0, 1 - s, Window.from(from))
    }

/** Removes a share [s] of the step's part inside some directions; all other motion is left alone. */
fun removeStepInside(directions: Directions, s: Double, from: Long): Act =
    act("step without ${directions.name}", s) {
        Projection(Projection.On.UPDATE, directions.basis(it), true, 1 - s, 1.0, Window.from(from))
    }

/**
 * Kicks the weights along a commutator of two batches, outside some directions, by [alpha] |eta g_A|, before the
 * optimiser.
 *
 * @param every distance of the kicks in steps; 0 for one kick
 */
fun kickAlongCommutator(outside: Directions, alpha: Double, from: Long, every: Long = 0): Act =
    kick("commutator kick", Kick.Direction.COMMUTATOR, Kick.Length.STEP, outside, alpha, from, every)

/** A random kick as long as the commutator's would be. */
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
    return act(what, amount) {
        val before = direction == Kick.Direction.GAUSSIAN || every == 0L
        Kick(direction, unit, amount, Optional.of(outside.basis(it)), before, Window(from, every))
    }
}

private fun act(kind: String, strength: Double, make: (Point) -> Intervention) =
    Act("$kind, ${strength.toBigDecimal().stripTrailingZeros().toPlainString()}", kind, strength, make)

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
                    val training = spec.training().with(listOf(act.make(point)))
                    val changed = RunSpec(spec.task(), spec.model(), training, spec.initSeed(), spec.dataSeed())
                    val label = "${act.name}, ${point.task.label()}, seed ${point.seed}"
                    Point(
                        point.arm.copy(name = act.name),
                        point.task,
                        point.seed,
                        RunRequest(changed, label, recorded.snapshots, recorded.measures),
                        point.values,
                    )
                }
            }
    )
}
