package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.cloud
import holonomy.figure.heatMap
import holonomy.figure.lines
import holonomy.figure.scatter
import holonomy.measure.CommutatorMeasure
import holonomy.stats.Quantiles
import kotlin.math.sqrt

private const val DEFECT = "defect D (1/weight norm)"
private val SERIES = listOf(text("seed"), whole("step"), text("quantity"), text("curve"), quantity("value"))

/** Figure 3 of arXiv 2602.10496: D of single pairs over steps, ours and the published float32 form; the loss below. */
fun defectOverSteps(runs: Runs, handle: CommutatorHandle, accuracy: AccuracyHandle, caption: String = ""): Figure {
    val table = Table.builder(SERIES)
    for ((variant, name) in
        listOf(CommutatorMeasure.OURS to "ours, float64", CommutatorMeasure.PUBLISHED to "published float32")) {
        runs.commutatorRows(handle, variant).rows().forEach {
            table.row(it.text("seed"), it.value("step"), DEFECT, name, it.value("defect"))
        }
    }
    runs.table(accuracy).rows().forEach {
        table.row(it.text("seed"), it.value("step"), "cross-entropy (nats)", "held-out loss", it.value("loss"))
    }
    return cloud(
            name = "defect",
            title = "Commutator defect of pairs of batches, and the loss",
            table = table.build(),
            x = Axis.STEP,
            y = Axis.ofPanels("value", log = true),
            colour = "curve",
            facet = Facet("quantity", 1, freeY = true),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = runs.ids)
}

/**
 * What D depends on, median over pairs. Left: the ratio to ours on the same pair at half and twice the displacement, at
 * the published eta, and in the published float32 form. Right: D of larger batches, of m and positions per sequence,
 * and of the optimiser's own step.
 */
fun defectByVariant(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val ours = runs.commutatorRows(handle, CommutatorMeasure.OURS)
    val ofPair = ours.rows().associateBy(::pairKey)
    fun variants(vararg names: String) = runs.table(handle).where { it.text("variant") in names }
    val sameBatches =
        variants(
            CommutatorMeasure.HALF,
            CommutatorMeasure.DOUBLE,
            CommutatorMeasure.PUBLISHED_ETA,
            CommutatorMeasure.PUBLISHED,
        )
    val others = variants(CommutatorMeasure.LARGE_BATCH, CommutatorMeasure.PER_SEQUENCE, CommutatorMeasure.OPTIMISER)
    val panels =
        listOf(
            medians(sameBatches, "variant") { it.number("defect") / ofPair.getValue(pairKey(it)).number("defect") }
                .labelled(mapOf(text("panel") to "D over ours, same pair")),
            medians(Table.concat(listOf(ours, others)), "variant") { it.number("defect") }
                .labelled(mapOf(text("panel") to DEFECT)),
        )
    return lines(
            name = "variants",
            title = "What the defect depends on",
            table = Table.concat(panels),
            x = Axis.STEP,
            y = Axis("value", "median over pairs", log = true),
            colour = "variant",
            facet = Facet("panel", 2, freeY = true),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Lower quartile, median, upper quartile and 90th percentile of D over the pairs of a moment, ours and published. */
fun defectQuantiles(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val columns = listOf(text("seed"), text("form"), text("quantile"), whole("step"), quantity("value"))
    val table = Table.builder(columns)
    val levels = listOf(.9 to "90th percentile", .75 to "upper quartile", .5 to "median", .25 to "lower quartile")
    for (form in listOf(CommutatorMeasure.OURS, CommutatorMeasure.PUBLISHED)) {
        val moments = runs.commutatorRows(handle, form).rows().groupBy { it.value("seed") to it.value("step") }
        for ((moment, rows) in moments) {
            val found =
                Quantiles.of(rows.map { it.number("defect") }.toDoubleArray(), *levels.map { it.first }.toDoubleArray())
            levels.forEachIndexed { i, (_, name) -> table.row(moment.first, form, name, moment.second, found[i]) }
        }
    }
    return lines(
            name = "quantiles",
            title = "Spread of the defect over pairs of batches",
            table = table.build(),
            x = Axis.STEP,
            y = Axis("value", "defect D", "1/weight norm", log = true),
            colour = "quantile",
            facet = Facet("form", 2),
            legend = "over pairs",
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Figure 4: share of delta, of the gradient and of the optimiser's step in the path so far, beside both nulls. */
fun shareOverSteps(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val rows = runs.table(handle).where { it.text("basis") == CommutatorMeasure.OWN_BASIS }
    fun null95(name: String, column: String) = Null(name, chance(rows, column), "value", "low", "high")
    return cloud(
            name = "share",
            title = "Share rho of each vector in the path's main directions so far",
            table = shares(rows),
            x = Axis.STEP,
            y = Axis("value", "rho = |B'v| / |v|", log = true),
            facet = Facet("vector", 3),
            nulls = listOf(null95("isotropic", "isotropic"), null95("block-matched", "matched")),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/**
 * The ratio of rho to each null's expectation.
 *
 * @param unusedWeights whether to show it as arXiv 2602.10496 counts P, too: with MLP weights that the model doesn't
 *   have
 */
fun shareOverChance(runs: Runs, handle: CommutatorHandle, caption: String = "", unusedWeights: Boolean = true): Figure {
    val rows = runs.projectionRows(handle)
    val inflation = runs.inflation()
    fun ratio(name: String, column: String, factor: Double) =
        medians(named(rows, name), "against") { factor * it.number("rho") / sqrt(it.number(column)) }
    return lines(
            name = "ratio",
            title = "Share of delta over chance, by the null it is compared with",
            table =
                Table.concat(
                    listOfNotNull(
                        if (unusedWeights) ratio("published: unused weights counted", "isotropic_mean", inflation)
                        else null,
                        ratio("isotropic", "isotropic_mean", 1.0),
                        ratio("block-matched", "matched_mean", 1.0),
                    )
                ),
            x = Axis.STEP,
            y = Axis("value", "rho / sqrt(E[rho^2])", log = true),
            colour = "against",
            legend = "null",
            references = listOf(Reference(1.0, "chance")),
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** rho of delta in each basis. */
fun shareByBasis(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val rows = runs.table(handle).where { it.text("vector") == "delta" }
    return lines(
            name = "bases",
            title = "Share rho of delta in bases of different origin",
            table = medians(rows, "basis") { it.number("rho") },
            x = Axis.STEP,
            y = Axis("value", "median rho = |B'delta| / |delta|", log = true),
            colour = "basis",
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** Figure 5: the parts of delta inside and outside the path's main directions. */
fun partsOverSteps(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val rows = runs.projectionRows(handle)
    fun part(name: String, share: String) =
        medians(named(rows, name), "against") { it.number("norm") * it.number(share) }
    return lines(
            name = "parts",
            title = "Parts of delta parallel and perpendicular to the path so far",
            table =
                Table.concat(
                    listOf(
                        part("parallel, |B'delta|", "rho"),
                        part("perpendicular, |delta - BB'delta|", "perpendicular_share"),
                    )
                ),
            x = Axis.STEP,
            y = Axis("value", "median length", "weight norm", log = true),
            colour = "against",
            legend = "part",
            caption =
                listOf(
                        caption,
                        "eta is chosen per pair such that eta sqrt(|g_A| |g_B|) is the same for all: shrinking gradients don't show here.",
                    )
                    .filter { it.isNotEmpty() }
                    .joinToString(" "),
        )
        .with(sources = runs.ids)
}

/** D of single pairs against sqrt(|g_A||g_B|), shaded by step: D goes as curvature over |g|. */
fun defectAgainstGradient(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val columns = listOf(text("seed"), text("form"), whole("step"), quantity("gradient"), quantity("defect"))
    val table = Table.builder(columns)
    for (variant in listOf(CommutatorMeasure.OURS, CommutatorMeasure.PUBLISHED)) {
        runs.commutatorRows(handle, variant).rows().forEach {
            val gradient = sqrt(it.number("gradient_a") * it.number("gradient_b"))
            table.row(it.text("seed"), variant, it.value("step"), gradient, it.value("defect"))
        }
    }
    return scatter(
            name = "defect-against-gradient",
            title = "Defect against the size of the gradients",
            table = table.build(),
            x = Axis("gradient", "sqrt(|g_A| |g_B|)", "nats/weight norm", log = true),
            y = Axis("defect", "defect D", "1/weight norm", log = true),
            shade = Axis("step", "training time", "optimiser steps"),
            facet = Facet("form", 2),
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** A number of the commutators by (m_A, m_B), median over moments and pairs: `defect`, `cosine` or `closure`. */
fun byMarkers(runs: Runs, handle: CommutatorHandle, number: CommutatorNumber, caption: String = ""): Figure {
    val table = Table.builder(listOf(text("seed"), whole("m_A"), whole("m_B"), quantity("value")))
    val groups =
        runs.commutatorRows(handle, CommutatorMeasure.CHOSEN).rows().groupBy {
            listOf(it.value("seed"), it.value("m_a"), it.value("m_b"))
        }
    for ((key, rows) in groups) {
        val (seed, a, b) = key
        val value = median(rows.map { it.number(number.column) })
        table.row(seed, a, b, value)
        if (a != b) table.row(seed, b, a, value)
    }
    return heatMap(
            name = "by-markers-${number.column}",
            title = "Median ${number.words} by the batches' numbers of markers",
            table = table.build(),
            x = Axis("m_B", "m_B"),
            y = Axis("m_A", "m_A"),
            value = Axis("value", number.words, number.unit),
            caption =
                listOf(caption, "Median over all moments; every cell has its own batches.")
                    .filter { it.isNotEmpty() }
                    .joinToString(" "),
        )
        .with(sources = runs.ids)
}

/** What [byMarkers] shows. */
enum class CommutatorNumber(internal val column: String, internal val words: String, internal val unit: String?) {
    DEFECT("defect", "defect D", "1/weight norm"),
    CLOSURE("closure", "closure c", null),
    COSINE("cosine", "gradient cosine", null),
}

/** Columns seed, vector, step, value: rho of every pair. */
private fun shares(rows: Table): Table {
    val table = Table.builder(listOf(text("seed"), text("vector"), whole("step"), quantity("value")))
    for (row in rows.rows()) table.row(row.text("seed"), row.text("vector"), row.value("step"), row.value("rho"))
    return table.build()
}

/** Columns seed, vector, [x], value, low, high: medians over pairs of a null's rho, its ends the roots of energies. */
internal fun chance(rows: Table, column: String, x: String = "step"): Table {
    val columns = listOf("value", "low", "high").map(::quantity)
    val table = Table.builder(listOf(text("seed"), text("vector"), whole(x)) + columns)
    for ((key, pairs) in rows.rows().groupBy { listOf(it.value("seed"), it.value("vector"), it.value(x)) }) {
        val (low, high) = listOf("low", "high").map { end -> sqrt(median(pairs.map { it.number("${column}_$end") })) }
        table.row(*key.toTypedArray(), median(pairs.map { it.number("${column}_rho") }), low, high)
    }
    return table.build()
}

private fun named(rows: Table, name: String) = rows.labelled(mapOf(text("against") to name))

/** Per seed, [x] and level of [by] the median over pairs: columns seed, by, x, value. */
internal fun medians(rows: Table, by: String, x: String = "step", value: (Table.Row) -> Double): Table {
    val table = Table.builder(listOf(text("seed"), text(by), whole(x), quantity("value")))
    for ((key, group) in rows.rows().groupBy { listOf(it.value("seed"), it.value(by), it.value(x)) }) {
        table.row(*key.toTypedArray(), median(group.map(value)))
    }
    return table.build()
}
