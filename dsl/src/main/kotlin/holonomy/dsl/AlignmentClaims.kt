package holonomy.dsl

import holonomy.data.Table
import holonomy.experiment.Numbers
import holonomy.experiment.SeedValues
import holonomy.geometry.Statistic
import holonomy.measure.FinalAlignment
import holonomy.measure.HeadSpectrum
import holonomy.measure.SnapshotPlan
import holonomy.stats.Scale
import holonomy.stats.SignFlip
import holonomy.text.counted
import java.util.TreeMap
import kotlin.math.abs
import kotlin.math.ln

/** A handle on the cosine to the final displacement. */
class FinalAlignmentHandle internal constructor(measure: FinalAlignment) : MeasureHandle(measure)

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
 * seeds of [nextSeed] share runs in a ring, so they are not quite independent.
 */
fun Overlaps.overChance(partner: Partner, of: Movers = matrices): Measured {
    val values = values(partner, of).mapValues { (_, overlap) -> overlap / chance.mean() }
    val label = "overlap of the top $k directions of $of over chance (${partner.words})"
    val differences = values.values.map { ln(it) }
    return plain(SeedValues("$label; ${signTest(differences)}", Scale.LOG, TreeMap(values)))
}

/** The overlap over chance that one in forty means of random pairs exceeds: the upper end of its 95 % interval. */
fun Overlaps.atMostByChance(partner: Partner, of: Movers = matrices): SeedValues {
    val pairs = byPartner.rows().map { it.number("layer") }.distinct().size * of.names.size
    val bound = chance.quantileOfMean(.975, pairs) / chance.mean()
    return SeedValues("97.5 % of random pairs", Scale.LOG, TreeMap(values(partner, of).mapValues { bound }))
}

/** Overlap under one comparison minus overlap under another, paired by the seed; dimensionless. */
fun Overlaps.difference(one: Partner, other: Partner, of: Movers = matrices): Measured {
    val second = values(other, of)
    val values =
        values(one, of).filterKeys { it in second }.mapValues { (seed, value) -> value - second.getValue(seed) }
    val label = "overlap (${one.words}) minus overlap (${other.words}) of $of"
    return plain(SeedValues.of("$label; ${signTest(values.values.toList())}", TreeMap(values)))
}

/** Mean overlap over layers and movers by seed. */
internal fun Overlaps.values(partner: Partner, of: Movers): Map<Long, Double> =
    byPartner
        .rows()
        .filter { it.text("comparison") == partner.label && it.text("matrix") in of.names }
        .groupBy { it.text("seed").toLong() }
        .mapValues { (_, rows) -> rows.map { it.number("value") }.average() }

/** The exact sign-flip test of differences, in words, with the smallest p that so many seeds allow. */
internal fun signTest(differences: List<Double>): String {
    val n = differences.size
    if (n == 0 || n > SignFlip.MOST || differences.any { !it.isFinite() })
        return "no sign-flip test of ${counted(n, "seed")}" + if (n > SignFlip.MOST) "" else ", a value is missing"
    val test = SignFlip.of(differences.toDoubleArray())
    return "exact sign-flip p ${Numbers.brief(test.twoSided())} of ${counted(n, "seed")}, floor ${Numbers.brief(test.floor())}"
}

/**
 * Mean over matrices of the cosine to the final displacement [after] this share of the training (0..1), per seed; the
 * uncorrelated walk of equal steps has sqrt([after]).
 *
 * @param initialRemoved without the component along the initial weights
 */
fun Runs.cosineToFinal(handle: FinalAlignmentHandle, after: Double, initialRemoved: Boolean = false): Measured {
    val which = if (initialRemoved) FinalAlignment.REMOVED else FinalAlignment.WHOLE
    fun series(name: String): SeedValues =
        perSeed("cosine $which after ${Numbers.brief(after)} of the steps", cosineRows(handle, which, name)) { rows ->
            val due = after * rows.maxOf { it.number("step") }
            val step = rows.map { it.number("step") }.distinct().minBy { abs(it - due) }
            rows.filter { it.number("step") == step }.mean("value")
        }
    val measured = series(FinalAlignment.MEASURED)
    val excess = measured.minus(series(uncorrelatedWalk.label)).values().toList()
    val label = "${measured.label()}; excess over the walk: ${signTest(excess)}"
    return Measured(SeedValues(label, measured.scale(), measured.bySeed()), traits) { walk -> series(walk.label) }
}

internal fun Runs.cosineRows(handle: FinalAlignmentHandle, which: String, series: String): Table =
    table(handle).where { it.text("cosine") == which && it.text("series") == series }

internal fun Runs.headRows(handle: HeadSpectrumHandle, series: String): Table =
    table(handle).where { it.text("statistic") == Statistic.R90_INTERPOLATED.label() && it.text("series") == series }
