package holonomy.dsl

import holonomy.claim.SeedValues
import holonomy.measure.FinalAlignment
import holonomy.measure.HeadSpectrum
import holonomy.measure.SnapshotPlan
import holonomy.statistic.CosineNumbers
import holonomy.statistic.SignTest

/** A handle on the cosine to the final displacement. */
class FinalAlignmentHandle internal constructor(measure: FinalAlignment) : MeasureHandle(measure) {
    internal val numbers = CosineNumbers(measure)
}

/** A handle on the spectra of the heads' products. */
class HeadSpectrumHandle internal constructor(measure: HeadSpectrum) : MeasureHandle(measure)

/**
 * Cosine of every snapshot's displacement to the final one, cos(w_t - w_0, w_n - w_0), and the same without the
 * component along w_0: weight decay moves the weights by -lr x decay x w_t a step, so a path that only decays points to
 * its end from the first step.
 */
fun cosineToFinal(snapshots: Int): FinalAlignmentHandle =
    FinalAlignmentHandle(FinalAlignment(SnapshotPlan.of(attention, snapshots)))

/** Spectra of the paths of W_Q'W_K and W_O W_V of every head, which don't depend on a head's coordinates. */
fun headSpectra(snapshots: Int): HeadSpectrumHandle =
    HeadSpectrumHandle(HeadSpectrum(SnapshotPlan.of(attention, snapshots)))

/**
 * Mean overlap over layers and movers divided by chance k/D, per seed; dimensionless, 1 at chance, on a log scale. The
 * seeds of [nextSeed] share runs in a ring: the interval is a jackknife over seeds.
 */
fun Overlaps.overChance(partner: Partner, of: Movers = matrices): Measured {
    val label = "overlap of the top $k directions of $of over chance (${partner.words})"
    return plain(paths.overChance(label, byPartner, partner.kind, of.names))
}

/** The overlap over chance that one in forty means of random pairs exceeds: the upper end of its 95 % interval. */
fun Overlaps.atMostByChance(partner: Partner, of: Movers = matrices): Measured =
    plain(paths.atMostByChance(byPartner, partner.kind, of.names))

/** Overlap under one comparison minus overlap under another, paired by the seed; dimensionless. */
fun Overlaps.difference(one: Partner, other: Partner, of: Movers = matrices): Measured {
    val label = "overlap (${one.words}) minus overlap (${other.words}) of $of"
    return plain(paths.difference(label, byPartner, one.kind, other.kind, of.names))
}

/**
 * Mean over matrices of the cosine to the final displacement [after] this share of the training (0..1), per seed; the
 * uncorrelated walk of equal steps has sqrt([after]).
 *
 * @param initialRemoved without the component along the initial weights
 */
fun Runs.cosineToFinal(handle: FinalAlignmentHandle, after: Double, initialRemoved: Boolean = false): Measured {
    val which = if (initialRemoved) FinalAlignment.REMOVED else FinalAlignment.WHOLE
    fun series(name: String): SeedValues = handle.numbers.after(which, name, after).of(this)
    val measured = series(FinalAlignment.MEASURED)
    val excess = measured.minus(series(uncorrelatedWalk.label)).values()
    val label = "${measured.label()}; excess over the walk: ${SignTest.words(excess)}"
    return Measured(measured.labelled(label), traits) { walk -> series(walk.label) }
}
