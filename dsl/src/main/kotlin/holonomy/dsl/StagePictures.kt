package holonomy.dsl

import holonomy.data.Table
import holonomy.experiment.Numbers
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.pointsBy

/** Forgetting of every m for each schedule. */
fun forgettingBySchedule(runs: Runs, accuracy: AccuracyHandle, caption: String = ""): Figure {
    val table =
        Table.builder(listOf(Table.text("schedule"), Table.text("m"), Table.text("seed"), Table.quantity("forgetting")))
    val unlearned = mutableListOf<String>()
    for (task in runs.tasks) {
        for (m in task.conditions().keys) {
            val peaks = runs.of(task).peak(accuracy, m).values.bySeed()
            if (peaks.values.any { it < LEARNED }) {
                unlearned +=
                    "${scheduleName(task)}: m = $m (peak ${Numbers.brief(peaks.values.min())} to ${Numbers.brief(peaks.values.max())})"
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
    fun rows(value: (StagePath) -> Double): Table {
        val table =
            Table.builder(
                listOf(Table.text("seed"), Table.text("schedule"), Table.text("matrix"), Table.whole("stage")) +
                    Table.quantity("value")
            )
        paths.parts
            .groupBy { listOf<Any>("${it.point.seed}", it.schedule, it.matrix, it.stage.toLong()) }
            .forEach { (key, layers) -> table.row(*key.toTypedArray(), layers.map(value).average()) }
        return table.build()
    }
    val stages = paths.parts.maxOf { it.stage }
    return pointsBy(
            name = "rank-by-stage",
            title = "Dimension of the path within each stage",
            table = rows { it.measured },
            x = Axis("stage", "stage (mixed: the same steps)", breaks = (1..stages).map { it.toDouble() }),
            y = Axis("value", "r90 interpolated"),
            colour = "matrix",
            facet = Facet("schedule", 2),
            nulls = listOf(Null("uncorrelated walk", rows { it.walk }, "value")),
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
    val columns = listOf("seed", "pair", "matrix").map(Table::text)
    val measured = Table.builder(columns + Table.quantity("value"))
    val chance = Table.builder(columns + listOf("value", "low", "high").map(Table::quantity))
    comparisons(staged, mixed)
        .groupBy { listOf("${it.one.point.seed}", it.name, it.one.matrix) }
        .forEach { (key, pairs) ->
            measured.row(*key.toTypedArray(), pairs.map { it.overlap }.average())
            val random = pairs.first().chance(pairs.size)
            chance.row(*key.toTypedArray(), random.mean(), random.quantile(.025), random.quantile(.975))
        }
    return pointsBy(
            name = "stage-overlaps",
            title = "Overlap of the top ${staged.directions} directions of stages and of the mixed run",
            table = measured.build(),
            x = Axis("pair", "subspaces compared (mixed 1, 2: the mixed run in the steps of stages 1 and 2)"),
            y = Axis("value", "mean squared cosine", log = true),
            colour = "matrix",
            nulls = listOf(Null("chance k/D (95 %)", chance.build(), "value", "low", "high")),
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
    val columns = listOf(Table.whole("rank"), Table.text("seed"), Table.text("pair"), Table.quantity("angle"))
    val table = Table.builder(columns)
    for ((key, own) in pairs.groupBy { "${it.one.point.seed}" to it.kind }) {
        val angles = own.map { it.degrees }
        (0..<angles.minOf { it.size }).forEach { rank ->
            table.row(rank + 1L, key.first, key.second, angles.map { it[rank] }.average())
        }
    }
    return pointsBy(
            name = "stage-angles",
            title = "Principal angles between the top ${staged.directions} directions",
            table = table.build(),
            x = Axis("rank", "angle, smallest first", breaks = (1..staged.directions).map { it.toDouble() }),
            y = Axis("angle", "principal angle", "degrees"),
            colour = "pair",
            nulls = listOf(Null("random subspaces", randomAngles(pairs.first()), "angle", "low", "high")),
            legend = "",
            caption = caption,
        )
        .with(sources = (staged.ids + mixed.ids).distinct())
}

/** Accuracy that a run must have had in order to forget. */
private const val LEARNED = .5
