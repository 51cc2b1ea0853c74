package holonomy.dsl

import holonomy.data.UserError
import holonomy.statistic.SeedOverlapStudy
import holonomy.text.counted

/** A handle on how much the paths of runs of different seeds overlap; can be read inside `figure` and `claim`. */
class SeedOverlaps
internal constructor(private val runs: Runs, private val k: Int, request: DerivedRequest, archive: Archive) {
    private val rows by
        archive.once {
            runs.finished() // whoever reads the result reads all of the runs
            archive.table(listOf(request), SeedOverlapStudy.OVERLAPS)
        }

    /**
     * The overlap divided by the overlap k/D of random subspaces, mean over blocks and pairs of seeds. Dimensionless; 1
     * at chance. Pairs share seeds: the interval is a jackknife over seeds, and bounded from three seeds on.
     *
     * A seed without another one has no value. Raw weights of different initial values differ by head and neuron
     * symmetries too: at chance is nearly certain.
     */
    fun overChance(): Measured = runs.plainly(SeedOverlapStudy.overChance(rows, runs, k))
}

/**
 * Overlap (mean squared cosine of the principal angles) of the top [k] principal directions of a block's path in two
 * seeds. It is computed after the runs, kept in the store, and never computed twice.
 */
fun ExperimentScope.seedOverlaps(runs: Runs, spectrum: SpectrumHandle, k: Int = 3): SeedOverlaps {
    val plan = spectrum.spectrum.snapshots()
    if (k < 1) throw UserError("overlap between seeds: expected at least 1 direction, found $k")
    runs.requireSnapshots(plan)
    val label = "overlaps between seeds of ${counted(runs.points.size, "run")}, top $k directions"
    val request = DerivedRequest(runs.points, label) { stored, words -> SeedOverlapStudy(stored, plan, k, words) }
    return SeedOverlaps(runs, k, request, derive(listOf(request)))
}
