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
import holonomy.measure.SnapshotPlan
import holonomy.measure.SubspaceDistance
import holonomy.model.WeightGroup
import kotlin.math.abs
import kotlin.math.ln

/** A handle on how sharply heads attend. */
class AttentionHandle internal constructor(measure: AttentionEntropy) : MeasureHandle(measure)

/** A handle on the distance to the final subspace. */
class DistanceHandle internal constructor(measure: SubspaceDistance) : MeasureHandle(measure)

/**
 * Entropy and top-k mass of every head, and accuracy when each row keeps its k largest entries, [count] times per run.
 */
fun attentionEntropy(count: Int, heldOut: Int = 512, kept: List<Int> = listOf(1, 2, 4, 8)): AttentionHandle =
    AttentionHandle(AttentionEntropy(Cadence.times(count), heldOut, kept))

/** Each snapshot's distance to the plane of the whole path's top [directions], per matrix. */
fun subspaceDistance(snapshots: Int, of: WeightGroup = attention, directions: Int = 3): DistanceHandle =
    DistanceHandle(SubspaceDistance(SnapshotPlan.of(of, snapshots), directions))

/** The last layer's rows of one quantity, mean over heads: columns run, seed, m, step, value. */
private fun Runs.lastLayer(handle: AttentionHandle, quantity: String): Table {
    val rows = table(handle).where { it.text("quantity") == quantity }
    val layer = rows.rows().maxOf { it.number("layer") }
    val table = Table.builder(listOf(text(RUN), text("seed"), text("m"), whole("step"), quantity("value")))
    val groups =
        rows
            .rows()
            .filter { it.number("layer") == layer }
            .groupBy { listOf(it.text(RUN), it.text("seed"), it.text("m"), it.value("step")) }
    for ((key, heads) in groups) table.row(*key.toTypedArray(), heads.map { it.number("value") }.average())
    return table.build()
}

private fun Runs.uniformEntropy() = ln(points.first().task.length().toDouble())

/** Figure 2 of arXiv 2602.10496: entropy of the last token's attention in the last layer over steps, by m. */
fun entropyOverSteps(runs: Runs, handle: AttentionHandle, caption: String = ""): Figure =
    lines(
            name = "entropy",
            title = "Entropy of the last token's attention in the last layer",
            table = runs.lastLayer(handle, AttentionEntropy.LAST),
            x = Axis.STEP,
            y = Axis("value", "entropy, mean over heads", "nats", possible = 0.0..runs.uniformEntropy()),
            colour = "m",
            references = listOf(Reference(runs.uniformEntropy(), "uniform attention, ln T")),
            legend = "m",
            caption = caption,
        )
        .with(sources = runs.ids)

/** Entropy of the last token's attention per layer and head at the end, mean over m; heads from highest to lowest. */
fun entropyByHead(runs: Runs, handle: AttentionHandle, caption: String = ""): Figure {
    val rows = runs.table(handle).where { it.text("quantity") == AttentionEntropy.LAST }
    val end = rows.rows().maxOf { it.number("step") }
    val table = Table.builder(listOf(text("seed"), whole("layer"), whole("head"), quantity("value")))
    rows
        .rows()
        .filter { it.number("step") == end }
        .groupBy { it.text("seed") to it.value("layer") }
        .forEach { (of, heads) ->
            heads
                .groupBy { it.value("head") }
                .values
                .map { head -> head.map { it.number("value") }.average() }
                .sortedDescending()
                .forEachIndexed { rank, entropy -> table.row(of.first, of.second, rank.toLong(), entropy) }
        }
    return heatMap(
            name = "entropy-by-head",
            title = "Entropy of the last token's attention at the end, by layer and head",
            table = table.build(),
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
}

/** Accuracy over steps when every attention row keeps its k largest entries, beside the untouched one (k = T). */
fun topAttentionAccuracy(runs: Runs, handle: AttentionHandle, caption: String = ""): Figure {
    val length = runs.points.first().task.length()
    val table = Table.builder(listOf(text("seed"), text("m"), text("k"), whole("step"), quantity("value")))
    runs
        .table(handle)
        .where { it.text("quantity") == AttentionEntropy.ACCURACY }
        .rows()
        .forEach {
            val k = if (it.number("k") >= length) "T" else it.text("k")
            table.row(it.text("seed"), it.text("m"), k, it.value("step"), it.value("value"))
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
): Figure {
    val table = Table.builder(listOf(text("seed"), whole("step"), quantity("distance"), quantity("entropy")))
    val far = runs.distanceCurves(distance)
    val entropies = runs.entropyCurves(handle)
    for ((point, _) in runs.finished()) {
        entropies.getValue(point.id).forEach { (step, entropy) ->
            table.row("${point.seed}", step, far.getValue(point.id)[step], entropy)
        }
    }
    return scatter(
            name = "entropy-against-distance",
            title = "Attention entropy against the distance to the final subspace",
            table = table.build(),
            x = Axis("distance", "distance to the final subspace over |w_n - w_0|", from = 0.0),
            y = Axis("entropy", "entropy of the last token, last layer", "nats"),
            shade = Axis.STEP,
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** Entropy by step, mean over m and heads of the last layer, by run. */
private fun Runs.entropyCurves(handle: AttentionHandle): Map<String, Map<Long, Double>> =
    curves(lastLayer(handle, AttentionEntropy.LAST)) { it.number("value") }

/** Distance to the final subspace over |w_n - w_0| by step, mean over blocks, by run. */
private fun Runs.distanceCurves(handle: DistanceHandle): Map<String, Map<Long, Double>> =
    curves(table(handle)) { it.number("to_subspace") / it.number("path") }

/** Mean of a number over a step's rows by ascending step, by run. */
private fun curves(table: Table, value: (Table.Row) -> Double): Map<String, Map<Long, Double>> =
    table
        .rows()
        .groupBy { it.text(RUN) }
        .mapValues { (_, rows) ->
            rows.groupBy { it.number("step").toLong() }.toSortedMap().mapValues { it.value.map(value).average() }
        }

/** Entropy of the last token in the last layer (nats, mean over heads and m) at the first evaluation after [step]. */
fun Runs.entropyAfter(handle: AttentionHandle, step: Long): Measured =
    ofEntropy("entropy after $step steps", handle) { _, curve ->
        curve.entries.firstOrNull { it.key >= step }?.value ?: Double.NaN
    }

/** Entropy at the end minus entropy at the start, nats. */
fun Runs.entropyChange(handle: AttentionHandle): Measured =
    ofEntropy("entropy at the end minus at the start", handle) { _, curve ->
        curve.values.let { it.last() - it.first() }
    }

/** Largest fall of the entropy between two evaluations as a share of all falls, dimensionless: near 1 for one jump. */
fun Runs.largestFall(handle: AttentionHandle): Measured =
    ofEntropy("largest fall of the entropy between two evaluations over all falls", handle) { _, curve ->
        val falls = curve.values.zipWithNext { a, b -> maxOf(a - b, 0.0) }
        if (falls.sum() > 0) falls.max() / falls.sum() else Double.NaN
    }

/**
 * How far apart, in shares of the training, entropy and distance to the final subspace have gone half of the way from
 * their largest to their smallest value.
 */
fun Runs.halfTimesApart(handle: AttentionHandle, distance: DistanceHandle): Measured {
    val far = distanceCurves(distance)
    return ofEntropy("time between the half falls of entropy and of distance, share of training", handle) { run, curve
        ->
        abs(halfTime(curve) - halfTime(far.getValue(run)))
    }
}

/** The same for a distance that falls steadily: half of it at half of the training. */
fun Runs.halfTimesApartFromSteady(handle: AttentionHandle): Measured =
    ofEntropy("time between the half falls of entropy and of a steady fall, share of training", handle) { _, curve ->
        abs(halfTime(curve) - .5)
    }

/** First time, as a share of the training, at which a curve has passed the middle of its range from above. */
private fun halfTime(curve: Map<Long, Double>): Double {
    val peak = curve.entries.maxBy { it.value }
    val after = curve.entries.filter { it.key >= peak.key }
    val middle = (peak.value + after.minOf { it.value }) / 2
    return after.first { it.value <= middle }.key.toDouble() / curve.keys.last()
}

/** A number of each run's entropy by step. */
private fun Runs.ofEntropy(
    label: String,
    handle: AttentionHandle,
    value: (String, Map<Long, Double>) -> Double,
): Measured {
    val entropies = entropyCurves(handle)
    return plainly(perSeed(label) { value(it.id, entropies.getValue(it.id)) })
}
