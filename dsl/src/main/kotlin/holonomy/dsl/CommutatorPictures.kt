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
import holonomy.measure.Accuracy
import holonomy.measure.CommutatorMeasure
import holonomy.measure.CommutatorMeasure.NullColumns
import holonomy.measure.Measure
import holonomy.statistic.Cells
import holonomy.statistic.CommutatorNumbers
import holonomy.statistic.RowNumber
import holonomy.statistic.RunSet

private const val DEFECT = "defect D (1/weight norm)"
private val SERIES = listOf(text("seed"), whole("step"), text("quantity"), text("curve"), quantity("value"))

/** Figure 3 of arXiv 2602.10496: D of single pairs over steps, ours and the published float32 form; the loss below. */
fun defectOverSteps(runs: Runs, handle: CommutatorHandle, accuracy: AccuracyHandle, caption: String = ""): Figure {
    val table = Table.builder(SERIES)
    for ((variant, name) in
        listOf(CommutatorMeasure.OURS to "ours, float64", CommutatorMeasure.PUBLISHED to "published float32")) {
        handle.numbers.rows(runs, variant).rows().forEach {
            table.row(it.text(RunSet.SEED), it.value(Measure.STEP), DEFECT, name, it.value(CommutatorMeasure.DEFECT))
        }
    }
    runs.table(accuracy).rows().forEach {
        table.row(
            it.text(RunSet.SEED),
            it.value(Measure.STEP),
            "cross-entropy (nats)",
            "held-out loss",
            it.value(Accuracy.LOSS),
        )
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
    val ours = handle.numbers.rows(runs, CommutatorMeasure.OURS)
    fun variants(vararg names: String) = runs.table(handle).where { it.text(CommutatorMeasure.VARIANT) in names }
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
            medians(sameBatches, CommutatorMeasure.VARIANT, handle.numbers.overOurs(runs))
                .labelled(mapOf(text("panel") to "D over ours, same pair")),
            medians(Table.concat(listOf(ours, others)), CommutatorMeasure.VARIANT, CommutatorNumbers.DEFECT)
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
    val forms = listOf(CommutatorMeasure.OURS, CommutatorMeasure.PUBLISHED)
    return lines(
            name = "quantiles",
            title = "Spread of the defect over pairs of batches",
            table = Table.concat(forms.map { handle.numbers.quantiles(runs, it) }),
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
    val rows = runs.table(handle).where { it.text(CommutatorMeasure.BASIS) == CommutatorMeasure.OWN_BASIS }
    fun null95(name: String, chance: NullColumns) =
        Null(
            name,
            CommutatorNumbers.chance(rows, chance, RunSet.SEED, CommutatorMeasure.VECTOR, Measure.STEP),
            "value",
            "low",
            "high",
        )
    return cloud(
            name = "share",
            title = "Share rho of each vector in the path's main directions so far",
            table = shares(rows),
            x = Axis.STEP,
            y = Axis("value", "rho = |B'v| / |v|", log = true),
            facet = Facet("vector", 3),
            nulls =
                listOf(
                    null95("isotropic", CommutatorMeasure.ISOTROPIC),
                    null95("block-matched", CommutatorMeasure.MATCHED),
                ),
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
    val rows = handle.numbers.ownProjections(runs)
    val inflation = runs.inflation()
    fun ratio(name: String, chance: NullColumns, factor: Double) =
        medians(named(rows, name), text("against"), CommutatorNumbers.overChance(chance, factor))
    return lines(
            name = "ratio",
            title = "Share of delta over chance, by the null it is compared with",
            table =
                Table.concat(
                    listOfNotNull(
                        if (unusedWeights)
                            ratio("published: unused weights counted", CommutatorMeasure.ISOTROPIC, inflation)
                        else null,
                        ratio("isotropic", CommutatorMeasure.ISOTROPIC, 1.0),
                        ratio("block-matched", CommutatorMeasure.MATCHED, 1.0),
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
    val rows = runs.table(handle).where { it.text(CommutatorMeasure.VECTOR) == "delta" }
    return lines(
            name = "bases",
            title = "Share rho of delta in bases of different origin",
            table = medians(rows, CommutatorMeasure.BASIS, CommutatorNumbers.RHO),
            x = Axis.STEP,
            y = Axis("value", "median rho = |B'delta| / |delta|", log = true),
            colour = "basis",
            caption = caption,
        )
        .with(sources = runs.ids)
}

/** Figure 5: the parts of delta inside and outside the path's main directions. */
fun partsOverSteps(runs: Runs, handle: CommutatorHandle, caption: String = ""): Figure {
    val rows = handle.numbers.ownProjections(runs)
    fun part(name: String, length: RowNumber) = medians(named(rows, name), text("against"), length)
    return lines(
            name = "parts",
            title = "Parts of delta parallel and perpendicular to the path so far",
            table =
                Table.concat(
                    listOf(
                        part("parallel, |B'delta|", CommutatorNumbers.PARALLEL),
                        part("perpendicular, |delta - BB'delta|", CommutatorNumbers.PERPENDICULAR),
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
        handle.numbers.rows(runs, variant).rows().forEach {
            val gradient = CommutatorNumbers.GRADIENT.of(it)
            table.row(
                it.text(RunSet.SEED),
                variant,
                it.value(Measure.STEP),
                gradient,
                it.value(CommutatorMeasure.DEFECT),
            )
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
    return heatMap(
            name = "by-markers-${number.column.name()}",
            title = "Median ${number.words} by the batches' numbers of markers",
            table = handle.numbers.byMarkers(runs, number.column),
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
enum class CommutatorNumber(internal val column: Table.Column, internal val words: String, internal val unit: String?) {
    DEFECT(CommutatorMeasure.DEFECT, "defect D", "1/weight norm"),
    CLOSURE(CommutatorMeasure.CLOSURE, "closure c", null),
    COSINE(CommutatorMeasure.COSINE, "gradient cosine", null),
}

/** Columns seed, vector, step, value: rho of every pair. */
private fun shares(rows: Table): Table {
    val table = Table.builder(listOf(text("seed"), text("vector"), whole("step"), quantity("value")))
    for (row in rows.rows()) table.row(
        row.text(RunSet.SEED),
        row.text(CommutatorMeasure.VECTOR),
        row.value(Measure.STEP),
        row.value(CommutatorMeasure.RHO),
    )
    return table.build()
}

private fun named(rows: Table, name: String) = rows.labelled(mapOf(text("against") to name))

/** Per seed, step and level of [by] the median over pairs: columns seed, by, step, value. */
private fun medians(rows: Table, by: Table.Column, number: RowNumber): Table =
    Cells.of(rows, RunSet.SEED, by, Measure.STEP).reduced(number, Reduction.MEDIAN)
