package holonomy.dsl

import holonomy.geometry.OverlapNull
import holonomy.geometry.Subspace
import holonomy.run.Snapshots
import holonomy.stats.Scale

/**
 * Overlap (mean squared cosine of the principal angles) of the top [k] principal directions of a block's path in one
 * seed and in each other seed, divided by the overlap k/D of random subspaces, mean over blocks and other seeds, per
 * seed. Dimensionless; 1 at chance.
 *
 * A seed without another one has no value. Raw weights of different initial values differ by head and neuron symmetries
 * too: at chance is nearly certain.
 */
fun Runs.overlapBetweenSeeds(spectrum: SpectrumHandle, k: Int): Measured {
    requireSnapshots(spectrum.spectrum.snapshots())
    val ofRun =
        finished().associate { (point, run) ->
            Snapshots.of(run, point.request.spec(), spectrum.spectrum.snapshots()).use { trajectory ->
                point to trajectory.blocks().associateWith { Subspace.principal(trajectory, it, k) }
            }
        }
    return plainly(
        perSeed("overlap of the top $k directions with other seeds' over chance", Scale.LOG) { point ->
            val own = ofRun.getValue(point)
            ofRun
                .filterKeys { it.seed != point.seed }
                .values
                .flatMap { other -> own.map { (block, subspace) -> ratio(subspace, other.getValue(block)) } }
                .average()
        }
    )
}

private fun ratio(one: Subspace, other: Subspace): Double {
    val chance = OverlapNull(one.size(), other.size(), one.dimension().toLong()).mean()
    return one.anglesTo(other).overlap() / chance
}
