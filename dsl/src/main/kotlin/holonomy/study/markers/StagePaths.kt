package holonomy.study.markers

import holonomy.data.UserError
import holonomy.dsl.DerivedRequest
import holonomy.dsl.ExperimentScope
import holonomy.dsl.Measured
import holonomy.dsl.Point
import holonomy.dsl.Runs
import holonomy.dsl.SpectrumHandle
import holonomy.dsl.kept
import holonomy.dsl.of
import holonomy.dsl.plain
import holonomy.dsl.scheduleName
import holonomy.dsl.table
import holonomy.statistic.StageCuts
import holonomy.statistic.StagePaths as PathsByStage
import holonomy.statistic.StageStudy
import holonomy.task.StagedTask
import holonomy.text.counted

/**
 * The paths of these runs' blocks stage by stage: their dimension and their top [directions] principal directions. Only
 * increments within a stage count. A run without stages is cut at the steps of the first schedule among the runs, so
 * that both paths are as long.
 *
 * @throws UserError before training, where a stage keeps too few snapshots, or the runs' blocks differ in size
 */
fun ExperimentScope.stagePaths(runs: Runs, spectrum: SpectrumHandle, directions: Int = 3): StagePaths {
    requireEqualSizes(runs)
    runs.points.forEach { requireSnapshots(it, runs.cuts(it), spectrum, directions) }
    val plan = spectrum.spectrum.snapshots()
    runs.requireSnapshots(plan)
    val label = "paths by stage of ${counted(runs.points.size, "run")}, top $directions directions"
    val request =
        DerivedRequest(runs.points, label) { stored, words ->
            StageStudy(stored, plan, runs.cuts(runs.points.first()), directions, words)
        }
    val archive = derive(listOf(request))
    val read =
        archive.once {
            fun table(file: String) = archive.table(listOf(request), file)
            PathsByStage.of(runs, table(StageStudy.PATHS), table(StageStudy.ANGLES))
        }
    return StagePaths(runs, directions, read)
}

/** A handle on the paths of runs within their stages; can be read inside `figure` and `claim`. */
class StagePaths
internal constructor(private val runs: Runs, internal val directions: Int, private val read: Lazy<PathsByStage>) {
    /** Those of some of the runs. */
    fun of(some: Runs): StagePaths {
        val kept = some.points.map { it.id }.toSet()
        return StagePaths(some, directions, runs.archive.once { read.value.of(kept) })
    }

    /** The stored paths and the angles between them. */
    internal val paths: PathsByStage
        get() = read.value

    internal val ids: List<String>
        get() = runs.ids

    /**
     * Overlap (mean squared cosine) of successive stages' directions over its chance level, mean over blocks and
     * stages, per seed; dimensionless, 1 at chance.
     */
    fun overlapOfSuccessive(): Measured = plain(paths.overlapOfSuccessive(directions).of(runs))
}

/** Steps at which a run is cut: its own stages, or those of the first run that has some. */
private fun Runs.cuts(point: Point): List<Long> {
    val staged = (listOf(point.task) + tasks).filterIsInstance<StagedTask>().firstOrNull()
    return StageCuts.ends(staged ?: point.task, point.request.spec().training().steps())
}

private fun requireEqualSizes(runs: Runs) {
    fun width(point: Point) = point.arm.width
    val first = runs.points.first()
    val other = runs.points.firstOrNull { width(it) != width(first) } ?: return
    throw UserError(
        "paths by stage: arm '${first.arm.name}' has width ${width(first)}, arm '${other.arm.name}' ${width(other)}; " +
            "subspaces of different sizes have no angles, give arms of one width"
    )
}

private fun requireSnapshots(point: Point, cuts: List<Long>, spectrum: SpectrumHandle, directions: Int) {
    val steps = spectrum.spectrum.snapshots().cadence().steps(point.request.spec().training().steps())
    cuts.zipWithNext().forEachIndexed { i, (first, last) ->
        val kept = steps.count { it in first..last }
        if (kept <= directions) {
            throw UserError(
                "paths by stage: stage ${i + 1} of '${scheduleName(point.task)}' (steps $first to $last) keeps $kept " +
                    "snapshots, $directions directions need ${directions + 1}; keep more snapshots or ask for fewer directions"
            )
        }
    }
}
