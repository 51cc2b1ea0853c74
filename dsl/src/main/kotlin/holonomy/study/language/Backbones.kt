package holonomy.study.language

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.dsl.Archive
import holonomy.dsl.DecayPath
import holonomy.dsl.DerivedRequest
import holonomy.dsl.ExperimentScope
import holonomy.dsl.MeasureHandle
import holonomy.dsl.Measured
import holonomy.dsl.PathNull
import holonomy.dsl.Runs
import holonomy.dsl.mean
import holonomy.dsl.of
import holonomy.dsl.ofPath
import holonomy.dsl.plainly
import holonomy.dsl.table
import holonomy.dsl.wholePath
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.figure.with
import holonomy.inference.Scale
import holonomy.measure.BackbonePath
import holonomy.measure.BackboneRows
import holonomy.measure.DecayControls
import holonomy.measure.PathWindow
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.statistic.AccuracyAndPath
import holonomy.statistic.BackboneNumbers
import holonomy.statistic.StoredRuns
import holonomy.statistic.TwinStudy
import holonomy.text.counted
import java.util.Optional

/**
 * A handle on the path of the attention and MLP matrices together, taken apart into its first principal direction
 * ("backbone") and the rest (arXiv 2602.23696). Its properties are what figures and claims speak of; each has the null
 * [noiseWalk].
 */
class BackboneHandle internal constructor(internal val path: BackbonePath) : MeasureHandle(path) {
    private fun quantity(statistic: String) = BackboneQuantity(BackboneNumbers(path, statistic))

    /** Component of the displacement along the backbone; weight norm. */
    val along = quantity(BackboneRows.ALONG)

    /** Length of what is left of the displacement; weight norm. */
    val across = quantity(BackboneRows.ACROSS)

    /** Distance from the start; weight norm. */
    val drift = quantity(BackboneRows.DRIFT)

    /** Signed cosine of the step from snapshot to snapshot and the backbone. */
    val updateCosine = quantity(BackboneRows.UPDATE_COSINE)

    /** The same of the raw backbone, as published of single layers. */
    val rawUpdateCosine = quantity(BackboneRows.RAW_UPDATE_COSINE)

    /** PC1 share of the path so far, of five displacements evenly spread over it: as many rows at any step. */
    val pc1SoFar = quantity(BackboneRows.PC1_SO_FAR)

    /** Squared distance from the start over the sum of the squared steps: 1 of orthogonal steps. */
    val coherence = quantity(BackboneRows.COHERENCE)

    /** Signed cosine of the backbones of successive windows of ten snapshots. */
    val turn = quantity(BackboneRows.TURN)

    /** The same of windows that are all told from the start. */
    val anchoredTurn = quantity(BackboneRows.ANCHORED_TURN)

    /** PC1 share of each window. */
    val windowPc1 = quantity(BackboneRows.WINDOW_PC1)

    /** Signed cosine of each window's backbone and that of the first two fifths of the steps. */
    val toEarly = quantity(BackboneRows.TO_EARLY)

    /** Signed cosine of each window's backbone and that of the last three fifths. */
    val toLate = quantity(BackboneRows.TO_LATE)

    /** PC1 share of the whole path, every snapshot counting alike; not centred. */
    val pc1 = quantity(BackboneRows.PC1)

    /** PC1 share of the displacements as they are. */
    val rawPc1 = quantity(BackboneRows.RAW_PC1)

    /** Components that hold 95 % of the variance. */
    val k95 = quantity(BackboneRows.K95)

    /** PC1 share of the first two fifths of the steps. */
    val earlyPc1 = quantity(BackboneRows.EARLY_PC1)

    /** PC1 share of the last three fifths. */
    val latePc1 = quantity(BackboneRows.LATE_PC1)

    /** Signed cosine of the two phases' backbones. */
    val phases = quantity(BackboneRows.PHASES)

    /** Signed cosine of the backbone and -w_0, where decay goes. */
    val toDecay = quantity(BackboneRows.TO_DECAY)

    /** Exponent of [along] over the first fifth of the steps, the second, the third, or the rest. */
    fun growthAlong(regime: ClosedFloatingPointRange<Double>) =
        quantity(BackboneRows.exponent(BackboneRows.ALONG, regime.start, regime.endInclusive))

    /** Exponent of [across], by the same regimes. */
    fun growthAcross(regime: ClosedFloatingPointRange<Double>) =
        quantity(BackboneRows.exponent(BackboneRows.ACROSS, regime.start, regime.endInclusive))
}

/** One statistic of a [BackboneHandle]. */
class BackboneQuantity internal constructor(internal val numbers: BackboneNumbers) {
    /** The values that it can have, where they are bounded. */
    internal val possible: Pair<String, ClosedFloatingPointRange<Double>>?
        get() =
            when (numbers.scale()) {
                Scale.LOGIT -> numbers.statistic() to 0.0..1.0
                Scale.CORRELATION -> numbers.statistic() to -1.0..1.0
                Scale.LOG -> numbers.statistic() to 0.0..Double.POSITIVE_INFINITY
                else -> null
            }
}

/**
 * A handle on a window of the path, steps .15 to .5 of the run's, told from its first snapshot: what the published
 * controls are read off (section 4 of arXiv 2602.23696).
 */
class BackboneWindow internal constructor(internal val path: BackbonePath) : MeasureHandle(path) {
    /** PC1 share, every snapshot counting alike; not centred. */
    val pc1 = BackboneQuantity(BackboneNumbers(path, BackboneRows.PC1))

    /** Components that hold 95 % of the variance. */
    val k95 = BackboneQuantity(BackboneNumbers(path, BackboneRows.K95))

    /** Distance from the window's first snapshot; weight norm. */
    val drift = BackboneQuantity(BackboneNumbers(path, BackboneRows.DRIFT))

    /** Signed cosine of the backbone and -w_0, where decay goes. */
    val toDecay = BackboneQuantity(BackboneNumbers(path, BackboneRows.TO_DECAY))

    /** Signed cosine of the backbones of successive windows of five snapshots, all told from the first. */
    val turn = BackboneQuantity(BackboneNumbers(path, BackboneRows.ANCHORED_TURN))

    /** Signed cosine of updates of a twentieth of the steps and the backbone that they are part of. */
    val updateCosine = BackboneQuantity(BackboneNumbers(path, BackboneRows.WINDOW_UPDATE_COSINE))

    /** The same of updates after the window, which the backbone has not seen. */
    val unseenUpdateCosine = BackboneQuantity(BackboneNumbers(path, BackboneRows.UNSEEN_UPDATE_COSINE))
}

/** The published window of the trunk's path, of so many snapshots: one more than a multiple of twenty. */
fun backboneWindow(snapshots: Int): BackboneWindow =
    BackboneWindow(BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, snapshots), Optional.of(PathWindow.PUBLISHED)))

/** The backbone of the trunk's path, of so many snapshots: one more than a multiple of five. */
fun backbone(snapshots: Int): BackboneHandle =
    BackboneHandle(BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, snapshots)))

/**
 * What weights do that learn nothing: decayed noise under the run's own rates, decay and initial norm, without a fitted
 * parameter.
 */
val noiseWalk = PathNull(BackbonePath.NOISE_WALK)

/** What decay alone leaves of the initial weights: a straight line. */
val decayOnly = PathNull(BackbonePath.DECAY_ONLY)

/** A number of the whole path, per seed; of a curve its mean over the steps up to a share [upTo] of them. */
fun Runs.mean(quantity: BackboneQuantity, of: DecayPath = wholePath, upTo: Double = 1.0): Measured =
    ofPath(DecayControls.PATH) { quantity.numbers.mean(of.label, it, upTo) }

/** A number of the path at its last step, per seed; of a window at the window's. */
fun Runs.atEnd(quantity: BackboneQuantity, of: DecayPath = wholePath): Measured =
    ofPath(DecayControls.PATH) { quantity.numbers.atEnd(of.label, it) }

/**
 * A curve of the path where the loss on a set has come down to what [like] ends with, seed by seed: geometry at equal
 * loss. Undefined for a seed that never gets there.
 */
fun Runs.atLossOf(like: Runs, on: EvaluatedOn, quantity: BackboneQuantity, of: DecayPath = wholePath): Measured =
    ofPath(DecayControls.PATH) { AccuracyAndPath(on.numbers, quantity.numbers).atLossOf(like, of.label, it) }

/** Correlation of the accuracy on a set and a curve of the path over a run, per seed. */
fun Runs.correlation(on: EvaluatedOn, quantity: BackboneQuantity, of: DecayPath = wholePath): Measured =
    ofPath(DecayControls.PATH) { AccuracyAndPath(on.numbers, quantity.numbers).correlation(of.label, it) }

/** The same of their changes from moment to moment: two trends alone have none. */
fun Runs.correlationOfChanges(on: EvaluatedOn, quantity: BackboneQuantity, of: DecayPath = wholePath): Measured =
    ofPath(DecayControls.PATH) { AccuracyAndPath(on.numbers, quantity.numbers).correlationOfChanges(of.label, it) }

/**
 * Numbers of a path at its end by arm, a panel each, beside a null of the path.
 *
 * @param log on logarithmic scales, for arms that run away
 */
fun backboneByArm(
    runs: Runs,
    quantities: List<BackboneQuantity>,
    of: DecayPath = wholePath,
    beside: PathNull = noiseWalk,
    log: Boolean = false,
    title: String = "The path by arm, beside a walk that learns nothing",
    caption: String = "",
): Figure =
    beside(runs, quantities, beside, { rowsAtEnd(runs, of.label, it, ARM) }) { rows, nulls ->
        pointsBy(
            name = "backbone-by-arm",
            title = title,
            table = rows,
            x = Axis("arm", ""),
            y = Axis.ofPanels("value", log, quantities.mapNotNull { it.possible }.toMap()),
            facet = Facet("statistic", 1, freeY = true),
            nulls = nulls,
            caption = caption,
            size = Size.PANELS,
        )
    }

internal val ARM = Table.text("arm")

/** Curves of a backbone over the steps, a panel each, beside a walk without learning. */
fun backboneOverSteps(
    runs: Runs,
    quantities: List<BackboneQuantity>,
    of: DecayPath = wholePath,
    beside: PathNull = noiseWalk,
    title: String = "The path along its first component and across it, beside a walk that learns nothing",
    caption: String = "",
): Figure =
    beside(runs, quantities, beside, { rows(runs, of.label, it, ARM) }) { rows, nulls ->
        lines(
            name = "backbone",
            title = title,
            table = rows,
            x = Axis.STEP,
            y = Axis("value", "value"),
            colour = "arm".takeIf { runs.points.distinctBy { it.arm.name }.size > 1 },
            facet = Facet("statistic", quantities.size, freeY = true),
            nulls = nulls,
            caption = caption,
            size = Size.ROW,
        )
    }

/** A figure of the rows of some quantities beside the same rows of a null. */
private fun beside(
    runs: Runs,
    quantities: List<BackboneQuantity>,
    beside: PathNull,
    rows: BackboneNumbers.(String) -> Table,
    draw: (Table, List<Null>) -> Figure,
): Figure {
    fun of(series: String) = Table.concat(quantities.map { it.numbers.rows(series) })
    return draw(of(DecayControls.PATH), listOf(Null(beside.label, of(beside.label), "value"))).with(sources = runs.ids)
}

/** A handle on what twins share: runs of the same initial values on other data. */
class TwinPaths
internal constructor(private val runs: Runs, private val others: Runs, request: DerivedRequest, archive: Archive) {
    private val rows by
        archive.once {
            listOf(runs, others).forEach { it.finished() } // whoever reads the result reads all of the runs
            archive.table(listOf(request), TwinStudy.SHARED)
        }

    /**
     * Signed cosine of the two backbones, the component along w_0 taken out: 0 of noise, near 1 where the task makes
     * them.
     */
    fun cosineOfBackbones(): Measured = runs.plainly(TwinStudy.atEnd(rows, runs, others, TwinStudy.BACKBONES))

    /** Signed cosine of the two displacements at the end, the component along w_0 taken out. */
    fun common(): Measured = runs.plainly(TwinStudy.atEnd(rows, runs, others, TwinStudy.COMMON))
}

/**
 * What each of [runs] shares with its twin in [others], which has its initial values and other data (`train(..., data =
 * nextSeed)`). Computed after the runs, kept in the store.
 */
fun ExperimentScope.twins(runs: Runs, others: Runs, backbone: BackboneHandle): TwinPaths {
    val plan = backbone.path.snapshots()
    requireTwins(runs, others, plan)
    val label = "${counted(runs.points.size, "pair")} of twins"
    val request =
        DerivedRequest(runs.points + others.points, label) { stored, words ->
            TwinStudy(stored.of(runs), stored.of(others), plan, words)
        }
    return TwinPaths(runs, others, request, derive(listOf(request)))
}

/** Those of some runs that are there. */
internal fun StoredRuns.of(runs: Runs) = StoredRuns(members().filter { it.id() in runs.points.map { p -> p.id } })

/** Fails where some runs have no twins among others, or no such snapshots. */
internal fun requireTwins(runs: Runs, others: Runs, plan: SnapshotPlan) {
    listOf(runs, others).forEach { it.requireSnapshots(plan) }
    for (point in runs.points) {
        val twin =
            others.points.singleOrNull { it.seed == point.seed }
                ?: throw UserError(
                    "twins: expected one run of seed ${point.seed} among the others, found ${
                    counted(others.points.count { it.seed == point.seed }, "run")}; train them on the same seeds"
                )
        TwinStudy.require(point.request.spec(), twin.request.spec())
    }
}
