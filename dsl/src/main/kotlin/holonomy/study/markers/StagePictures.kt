package holonomy.study.markers

import holonomy.data.Numbers
import holonomy.data.Table
import holonomy.dsl.AccuracyHandle
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.dsl.overlaps
import holonomy.dsl.possible
import holonomy.dsl.scheduleName
import holonomy.dsl.table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.pointsBy
import holonomy.statistic.StagePath
import holonomy.statistic.StageTables
import holonomy.study.grokking.pairs
import holonomy.study.language.peaks
import holonomy.task.EvaluationSet
import java.util.function.ToDoubleFunction

/** Forgetting of every m for each schedule. */
fun forgettingBySchedule(runs: Runs, accuracy: AccuracyHandle, caption: String = ""): Figure {
    val table =
        Table.builder(listOf(Table.text("schedule"), Table.text("m"), Table.text("seed"), Table.quantity("forgetting")))
    val unlearned = mutableListOf<String>()
    for (task in runs.tasks) {
        for (m in EvaluationSet.markers(task)) {
            val peaks = accuracy.numbers.peak(m).of(runs.of(task)).values().sorted()
            if (peaks.any { it < LEARNED }) {
                val range = "peak ${Numbers.brief(peaks.first())} to ${Numbers.brief(peaks.last())}"
                unlearned += "${scheduleName(task)}: m = $m ($range)"
                continue
            }
            runs.of(task).forgetting(accuracy, m).values.bySeed().forEach { (seed, value) ->
                table.row(scheduleName(task), "$m", "$seed", value)
            }
        }
    }
    return pointsBy(
            name = "forgetting",
            title = "Forgetting: highest accuracy minus the one at the end",
            table = table.build(),
            x = Axis("schedule", "schedule of m"),
            y = Axis("forgetting", "peak minus final accuracy", possible = 0.0..1.0),
            colour = "m",
            legend = "m",
            caption =
                (listOf(caption) + unlearned.map { "Not learned, so not forgotten: $it." })
                    .filter { it.isNotEmpty() }
                    .joinToString(" "),
        )
        .with(sources = runs.ids)
}

/**
 * r90 of the path within each stage alone, by matrix (mean over layers), beside the uncorrelated walk's. A run without
 * stages is cut at the same steps.
 */
fun rankByStage(paths: StagePaths, caption: String = ""): Figure {
    fun rows(number: ToDoubleFunction<StagePath>) = StageTables.byMatrix(paths.paths.parts(), number, ::scheduleName)
    val stages = paths.paths.parts().maxOf { it.stage() }
    return pointsBy(
            name = "rank-by-stage",
            title = "Dimension of the path within each stage",
            table = rows(StagePath::measured),
            x = Axis("stage", "stage (mixed: the same steps)", breaks = (1..stages).map { it.toDouble() }),
            y = Axis("value", "r90 interpolated"),
            colour = "matrix",
            facet = Facet("schedule", 2),
            nulls = listOf(Null("uncorrelated walk", rows(StagePath::walk), "value")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = paths.ids)
}

/**
 * Overlap (mean squared cosine of the principal angles) between successive stages' subspaces, between the same steps of
 * the mixed run, and of each stage with the same seed's whole mixed run; mean over layers, beside chance.
 */
fun stageOverlaps(staged: StagePaths, mixed: StagePaths, caption: String = ""): Figure {
    val pairs = comparisons(staged, mixed)
    return pointsBy(
            name = "stage-overlaps",
            title = "Overlap of the top ${staged.directions} directions of stages and of the mixed run",
            table = StageTables.overlaps(pairs),
            x = Axis("pair", "subspaces compared (mixed 1, 2: the mixed run in the steps of stages 1 and 2)"),
            y = Axis("value", "mean squared cosine", log = true, possible = 0.0..1.0),
            colour = "matrix",
            nulls = listOf(Null("chance k/D (95 %)", StageTables.chance(pairs), "value", "low", "high")),
            caption = caption,
        )
        .with(sources = (staged.ids + mixed.ids).distinct())
}

/**
 * The principal angles themselves, smallest first, in degrees, mean over blocks and stages, for the comparisons of
 * [stageOverlaps]; beside those of random subspaces.
 */
fun stageAngles(staged: StagePaths, mixed: StagePaths, caption: String = ""): Figure {
    val pairs = comparisons(staged, mixed)
    return pointsBy(
            name = "stage-angles",
            title = "Principal angles between the top ${staged.directions} directions",
            table = StageTables.angles(pairs),
            x = Axis("rank", "angle, smallest first", breaks = (1..staged.directions).map { it.toDouble() }),
            y = Axis("angle", "principal angle", "degrees"),
            colour = "pair",
            nulls =
                listOf(
                    Null("random subspaces", StageTables.randomAngles(pairs.first().pair()), "angle", "low", "high")
                ),
            legend = "",
            caption = caption,
        )
        .with(sources = (staged.ids + mixed.ids).distinct())
}

/** Accuracy that a run must have had in order to forget. */
private const val LEARNED = .5

/** Successive stages; the mixed run in the same steps; each stage with the whole mixed run of its seed. */
internal fun comparisons(staged: StagePaths, mixed: StagePaths): List<StageTables.Comparison> =
    StageTables.successive(staged.paths, "stages", "successive stages") +
        StageTables.successive(mixed.paths, "mixed", "mixed run, same steps") +
        StageTables.withWhole(staged.paths, mixed.paths, "and mixed", "a stage and the mixed run")
