package holonomy.dsl

import holonomy.data.Table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Reference
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.measure.Measure
import holonomy.probe.AblationPlan
import holonomy.probe.SparseStudy
import holonomy.run.Stage
import holonomy.statistic.RunSet
import holonomy.statistic.SparseNumbers

private fun SparseAutoencoders.signed(figure: Figure) = figure.with(sources = runs.ids, warning = warning)

private fun SparseAutoencoders.majority(): Reference {
    val share = SparseNumbers.mean(effects(listOf(beforeAblation), null), AblationPlan.MAJORITY)
    return Reference(share, "majority class")
}

/**
 * Figure 6 of arXiv 2602.10496 with its controls: accuracy before and after ablation by stage, one panel per place.
 *
 * The published edit stands after the last layer at value tokens, where it can change only sequences that end in a
 * value; its panel shows how little any edit can do there.
 */
fun ablationByStage(
    autoencoders: SparseAutoencoders,
    edits: List<Edit> =
        listOf(
            beforeAblation,
            mostVariable,
            mostVariableWithoutError,
            mostVariableToMean,
            mostCorrelated,
            reconstructionOnly,
            allLatents,
        ),
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    val chosen = autoencoders.settings.ablation().chosen()
    val random = autoencoders.effects(listOf(randomLatents), chosen)
    return autoencoders.signed(
        pointsBy(
            name = "ablation-by-stage",
            title = "Accuracy before and after ablating latents of a sparse autoencoder",
            table = autoencoders.effects(edits, chosen),
            x = Axis("stage", "stage of training"),
            y = Axis.accuracy(title = "accuracy, mean over m"),
            colour = "edit",
            facet = Facet("place", 1),
            spread = spread,
            nulls = listOf(Null("$chosen random, as frequent", random, "accuracy")),
            references = listOf(autoencoders.majority()),
            legend = "edit",
            caption = (caption + " No error: the autoencoder's error is not added back. " + reach(autoencoders)).trim(),
            size = Size(Size.PANELS.width, 240 + 170 * autoencoders.places.size),
        )
    )
}

/** How many sequences an edit can reach, for each place where it can't reach all. */
private fun reach(autoencoders: SparseAutoencoders): String =
    SparseNumbers.reach(autoencoders.effects(listOf(mostVariable), autoencoders.settings.ablation().chosen()))
        .entries
        .joinToString(" ") { (place, share) ->
            "An edit $place can reach ${"%.1f".format(java.util.Locale.ROOT, 100 * share)} % of the sequences."
        }

/** Accuracy against the number of latents ablated, by variance, beside random ones; at one stage. */
fun ablationCurve(
    autoencoders: SparseAutoencoders,
    stage: Stage = autoencoders.stages.last(),
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    fun rows(edit: Edit) = autoencoders.effects(listOf(edit), null).where { it.text(STAGE) == stage.name() }
    val most = rows(mostVariable)
    val random = SparseNumbers.alike(rows(randomLatents), most, autoencoders.runs.seeds.size)
    return autoencoders.signed(
        lines(
            name = "ablation-curve",
            title = "Accuracy against the number of latents ablated (${stage.name()})",
            table = Table.concat(listOf(most, rows(allLatents))).distinctCounts(),
            x = Axis("latents", "latents ablated, largest variance first", log = true),
            y = Axis.accuracy(title = "accuracy, mean over m"),
            colour = "place",
            facet = Facet("place", 2),
            spread = spread,
            nulls = listOf(Null("random, as frequent", random, "accuracy")),
            references = listOf(autoencoders.majority()),
            caption = (caption + " " + ALIKE).trim(),
        )
    )
}

private const val ALIKE =
    "Random latents only at counts for which every seed has as many others left that fire at least half as often."

/** One row per seed, place and number of latents: all latents may also stand in the curve's counts. */
private fun Table.distinctCounts(): Table {
    val seen = mutableSetOf<List<Any?>>()
    return where {
        seen.add(listOf(it.text(RunSet.SEED), it.text(SparseNumbers.PLACE), it.value(AblationPlan.LATENTS)))
    }
}

/** Strength of the correlation of every latent with every attribute, by rank, beside the permutation null. */
fun correlationSpectrum(
    autoencoders: SparseAutoencoders,
    place: Place,
    stage: Stage = autoencoders.stages.last(),
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    val rows = autoencoders.table(SparseStudy.ATTRIBUTION, stage, place)
    return autoencoders.signed(
        lines(
            name = "correlation-spectrum",
            title =
                "What the latents go with, $place (${stage.name()}), ${autoencoders.settings.recipe().sparsity().label()}",
            table = rows,
            x = Axis("rank", "rank of the latent", log = true),
            y = Axis("strength", "|r|, for classes the correlation ratio", from = 0.0),
            colour = "attribute",
            facet = Facet("attribute", 3),
            spread = spread,
            nulls = listOf(Null("permuted, same rank", rows, "null"), Null("largest permuted", rows, "null_largest")),
            caption =
                (caption +
                        " Autoencoder: ${autoencoders.settings.recipe().sparsity().label()}. Largest permuted: 95 % quantile of the largest of all latents. A latent that is never active has no strength.")
                    .trim(),
            size = Size.PANELS,
        )
    )
}

/** Fraction of variance unexplained and active latents on held-out activations over the autoencoder's steps. */
fun autoencoderTraining(
    autoencoders: SparseAutoencoders,
    place: Place,
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    val quantities = listOf("fvu" to "fraction of variance unexplained", "validation_l0" to "active latents per row")
    val table =
        Table.builder(
            listOf("seed", "stage", "quantity").map { Table.text(it) } + Table.whole("step") + Table.quantity("value")
        )
    val rows = autoencoders.table(SparseStudy.HISTORY, place = place).rows()
    for ((column, label) in quantities) for (row in rows) {
        table.row(row.text(RunSet.SEED), row.text(STAGE), label, row.value(Measure.STEP), row.value(column))
    }
    return autoencoders.signed(
        lines(
            name = "autoencoder-training",
            title = "Training of the sparse autoencoders $place, on held-out activations",
            table = table.build(),
            x = Axis("step", "training time of the autoencoder", "optimiser steps"),
            y = Axis.ofPanels("value"),
            colour = "stage",
            facet = Facet("quantity", 2, freeY = true),
            spread = spread,
            caption = caption,
            size = Size.ROW,
        )
    )
}
