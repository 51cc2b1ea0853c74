package holonomy.study.language

import holonomy.data.Table
import holonomy.dsl.Archive
import holonomy.dsl.DerivedRequest
import holonomy.dsl.ExperimentScope
import holonomy.dsl.Measured
import holonomy.dsl.PathNull
import holonomy.dsl.Runs
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.pointsBy
import holonomy.figure.with
import holonomy.measure.Measure
import holonomy.statistic.SwitchStudy
import holonomy.text.counted

/** What is said of a switch: the displacement from a trough of an accuracy to the peak next to it. */
enum class Switch(internal val statistic: String) {
    /** Its length, weight norm. */
    LENGTH(SwitchStudy.LENGTH),

    /** Share of its length that is new beside the switches before. */
    RESIDUAL(SwitchStudy.RESIDUAL),

    /** Participation ratio of a run's switches over their number: 1 where all are orthogonal. */
    DIMENSION(SwitchStudy.DIMENSION),

    /** |cosine| with the backbone of the whole path. */
    BACKBONE(SwitchStudy.BACKBONE),

    /** Correlation of a step's cosine with it and the accuracy's gain in that step, its own time left out. */
    GAIN(SwitchStudy.GAIN),
}

/**
 * The same switches moved along the path, all together by up to the longest of them: their lags without their phase.
 */
val otherTimes = PathNull(SwitchStudy.OTHER_TIMES)

/** A handle on the switches of some runs; its numbers have the nulls [noiseWalk] and [otherTimes]. */
class SwitchPaths internal constructor(internal val runs: Runs, request: DerivedRequest, archive: Archive) {
    private val rows by
        archive.once {
            runs.finished() // whoever reads the result reads all of the runs
            archive.table(listOf(request), SwitchStudy.SWITCHES)
        }

    /** Mean over the switches of a run, per seed; undefined where it has none. */
    fun mean(of: Switch): Measured {
        fun number(series: String) = SwitchStudy.mean(rows, runs, series, of.statistic)
        return Measured(number(SwitchStudy.PATH), runs.traits) { walk -> number(walk.label) }
    }

    internal fun table(series: String, of: List<Switch>): Table =
        Table.concat(of.map { SwitchStudy.of(rows, series, it.statistic) })
}

/**
 * Where the weights of these runs go from each trough to the peak next to it of the accuracy on a set: by the published
 * rule, of peaks and troughs by [least]. There must be a snapshot at each evaluation. Computed after the runs, kept in
 * the store.
 */
fun ExperimentScope.switches(runs: Runs, on: EvaluatedOn, backbone: BackboneHandle, least: Double = .03): SwitchPaths {
    val plan = backbone.path.snapshots()
    runs.requireSnapshots(plan)
    runs.points.forEach { SwitchStudy.require(it.request.spec(), on.numbers.measure(), plan) }
    val label = "switches of ${counted(runs.points.size, "run")}"
    val request =
        DerivedRequest(runs.points, label) { stored, words -> SwitchStudy(stored, on.numbers, least, plan, words) }
    return SwitchPaths(runs, request, derive(listOf(request)))
}

/** Statistics of switches by their number in the run, a panel each, beside both nulls. */
fun switchesInOrder(switches: SwitchPaths, of: List<Switch>, title: String, caption: String = ""): Figure =
    pointsBy(
            name = "switches",
            title = title,
            table = switches.table(SwitchStudy.PATH, of),
            x = Axis(SwitchStudy.PAIR.name(), "number of the switch in its run"),
            y = Axis.ofPanels(Measure.VALUE.name(), possible = of.associate { it.statistic to it.range }),
            facet = Facet(Measure.STATISTIC.name(), of.size, freeY = true),
            nulls =
                listOf(noiseWalk, otherTimes).map {
                    Null(it.label, switches.table(it.label, of), Measure.VALUE.name())
                },
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = switches.runs.ids)

private val Switch.range
    get() =
        when (this) {
            Switch.LENGTH -> 0.0..Double.POSITIVE_INFINITY
            Switch.GAIN -> -1.0..1.0
            else -> 0.0..1.0
        }
