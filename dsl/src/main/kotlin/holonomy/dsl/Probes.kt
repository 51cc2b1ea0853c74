package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.Spread
import holonomy.figure.lines
import holonomy.figure.pointsBy
import holonomy.inference.Scale
import holonomy.probe.Attribute
import holonomy.probe.LinearStudy
import holonomy.run.Stage
import holonomy.statistic.RowNumber
import holonomy.statistic.Rows
import holonomy.statistic.RowsNumber
import holonomy.statistic.StageNumbers
import java.util.function.Predicate

/** A handle on linear probes of m and of the label, by layer, of runs at stages. */
class LinearProbes
internal constructor(
    internal val runs: Runs,
    internal val stages: List<Stage>,
    private val requests: List<DerivedRequest>,
    private val archive: Archive,
) {
    private val tables = mutableMapOf<String, Lazy<Table>>()

    /** Stages that were not reached, for a figure's subtitle; null if all were. */
    internal val warning: String?
        get() = archive.notReached(requests)

    internal fun table(file: String): Table =
        tables.getOrPut(file) { archive.once { archive.table(requests, file) } }.value
}

/**
 * Trains linear probes on the last token's residual stream after every layer (-1: the embeddings) of every run at every
 * stage: for m and for the label, and for shuffled labels. KotlinDL fits them where it has a native library, else our
 * own logistic regression.
 *
 * @param trained sequences trained on
 * @param tested other sequences, tested on
 */
fun ExperimentScope.linearProbes(
    runs: Runs,
    stages: List<Stage>,
    trained: Int = 2_048,
    tested: Int = 1_024,
): LinearProbes {
    if (stages.isEmpty() || trained < 1 || tested < 1)
        throw UserError("linear probes: expected at least one stage and one sequence to train and to test on")
    val requests =
        runs.points.flatMap { point ->
            val plan = point.wholeSnapshots("linear probes")
            stages.map { stage ->
                val labels = point.labels() + (STAGE to stage.name())
                DerivedRequest(point, "linear probes, ${stage.name()}: ${point.request.label()}", labels) { run, words
                    ->
                    val spec = point.request.spec()
                    LinearStudy(run, spec, plan, stage.step(run, spec, plan), linearProbeFitter, trained, tested, words)
                }
            }
        }
    return LinearProbes(runs, stages, requests, derive(requests))
}

/**
 * Held-out accuracy of the probes by layer, one panel per target and stage, beside shuffled labels and the majority.
 */
fun probeAccuracyByLayer(probes: LinearProbes, spread: Spread = interval95, caption: String = ""): Figure {
    val rows = probes.table(LinearStudy.ACCURACY).withPanel()
    return pointsBy(
            name = "probe-accuracy-by-layer",
            title = "What can be read linearly from the last token",
            table = rows,
            x = layers(rows),
            y = Axis.accuracy(title = "accuracy on held-out sequences"),
            colour = "target",
            facet = Facet("panel", probes.stages.size),
            spread = spread,
            nulls = listOf(Null("shuffled labels", rows, "shuffled"), Null("majority class", rows, "majority")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = probes.runs.ids, warning = probes.warning)
}

/** Overlap of the directions that tell m apart with those that tell labels apart, by layer, beside chance. */
fun probeOverlapByLayer(probes: LinearProbes, spread: Spread = interval95, caption: String = ""): Figure {
    val rows = probes.table(LinearStudy.OVERLAP)
    return lines(
            name = "probe-overlap-by-layer",
            title = "Overlap of the probes of m and of the label",
            table = rows,
            x = layers(rows),
            y = Axis("overlap", "overlap (mean squared cosine)", possible = 0.0..1.0),
            colour = "stage",
            spread = spread,
            facet = Facet("stage", 2),
            nulls = listOf(Null("shuffled labels", rows, "shuffled"), Null("random subspaces", rows, "chance")),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = probes.runs.ids, warning = probes.warning)
}

private fun layers(rows: Table) =
    Axis("layer", "layer (-1: the embeddings)", breaks = Rows.distinct(rows, LinearStudy.LAYER))

private fun Table.withPanel(): Table {
    val builder = Table.builder(columns() + Table.text("panel"))
    for (target in rows().map { it.text(LinearStudy.TARGET) }.distinct()) for (row in
        rows().filter { it.text(LinearStudy.TARGET) == target }) {
        builder.row(*(columns().map { row.value(it.name()) } + "$target, ${row.text(STAGE)}").toTypedArray())
    }
    return builder.build()
}

/** Held-out accuracy of the probe of an attribute after a layer, per seed. */
fun LinearProbes.accuracy(target: Attribute, stage: Stage, layer: Int): Measured =
    accuracies(
        "accuracy of the probe of ${target.label()} after layer $layer, ${stage.name()}",
        target,
        stage,
        StageNumbers.onLayer(layer, RowNumber.of(LinearStudy.PROBE_ACCURACY)),
    )

/** The same probes trained on shuffled labels. */
fun LinearProbes.shuffled(target: Attribute, stage: Stage, layer: Int): Measured =
    accuracies(
        "the probe trained on shuffled labels",
        target,
        stage,
        StageNumbers.onLayer(layer, RowNumber.of(LinearStudy.SHUFFLED)),
    )

/** The first layer that an attribute can be read from, per seed: see [StageNumbers.firstLayer]. */
fun LinearProbes.firstLayer(target: Attribute, stage: Stage): Measured {
    val label = "first layer that ${target.label()} can be read from, ${stage.name()}"
    val layers = accuracies(label, target, stage, StageNumbers::firstLayer, Scale.IDENTITY)
    return plain(layers.values.grained(1.0))
}

/** Overlap of the probes' directions over its chance level, at one layer, per seed; 1 at chance. */
fun LinearProbes.overlap(stage: Stage, layer: Int): Measured {
    val label = "overlap of the probes of m and label after layer $layer over chance, ${stage.name()}"
    val ratio = RowNumber.of(LinearStudy.SHARED).over(RowNumber.of(LinearStudy.CHANCE))
    val number = StageNumbers.onLayer(layer, ratio)
    return measured(label, LinearStudy.OVERLAP, StageNumbers.at(stage.name()), number)
}

private fun LinearProbes.accuracies(
    label: String,
    target: Attribute,
    stage: Stage,
    number: RowsNumber,
    scale: Scale = Scale.LOGIT,
): Measured {
    val rows = StageNumbers.at(stage.name()).and { it.text(LinearStudy.TARGET) == target.label() }
    return measured(label, LinearStudy.ACCURACY, rows, number, scale)
}

private fun LinearProbes.measured(
    label: String,
    file: String,
    rows: Predicate<Table.Row>,
    number: RowsNumber,
    scale: Scale = Scale.IDENTITY,
) = plain(StageNumbers.of(label, scale, { table(file) }, rows, number).of(runs))
