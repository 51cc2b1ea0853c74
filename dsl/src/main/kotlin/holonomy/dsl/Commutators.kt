package holonomy.dsl

import holonomy.data.Table
import holonomy.experiment.SeedValues
import holonomy.measure.Cadence
import holonomy.measure.CommutatorMeasure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.stats.Quantiles
import holonomy.stats.Ranks
import holonomy.stats.Scale
import java.util.TreeMap
import kotlin.math.abs
import kotlin.math.sqrt

/** A handle on commutators of steps. */
class CommutatorHandle internal constructor(measure: CommutatorMeasure) : MeasureHandle(measure)

/**
 * Commutators of the steps on pairs of batches, [count] times per run, and their projections onto the path so far.
 *
 * @param of the weights whose path makes the execution basis; [snapshots] copies per run, [directions] per matrix
 * @param pairs pairs of batches per measurement; [variantPairs] of them also at four times the batch and with m and
 *   positions per sequence, and [chosenPairs] for every (m_A, m_B)
 * @param displacement eta sqrt(|g_A||g_B|), weight norm: what is kept fixed in place of eta
 * @param publishedEta the fixed eta of the published form
 * @param batch sequences per batch; as many as in training when not given
 * @param stream name of the random stream that pairs are drawn from: another name, other pairs
 */
fun commutators(
    count: Int,
    snapshots: Int,
    of: WeightGroup = attention,
    pairs: Int = 9,
    variantPairs: Int = pairs,
    chosenPairs: Int = 1,
    directions: Int = 3,
    displacement: Double = 3e-3,
    publishedEta: Double = 1e-3,
    batch: Int? = null,
    stream: String = CommutatorMeasure.PAIRS,
): CommutatorHandle =
    CommutatorHandle(
        CommutatorMeasure(
            Cadence.times(count),
            SnapshotPlan.of(of, snapshots),
            pairs,
            variantPairs,
            chosenPairs,
            directions,
            displacement,
            publishedEta,
            batch ?: 0,
            stream,
        )
    )

/** A way of computing a commutator, by the name of its rows. */
class Form internal constructor(internal val variant: String) {
    override fun toString() = variant
}

/** The gradient-difference form at a fixed displacement. */
val ourForm = Form(CommutatorMeasure.OURS)

/** Two float32 weight vectors subtracted, eta fixed. */
val publishedForm = Form(CommutatorMeasure.PUBLISHED)

/** A part of the training, in shares of its steps, ends included. */
class Phase internal constructor(internal val from: Double, internal val to: Double, private val words: String) {
    internal fun holds(row: Table.Row, last: Double) = row.number("step") / last in from..to

    override fun toString() = words
}

/** The first fifth of the steps. */
val firstFifth = Phase(0.0, .2, "first fifth")

/** The last fifth of the steps. */
val lastFifth = Phase(.8, 1.0, "last fifth")

/** All of it. */
val wholeTraining = Phase(0.0, 1.0, "whole training")

/** What a share of a vector in the execution basis is compared with. */
enum class ShareNull(internal val words: String, internal val energy: String, internal val rho: String) {
    /** A random subspace of all weights. */
    ISOTROPIC("isotropic subspace", "isotropic_mean", "isotropic_rho"),

    /** A random subspace inside each matrix. */
    BLOCK_MATCHED("block-matched subspace", "matched_mean", "matched_rho"),
}

/** A basis that commutators are projected onto. */
enum class BasisKind(internal val words: String, internal val label: String) {
    /** The run's own path so far: its execution basis. */
    OWN_PATH("the own path", CommutatorMeasure.OWN_BASIS),

    /** The singular directions of the weights at the moment. */
    SINGULAR_DIRECTIONS("the weights' singular directions", CommutatorMeasure.WEIGHTS_BASIS),
}

internal fun Runs.commutatorRows(handle: CommutatorHandle, variant: String): Table =
    table(handle).where { it.text("variant") == variant }

internal fun Runs.projectionRows(
    handle: CommutatorHandle,
    vector: String = "delta",
    basis: String = CommutatorMeasure.OWN_BASIS,
): Table =
    commutatorRows(handle, CommutatorMeasure.PROJECTION).where {
        it.text("vector") == vector && it.text("basis") == basis
    }

/** Median over pairs and moments of D = |delta| / (|a||b|), 1/weight norm, per seed. */
fun Runs.defect(handle: CommutatorHandle, form: Form = ourForm, over: Phase = wholeTraining): Measured =
    medianOf("median D ($form, $over)", handle, commutatorRows(handle, form.variant), over) { it.number("defect") }

/** Median closure c = |delta| / (|a' - a| + |b' - b|), dimensionless, per seed. */
fun Runs.closure(handle: CommutatorHandle, form: Form = ourForm, over: Phase = wholeTraining): Measured =
    medianOf("median c ($form, $over)", handle, commutatorRows(handle, form.variant), over) { it.number("closure") }

/** Median |B'delta| / |delta| in the run's own path so far, dimensionless, per seed. */
fun Runs.rho(handle: CommutatorHandle, over: Phase = wholeTraining): Measured =
    medianOf("median rho ($over)", handle, projectionRows(handle), over) { it.number("rho") }

/** Median of the expected rho in a random subspace, per seed. */
fun Runs.randomRho(handle: CommutatorHandle, beside: ShareNull, over: Phase = wholeTraining): Measured =
    medianOf("expected rho, ${beside.words}", handle, projectionRows(handle), over) { it.number(beside.rho) }

/** Median 1 - rho, as published; neither a norm nor an energy. */
fun Runs.oneMinusRho(handle: CommutatorHandle, over: Phase = wholeTraining): Measured =
    medianOf("median 1 - rho ($over)", handle, projectionRows(handle), over) { it.number("one_minus_rho") }

/** Median of 1 - E[rho] of a random subspace. */
fun Runs.randomOneMinusRho(handle: CommutatorHandle, beside: ShareNull, over: Phase = wholeTraining): Measured =
    medianOf("1 - expected rho, ${beside.words}", handle, projectionRows(handle), over) { 1 - it.number(beside.rho) }

/** Median rho / sqrt(E[rho^2]) of a null, dimensionless, per seed; 1 at chance. */
fun Runs.ratio(
    handle: CommutatorHandle,
    beside: ShareNull,
    over: Phase = wholeTraining,
    of: String = "delta",
    inside: BasisKind = BasisKind.OWN_PATH,
): Measured =
    medianOf(
        "rho of $of in ${inside.words} over ${beside.words} ($over)",
        handle,
        projectionRows(handle, of, inside.label),
        over,
    ) {
        it.number("rho") / sqrt(it.number(beside.energy))
    }

/** [ratio] as published: the isotropic null with the published model's unused MLP weights counted in P. */
fun Runs.publishedRatio(handle: CommutatorHandle, over: Phase = wholeTraining): Measured =
    medianOf("rho over an isotropic subspace with unused weights ($over)", handle, projectionRows(handle), over) {
        it.number("rho") / sqrt(it.number("isotropic_mean")) * inflation()
    }

/** sqrt(P with unused MLP weights / P). */
internal fun Runs.inflation(): Double {
    val point = points.first()
    val used = point.arm.modelFor(point.task).layout().size()
    val inflated = point.arm.copy(hidden = 4 * point.arm.width).modelFor(point.task).layout().size()
    return sqrt(inflated.toDouble() / used)
}

/** How a positive number changes: the other one's value over this one's, paired within the seed. */
infix fun Measured.growingTo(later: Measured): Measured =
    plain(
        SeedValues(
            later.beside(this, "over"),
            Scale.LOG,
            TreeMap(values.bySeed().mapValues { (seed, value) -> later.values.bySeed().getValue(seed) / value }),
        ),
        traits intersect later.traits,
    )

/** Rank correlation of a moment's median D with the held-out loss of the same moment, its size, per seed. */
fun Runs.defectAgainstLoss(handle: CommutatorHandle, accuracy: AccuracyHandle, form: Form = ourForm): Measured {
    val losses = table(accuracy).rows().groupBy { it.text(RUN) to it.number("step") }
    return perMoment("|rank correlation| of D ($form) and loss", handle, form) { run, moments ->
        val both =
            moments.mapNotNull { (step, rows) ->
                losses[run to step]?.let { loss ->
                    median(rows.map { it.number("defect") }) to loss.map { it.number("loss") }.average()
                }
            }
        abs(spearman(both.map { it.first }, both.map { it.second }))
    }
}

/**
 * Rank correlation of D and training time at matched gradient norm: the partial correlation of the ranks of D and step,
 * those of sqrt(|g_A||g_B|) taken out, over single pairs, per seed.
 *
 * D goes as curvature over |g|, so it grows whenever gradients shrink; this is what is left.
 */
fun Runs.defectTrendAtMatchedGradient(handle: CommutatorHandle, form: Form = ourForm): Measured =
    perMoment("rank correlation of D ($form) and step at matched |g|", handle, form) { _, moments ->
        val rows = moments.values.flatten()
        val defect = rows.map { it.number("defect") }
        val step = rows.map { it.number("step") }
        val gradient = rows.map { it.number("gradient_a") * it.number("gradient_b") }
        val (ds, dg, sg) = listOf(spearman(defect, step), spearman(defect, gradient), spearman(step, gradient))
        (ds - dg * sg) / sqrt((1 - dg * dg) * (1 - sg * sg))
    }

/** Median over moments and pairs of |D(variant) / D(ours) - 1|, dimensionless, per seed. */
fun Runs.defectDeviation(handle: CommutatorHandle, variant: String): Measured {
    val ours = commutatorRows(handle, CommutatorMeasure.OURS).rows().associateBy(::pairKey)
    return medianOf("|D / ours - 1|, $variant", handle, commutatorRows(handle, variant), wholeTraining) {
        abs(it.number("defect") / ours.getValue(pairKey(it)).number("defect") - 1)
    }
}

/** What tells pairs of batches apart in a long table. */
internal fun pairKey(row: Table.Row) = listOf(row.text(RUN), row.text("step"), row.text("pair"))

private fun Runs.perMoment(
    label: String,
    handle: CommutatorHandle,
    form: Form,
    value: (String, Map<Double, List<Table.Row>>) -> Double,
): Measured =
    plainly(
        perSeed(label, commutatorRows(handle, form.variant)) { rows ->
            value(rows.first().text(RUN), rows.groupBy { it.number("step") })
        }
    )

/** Per run the median of a number over the rows of a phase; undefined (NaN) where the phase has none. */
private fun Runs.medianOf(
    label: String,
    handle: CommutatorHandle,
    rows: Table,
    over: Phase,
    value: (Table.Row) -> Double,
): Measured {
    val last = table(handle).rows().groupBy { it.text(RUN) }.mapValues { (_, own) -> own.maxOf { it.number("step") } }
    return plainly(
        perSeed(label, rows, Scale.LOG) { own ->
            median(own.filter { over.holds(it, last.getValue(it.text(RUN))) }.map(value))
        }
    )
}

internal fun median(values: List<Double>): Double =
    if (values.isEmpty()) Double.NaN else Quantiles.median(values.toDoubleArray())

private fun spearman(x: List<Double>, y: List<Double>) = Ranks.spearman(x.toDoubleArray(), y.toDoubleArray())
