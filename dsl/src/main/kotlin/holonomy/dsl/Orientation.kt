package holonomy.dsl

import holonomy.statistic.PathOverlaps

/**
 * Overlap (mean squared cosine of the principal angles) of the top [k] principal directions of a block's path in two
 * seeds, divided by the overlap k/D of random subspaces, mean over blocks and pairs of seeds. Dimensionless; 1 at
 * chance. Pairs share seeds: the interval is a jackknife over seeds, and bounded from three seeds on.
 *
 * A seed without another one has no value. Raw weights of different initial values differ by head and neuron symmetries
 * too: at chance is nearly certain.
 */
fun Runs.overlapBetweenSeeds(spectrum: SpectrumHandle, k: Int): Measured {
    requireSnapshots(spectrum.spectrum.snapshots())
    return plainly(PathOverlaps.betweenSeeds(this, spectrum.spectrum.snapshots(), k))
}
