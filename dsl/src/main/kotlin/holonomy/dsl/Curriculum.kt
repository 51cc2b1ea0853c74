package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.experiment.SeedValues
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.pointsBy
import holonomy.task.MarkedTask
import holonomy.task.StagedTask
import holonomy.task.StagedTask.Stage

/**
 * The main task with one m per stage, small m first.
 *
 * @param lengths steps of each stage; equal ones when not given
 * @param rehearsal share of a later stage's batches that take an earlier m
 */
fun Profile.curriculum(lengths: List<Long>? = null, rehearsal: Double = 0.0): StagedTask =
    staged(mainTask, mainTask.markerCounts(), lengths, rehearsal)

/** The main task with one m per stage, large m first. */
fun Profile.antiCurriculum(lengths: List<Long>? = null): StagedTask =
    staged(mainTask, mainTask.markerCounts().reversed(), lengths, 0.0)

private fun Profile.staged(task: MarkedTask, order: List<Int>, lengths: List<Long>?, rehearsal: Double): StagedTask {
    val steps = lengths ?: equalLengths(steps, order.size)
    if (steps.size != order.size || steps.sum() != this.steps) {
        throw UserError(
            "stages of m: expected ${order.size} lengths that add up to ${this.steps} steps, " +
                "found $steps, ${steps.sum()} steps"
        )
    }
    return StagedTask(task, order.zip(steps) { m, length -> Stage(length, listOf(m)) }, rehearsal)
}

/** Differences of rounded ends: they always add up. */
private fun equalLengths(steps: Long, count: Int): List<Long> =
    (1..count).map { steps * it / count - steps * (it - 1) / count }

/** Forgetting of an m per seed: highest accuracy at any evaluation minus the one at the end; dimensionless, 0 .. 1. */
fun Runs.forgetting(accuracy: AccuracyHandle, of: Int): Measured =
    plain(
        perSeed("forgetting of m = $of", table(accuracy)) { rows ->
            val own = rows.where { it.number("m").toInt() == of }.rows()
            if (own.isEmpty()) throw UserError("forgetting: these runs are not evaluated on m = $of")
            own.maxOf { it.number("accuracy") } - own.maxBy { it.number("step") }.number("accuracy")
        }
    )

/** Forgetting of every m for each schedule, with Student's 95 % interval over seeds. */
fun forgettingBySchedule(runs: Runs, accuracy: AccuracyHandle, caption: String = ""): Figure {
    val table =
        Table.builder(listOf(Table.text("schedule"), Table.text("m"), Table.text("seed"), Table.quantity("forgetting")))
    for (task in runs.tasks) {
        for (m in task.conditions().keys) {
            runs.of(task).forgetting(accuracy, m).values.bySeed().forEach { (seed, value) ->
                table.row(scheduleName(task), "$m", "$seed", value)
            }
        }
    }
    return pointsBy(
            name = "forgetting",
            title = "Forgetting: highest accuracy minus the one at the end",
            table = table.build(),
            x = Axis("schedule", "schedule of m", null),
            y = Axis("forgetting", "peak minus final accuracy"),
            colour = "m",
            spread = Spread.STUDENT_INTERVAL,
            legend = "m",
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** The schedule of a task in a few words; `mixed` without stages. */
internal fun scheduleName(task: holonomy.task.Task): String = (task as? StagedTask)?.schedule() ?: "mixed"

/** r90 of the path within each stage alone, by matrix (mean over layers), beside the uncorrelated walk's. */
fun rankByStage(runs: Runs, spectrum: SpectrumHandle, caption: String = ""): Figure {
    val stages = runs.stagePaths(spectrum)
    return pointsBy(
            name = "rank-by-stage",
            title = "Dimension of the path within each stage",
            table = stages.ranks { it.measured },
            x = Axis("stage", "stage, by its steps", null),
            y = Axis("value", "r90 interpolated"),
            colour = "matrix",
            facet = Facet("schedule", 2),
            nulls = listOf(Null("uncorrelated walk", stages.ranks { it.walk }, "value")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/**
 * Overlap (mean squared cosine of the principal angles) between the top [k] directions of successive stages, and of
 * each stage with the same seed's run on [mixed], mean over layers, beside chance.
 */
fun stageOverlaps(runs: Runs, mixed: Runs, spectrum: SpectrumHandle, k: Int = 3, caption: String = ""): Figure {
    val overlaps = runs.stagePaths(spectrum, k).overlaps(mixed.stagePaths(spectrum, k))
    return pointsBy(
            name = "stage-overlaps",
            title = "Overlap between the subspaces of stages, and with the mixed run",
            table = overlaps.measured,
            x = Axis("pair", "subspaces compared", null),
            y = Axis("value", "mean squared cosine", log = true),
            colour = "matrix",
            facet = Facet("schedule", 1),
            nulls = listOf(Null("random subspaces, k/D with 95 % interval", overlaps.chance, "value", "low", "high")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/** The mean over blocks of successive stages' overlap over chance, per seed; 1 at chance. */
fun Runs.overlapBetweenStages(spectrum: SpectrumHandle, k: Int = 3): Measured =
    plain(
        SeedValues(
            "overlap of successive stages' top $k directions over chance",
            holonomy.stats.Scale.LOG,
            stagePaths(spectrum, k).successive(),
        )
    )
