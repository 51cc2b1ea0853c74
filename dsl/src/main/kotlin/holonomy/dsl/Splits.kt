package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.measure.SnapshotPlan
import holonomy.statistic.SplitStudy
import holonomy.statistic.StoredRuns
import holonomy.text.counted

/** A handle on what runs share with twins that left them after some steps; can be read inside `figure` and `claim`. */
class Splits
internal constructor(
    private val runs: Runs,
    private val twins: List<Runs>,
    request: DerivedRequest,
    private val archive: Archive,
) {
    internal val shared: Table by stored(request, SplitStudy.SHARED)
    internal val line: Table by stored(request, SplitStudy.LINE)

    private fun stored(request: DerivedRequest, file: String) =
        archive.once {
            (twins + runs).forEach { it.finished() } // whoever reads the result reads all of the runs
            archive.table(listOf(request), file)
        }

    internal val ids
        get() = runs.ids

    /** Barrier of the loss between a run's end and that of its twin that split after so many steps, per seed; nats. */
    fun barrier(at: Long): Measured = of(SplitStudy.BARRIER, at)

    /** The same of two unrelated runs, each seed's and the next one's: other initial values, other data. */
    fun barrierOfUnrelated(): Measured = runs.plainly(SplitStudy.unrelated(shared, runs, SplitStudy.BARRIER))

    /**
     * Overlap of both paths' top directions from the split on over its exact chance k/D, mean over blocks, per seed.
     */
    fun overlap(at: Long): Measured = of(SplitStudy.OVERLAP, at)

    /** The overlap over chance that one in forty means over as many random pairs exceeds. */
    fun overlapByChance(at: Long): Measured = of(SplitStudy.OVERLAP_OF_RANDOM, at)

    private fun of(statistic: String, at: Long): Measured {
        val others = StoredRuns(twins.flatMap { it.members() })
        return runs.plainly(SplitStudy.at(shared, runs, others, statistic, at))
    }
}

/**
 * What each of [runs] shares with its twins, which saw other data from some step on: forks of it (`fork(..., data =
 * nextSeed)`), and runs of the same initial values (`train(..., data = nextSeed)`, a split at step 0); beside unrelated
 * pairs, each run and the next seed's. Computed after the runs, kept in the store.
 *
 * @param snapshots of every weight, which all of them must keep (`snapshot(everyWeight, snapshots)`)
 * @param batches that a loss is a mean over; [points] on a line between two ends
 * @param k directions of a path
 */
fun ExperimentScope.splits(
    runs: Runs,
    twins: List<Runs>,
    snapshots: Int,
    batches: Int,
    points: Int = 11,
    k: Int = 2,
): Splits {
    val plan = SnapshotPlan.of(everyWeight, snapshots)
    (twins + runs).forEach { it.requireSnapshots(plan) }
    val others = twins.flatMap { it.points }
    for (twin in others) {
        val run =
            runs.points.singleOrNull { it.seed == twin.seed }
                ?: throw UserError(
                    "splits: expected one run of seed ${twin.seed}, whose twin is '${twin.request.label()}', found ${
                    counted(runs.points.count { it.seed == twin.seed }, "run")}; train it, on the same seeds"
                )
        SplitStudy.split(run.request.spec(), twin.request.spec(), plan, k)
    }
    val label = "what ${counted(runs.points.size, "run")} and ${counted(others.size, "twin")} share"
    val cost = SplitStudy.gradients(batches, points) * (runs.points.size + others.size)
    val request =
        DerivedRequest(runs.points + others, label, cost) { stored, words ->
            SplitStudy(stored.those(runs.points), stored.those(others), plan, batches, points, k, words)
        }
    return Splits(runs, twins, request, derive(listOf(request)))
}

/** Barrier between the ends of twins against the step after which they split, beside that of unrelated runs. */
fun barrierBySplit(splits: Splits, caption: String = ""): Figure =
    pointsBy(
            name = "barrier",
            title = "Barrier of the loss between twins' ends, by when they split",
            table = SplitStudy.rows(splits.shared, SplitStudy.BARRIER, true),
            x = splits.axis(),
            y = Axis("value", "barrier", "nats", possible = 0.0..Double.POSITIVE_INFINITY),
            spread = Spread.RANGE, // pairs of seeds share seeds: no interval of independent values is theirs
            nulls =
                listOf(
                    Null("unrelated runs", SplitStudy.unrelatedEverywhere(splits.shared, SplitStudy.BARRIER), "value")
                ),
            caption = caption,
        )
        .with(sources = splits.ids)

/** Overlap of twins' paths from their split on over its exact chance, against the step after which they split. */
fun overlapBySplit(splits: Splits, caption: String = ""): Figure =
    pointsBy(
            name = "overlap",
            title = "What twins' paths share from their split on",
            table = SplitStudy.rows(splits.shared, SplitStudy.OVERLAP, true),
            x = splits.axis(),
            y = Axis("value", "overlap over chance", log = true),
            spread = Spread.RANGE,
            nulls =
                listOf(
                    Null("unrelated runs", SplitStudy.unrelatedEverywhere(splits.shared, SplitStudy.OVERLAP), "value")
                ),
            references = listOf(Reference(1.0, "chance, k/D")),
            caption = caption.ifEmpty { "At chance 1; the same directions would have D/k." },
        )
        .with(sources = splits.ids)

/** The loss on the straight line from a twin's end (0) to its run's (1), a panel for each split. */
fun lossBetweenEnds(splits: Splits, caption: String = ""): Figure =
    lines(
            name = "line",
            title = "Loss on the line between two ends, by the step after which they split",
            table = SplitStudy.lines(splits.line),
            x = Axis(SplitStudy.ALPHA.name(), "place on the line, from the twin's end (0) to the run's (1)"),
            y = Axis(SplitStudy.LOSS.name(), "loss on new batches", "nats", possible = 0.0..Double.POSITIVE_INFINITY),
            facet = Facet("split", 3),
            spread = Spread.RANGE,
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = splits.ids)

private fun Splits.axis() =
    Axis(
        SplitStudy.SPLIT.name(),
        "steps that both took together",
        "optimiser steps",
        breaks = SplitStudy.splits(shared),
    )
