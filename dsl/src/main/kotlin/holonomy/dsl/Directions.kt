package holonomy.dsl

import holonomy.data.UserError
import holonomy.intervention.Basis
import holonomy.intervention.Renewed
import holonomy.model.WeightGroup
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
    if (same.size < 2) {
        throw UserError(
            "pathDirections: another seed's path needs at least two seeds, found one; train two or more, for instance --seeds 1..2"
        )
    }
    return same[(at + 1) % same.size]
}

/** [count] random directions in all of weight space, or in each block of [inBlocksOf]; drawn anew for every seed. */
fun randomDirections(count: Int, inBlocksOf: WeightGroup? = null): Directions {
    val where = if (inBlocksOf == null) "random" else "random in blocks"
    return Directions(where) { Basis.Random(Optional.ofNullable(inBlocksOf), count, it.seed) }
}

/** [count] random directions in all of weight space, drawn anew [every] so many steps. */
fun randomDirections(count: Int, every: Long): Directions =
    Directions("$count random directions") { Renewed(Renewed.AtRandom(), count, every) }

/**
 * The eigenvectors of the [count] largest eigenvalues of the loss's Hessian at the weights of the moment, found anew
 * [every] so many steps on [batches] new batches; each time costs up to [products] products of 4 gradients a batch.
 */
fun topOfHessian(count: Int, every: Long, batches: Int = 1, products: Int = 20): Directions =
    Directions("the Hessian's top $count") { Renewed(Renewed.TopOfHessian(batches, products), count, every) }

/**
 * The [count] first singular vectors of the differences of two groups' gradients on [batches] new batches at the
 * weights of the moment, found anew [every] so many steps: the way to serve [one] at the cost of [other].
 */
fun gradientsApart(one: String, other: String, count: Int, every: Long, batches: Int): Directions =
    Directions("the top $count between $one and $other") {
        Renewed(Renewed.Difference(one, other, batches), count, every)
    }
