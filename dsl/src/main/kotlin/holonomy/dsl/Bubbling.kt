package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.heatMap
import holonomy.figure.lines
import holonomy.figure.scatter
import holonomy.measure.AttentionEntropy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.SubspaceDistance
import holonomy.model.WeightGroup
import holonomy.statistic.EntropyNumbers
import holonomy.statistic.RunSet

/** A handle on how sharply heads attend. */
class AttentionHandle internal constructor(measure: AttentionEntropy) : MeasureHandle(measure) {
    internal val numbers = EntropyNumbers(measure)
}

/** A handle on the distance to the final subspace. */
class DistanceHandle internal constructor(internal val distance: SubspaceDistance) : MeasureHandle(distance)

/**
 * Entropy and top-k mass of every head, and accuracy when each row keeps its k largest entries, [count] times per run.
 */
fun attentionEntropy(count: Int, heldOut: Int = 512, kept: List<Int> = listOf(1, 2, 4, 8)): AttentionHandle =
    AttentionHandle(AttentionEntropy(Cadence.times(count), heldOut, kept))

/** Each snapshot's distance to the plane of the whole path's top [directions], per matrix. */
fun subspaceDistance(snapshots: Int, of: WeightGroup = attention, directions: Int = 3): DistanceHandle =
    DistanceHandle(SubspaceDistance(SnapshotPlan.of(of, snapshots), directions))

private fun Runs.uniformEntropy() = EntropyNumbers.uniform(points.first().task)

/** Figure 2 of arXiv 2602.10496: entropy of the last token's attention in the last layer over steps, by m. */
fun entropyOverSteps(runs: Runs, handle: AttentionHandle, caption: String = ""): Figure =
    lines(
            name = "entropy",
            title = "Entropy of the last token's attention in the last layer",
            table = handle.numbers.lastLayer(runs),
            x = Axis.STEP,
            y = Axis("value", "entropy, mean over heads", "nats", possible = 0.0..runs.uniformEntropy()),
            colour = "m",
            references = listOf(Reference(runs.uniformEntropy(), "uniform attention, ln T")),
            legend = "m",
            caption = caption,
        )
        .with(sources = runs.ids)

/** Entropy of the last token's attention per layer and head at the end, mean over m; heads from highest to lowest. */
fun entropyByHead(runs: Runs, handle: AttentionHandle, caption: String = ""): Figure =
    heatMap(
            name = "entropy-by-head",
            title = "Entropy of the last token's attention at the end, by layer and head",
            table = handle.numbers.byHead(runs),
            x = Axis("head", "head, from highest entropy"),
            y = Axis("layer", "layer"),
            value = Axis("value", "entropy", "nats", from = 0.0, to = runs.uniformEntropy()),
            caption =
                listOf(
                        caption,
                        "Heads of each layer and seed ordered by their entropy: they have no common order of their own.",
                    )
                    .filter { it.isNotEmpty() }
                    .joinToString(" "),
        )
        .with(sources = runs.ids)

/** Accuracy over steps when every attention row keeps its k largest entries, beside the untouched one (k = T). */
fun topAttentionAccuracy(runs: Runs, handle: AttentionHandle, caption: String = ""): Figure {
    val length = runs.points.first().task.length()
    val table = Table.builder(listOf(text("seed"), text("m"), text("k"), whole("step"), quantity("value")))
    for (row in handle.numbers.rows(runs, AttentionEntropy.ACCURACY).rows()) {
        val k = row.text(AttentionEntropy.K)
        table.row(
            row.text(RunSet.SEED),
            row.text(Measure.M),
            if (k.toLong() >= length) "T" else k,
            row.value(Measure.STEP),
            row.value(Measure.VALUE),
        )
    }
    return lines(
            name = "top-k-accuracy",
            title = "Accuracy when every attention row keeps its k largest entries",
            table = table.build(),
            x = Axis.STEP,
            y = Axis.accuracy("value"),
            colour = "k",
            facet = Facet("m", 2),
            legend = "k",
            caption = caption,
            size = if (runs.points.first().mostMarkers > 2) Size.PANELS else Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Entropy of the last layer (mean over m) against the weights' distance to their final subspace, shaded by step. */
fun entropyAgainstDistance(
    runs: Runs,
    handle: AttentionHandle,
    distance: DistanceHandle,
    caption: String = "",
): Figure =
    scatter(
            name = "entropy-against-distance",
            title = "Attention entropy against the distance to the final subspace",
            table = handle.numbers.againstDistance(runs, distance.distance),
            x = Axis("distance", "distance to the final subspace over |w_n - w_0|", from = 0.0),
            y = Axis("entropy", "entropy of the last token, last layer", "nats"),
            shade = Axis.STEP,
            caption = caption,
        )
        .with(sources = runs.ids)

/** Entropy of the last token in the last layer (nats, mean over heads and m) at the first evaluation after [step]. */
fun Runs.entropyAfter(handle: AttentionHandle, step: Long): Measured = measured(handle.numbers.after(step))

/** Entropy at the end minus entropy at the start, nats. */
fun Runs.entropyChange(handle: AttentionHandle): Measured = measured(handle.numbers.change())

/** Largest fall of the entropy between two evaluations as a share of all falls, dimensionless: near 1 for one jump. */
fun Runs.largestFall(handle: AttentionHandle): Measured = measured(handle.numbers.largestFall())

/**
 * How far apart, in shares of the training, entropy and distance to the final subspace have gone half of the way from
 * their largest to their smallest value.
 */
fun Runs.halfTimesApart(handle: AttentionHandle, distance: DistanceHandle): Measured =
    measured(handle.numbers.halfTimesApart(distance.distance))

/** The same for a distance that falls steadily: half of it at half of the training. */
fun Runs.halfTimesApartFromSteady(handle: AttentionHandle): Measured =
    measured(handle.numbers.halfTimesApartFromSteady())
