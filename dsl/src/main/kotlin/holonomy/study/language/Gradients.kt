package holonomy.study.language

import holonomy.data.Table
import holonomy.dsl.Archive
import holonomy.dsl.DecayPath
import holonomy.dsl.DerivedRequest
import holonomy.dsl.ExperimentScope
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.of
import holonomy.dsl.plainly
import holonomy.dsl.table
import holonomy.dsl.wholePath
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.lines
import holonomy.figure.with
import holonomy.measure.BackbonePath
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.WeightGroup
import holonomy.statistic.GradientStudy
import holonomy.statistic.NoiseStudy
import holonomy.statistic.RunNumber
import holonomy.text.counted

/** What lies to a backbone by a cosine. */
enum class Along(internal val statistic: String) {
    /** The update up to the next snapshot. */
    UPDATE(GradientStudy.UPDATE),

    /** The negative gradient of one micro-batch, mean over them. */
    MICRO_BATCH(GradientStudy.BATCH),

    /** The negative sum of as many micro-batches' gradients as the update is made of. */
    SUM(GradientStudy.SUM),

    /** The same, each weight's divided by the root mean square of its gradients. */
    PRECONDITIONED(GradientStudy.PRECONDITIONED),
}

/** Whose backbone. */
enum class Whose(internal val direction: String) {
    /** The run's own, which has seen its updates. */
    OWN(GradientStudy.OWN),

    /** That of its twin, which has not, without its component along the initial weights, which both share. */
    TWINS(GradientStudy.TWIN),
}

/** A handle on how gradients lie to the backbone, at equal averaging. */
class GradientPaths
internal constructor(
    private val runs: Runs,
    private val others: Runs,
    private val path: SnapshotPlan,
    request: DerivedRequest,
    archive: Archive,
) {
    private val rows by
        archive.once {
            runs.finished() // whoever reads the result reads all of the runs
            archive.table(listOf(request), GradientStudy.GRADIENTS)
        }

    /** Mean of a signed cosine over the moments up to a share of them, per seed. */
    fun cosine(of: Along, with: Whose = Whose.OWN, upTo: Double = 1.0): Measured =
        runs.plainly(GradientStudy.mean(rows, runs, others, with.direction, of.statistic, upTo))

    /** Steps at which the updates of [cosine] end. */
    internal fun updateEnds(upTo: Double): Set<Long> =
        GradientStudy.updateEnds(rows, path, runs.points.first().request.spec(), upTo)

    internal fun table(): Table = rows

    internal val ids
        get() = runs.ids
}

/** Signed cosines of updates and gradients with the backbone over steps, a panel for the own and one for the twin's. */
fun gradientsOverSteps(gradients: GradientPaths): Figure =
    lines(
            name = "gradients",
            title = "Updates and gradients beside the run's own backbone and its twin's",
            table = gradients.table(),
            x = Axis.STEP,
            y = Axis(Measure.VALUE.name(), "cosine"),
            colour = Measure.STATISTIC.name(),
            facet = Facet(GradientStudy.DIRECTION.name(), 2),
            spread = Spread.RANGE, // a seed's twin is another one's data
            caption = "As many micro-batches are summed as an update is made of. Floor: E|cos| of a random direction.",
            size = Size.PANELS,
        )
        .with(sources = gradients.ids)

/**
 * How updates and gradients of each of [runs] lie to its backbone and to that of its twin in [others], at the weights
 * of [states] snapshots (`snapshot(everyWeight, states)`). Computed after the runs, kept in the store.
 */
fun ExperimentScope.gradients(runs: Runs, others: Runs, backbone: BackboneHandle, states: Int): GradientPaths {
    val path = backbone.path.snapshots()
    val whole = SnapshotPlan.of(WeightGroup.ALL, states)
    requireTwins(runs, others, path)
    runs.requireSnapshots(whole)
    runs.points.forEach { GradientStudy.require(it.request.spec(), path, whole) }
    val label = "gradients of ${counted(runs.points.size, "run")}"
    val request =
        DerivedRequest(runs.points + others.points, label) { stored, words ->
            GradientStudy(stored.of(runs), stored.of(others), path, whole, words)
        }
    return GradientPaths(runs, others, path, request, derive(listOf(request)))
}

/** A handle on trainings by the runs' own optimiser that have nothing to learn. */
class NoiseTrainings internal constructor(private val runs: Runs, request: DerivedRequest, archive: Archive) {
    private val rows by
        archive.once {
            runs.finished()
            archive.table(listOf(request), NoiseStudy.NOISE)
        }

    /** A number of the noise's path, per seed of the run that it stands beside, whose nulls it has: see [mean]. */
    fun mean(quantity: BackboneQuantity, of: DecayPath = wholePath, upTo: Double = 1.0): Measured {
        return beside { series -> quantity.numbers.mean(of.label, series, upTo) }
    }

    /** The same at the moments of [at]'s updates alone, up to a share of them: what these are compared with. */
    fun mean(quantity: BackboneQuantity, at: GradientPaths, upTo: Double = 1.0): Measured {
        val ends = at.updateEnds(upTo)
        return beside { series -> quantity.numbers.meanAt(wholePath.label, series, ends, "at the gradients' moments") }
    }

    private fun beside(number: (String) -> RunNumber): Measured {
        val noise = number(NoiseStudy.SERIES).of(NoiseStudy.among(runs, rows))
        return Measured(noise.labelled("${noise.label()}, noise training"), runs.traits) { walk ->
            number(walk.label).of(runs)
        }
    }
}

/**
 * Each of [runs] again with nothing to learn: its optimiser and schedule, from its initial values, fed Gaussian
 * gradients of the second moments that it had at its end. The check of [noiseWalk], with momentum and at the run's own
 * number of weights. Computed after the runs, kept in the store.
 */
fun ExperimentScope.noiseTrainings(runs: Runs, backbone: BackboneHandle): NoiseTrainings =
    noiseTrainings(runs, backbone.path)

/** The same of a window of the path. */
fun ExperimentScope.noiseTrainings(runs: Runs, window: BackboneWindow): NoiseTrainings =
    noiseTrainings(runs, window.path)

private fun ExperimentScope.noiseTrainings(runs: Runs, path: BackbonePath): NoiseTrainings {
    runs.requireSnapshots(path.snapshots())
    val label = "noise in place of ${counted(runs.points.size, "run")}"
    val request = DerivedRequest(runs.points, label) { stored, words -> NoiseStudy(stored, path, words) }
    return NoiseTrainings(runs, request, derive(listOf(request)))
}
