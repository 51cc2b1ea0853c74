package holonomy.dsl

import holonomy.statistic.PathOverlaps

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
    return measured(PathOverlaps.withOtherSeeds(spectrum.spectrum.snapshots(), k))
}
