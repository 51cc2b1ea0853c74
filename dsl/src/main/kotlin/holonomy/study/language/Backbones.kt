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
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.dsl.plainly
import holonomy.dsl.table
import holonomy.dsl.wholePath
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.with
import holonomy.measure.BackbonePath
import holonomy.measure.BackboneRows
import holonomy.measure.DecayControls
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.statistic.BackboneNumbers
import holonomy.statistic.TwinStudy
import holonomy.text.counted

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

    /** Squared distance from the start over the sum of the squared steps: 1 of orthogonal steps. */
    val coherence = quantity(BackboneRows.COHERENCE)

    /** Signed cosine of the backbones of successive windows of ten snapshots. */
    val turn = quantity(BackboneRows.TURN)

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
class BackboneQuantity internal constructor(internal val numbers: BackboneNumbers)

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
    measured(DecayControls.PATH) { quantity.numbers.mean(of.label, it, upTo) }

/** Curves of a backbone over the steps, a panel each, beside a walk without learning. */
fun backboneOverSteps(
    runs: Runs,
    quantities: List<BackboneQuantity>,
    of: DecayPath = wholePath,
    beside: PathNull = noiseWalk,
    title: String = "The path along its first component and across it, beside a walk that learns nothing",
    caption: String = "",
): Figure {
    fun rows(series: String) = Table.concat(quantities.map { it.numbers.rows(runs, of.label, series) })
    return lines(
            name = "backbone",
            title = title,
            table = rows(DecayControls.PATH),
            x = Axis.STEP,
            y = Axis("value", "value"),
            facet = Facet("statistic", quantities.size, freeY = true),
            nulls = listOf(Null(beside.label, rows(beside.label), "value")),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
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
    fun cosineOfBackbones(): Measured = runs.plainly(TwinStudy.atEnd(rows, runs, TwinStudy.BACKBONES))

    /** Signed cosine of the two displacements at the end, the component along w_0 taken out. */
    fun common(): Measured = runs.plainly(TwinStudy.atEnd(rows, runs, TwinStudy.COMMON))
}

/**
 * What each of [runs] shares with its twin in [others], which has its initial values and other data (`train(..., data =
 * nextSeed)`). Computed after the runs, kept in the store.
 */
fun ExperimentScope.twins(runs: Runs, others: Runs, backbone: BackboneHandle): TwinPaths {
    val plan = backbone.path.snapshots()
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
    val label = "${counted(runs.points.size, "pair")} of twins"
    val request =
        DerivedRequest(runs.points + others.points, label) { stored, words ->
            fun some(of: Runs) =
                holonomy.statistic.StoredRuns(stored.members().filter { it.id() in of.points.map { p -> p.id } })
            TwinStudy(some(runs), some(others), plan, words)
        }
    return TwinPaths(runs, others, request, derive(listOf(request)))
}
