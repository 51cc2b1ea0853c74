package holonomy.dsl

import holonomy.data.Table
import holonomy.data.Table.quantity
import holonomy.data.Table.text
import holonomy.data.Table.whole
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.figure.scatter
import holonomy.measure.Cadence
import holonomy.measure.ConverseAlignment
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.statistic.ConverseNumbers
import holonomy.statistic.RunSet

/** A handle on how far a run moves along its commutators. */
class ConverseHandle internal constructor(measure: ConverseAlignment) : MeasureHandle(measure) {
    internal val numbers = ConverseNumbers(measure)
}

/**
 * The converse analysis, [count] times per run: cosine of the displacement since the last of [snapshots] snapshots with
 * [pairs] commutators, and its share in their span, in float64.
 */
fun converse(count: Int, snapshots: Int, pairs: Int): ConverseHandle =
    ConverseHandle(ConverseAlignment(Cadence.times(count), SnapshotPlan.of(everyWeight, snapshots), pairs))

/** One of the two displacements of [converse]. */
class Displacement internal constructor(internal val label: String) {
    override fun toString() = label
}

/** The displacement as it is. */
val wholeDisplacement = Displacement(ConverseAlignment.DISPLACEMENT)

/** The displacement without what decay alone moves. */
val gradientDisplacement = Displacement(ConverseAlignment.GRADIENT_PART)

/** What a cosine with commutators is compared with. */
enum class CosineNull(internal val words: String, internal val column: Table.Column) {
    /** A vector of uniform direction: sqrt(2 / (pi P)). */
    UNIFORM("uniform direction", ConverseAlignment.COSINE_UNIFORM),

    /** The displacement with the signs of its coordinates drawn at random. */
    SIGNS("random signs", ConverseAlignment.COSINE_SIGNS),
}

/** Median over training of mean |cos| with the commutators over a null's expectation, dimensionless, per seed. */
fun Runs.alongCommutators(handle: ConverseHandle, beside: CosineNull, of: Displacement = wholeDisplacement): Measured {
    val label = "median |cos| of $of and commutators over ${beside.words}"
    return measured(handle.numbers.alongCommutators(label, of.label, beside.column))
}

/** Figures O and Q: mean |cos| of displacement and commutators over steps, beside both nulls. */
fun alongCommutatorsOverSteps(runs: Runs, handle: ConverseHandle, caption: String = ""): Figure {
    fun rows(column: Table.Column): Table {
        val table = Table.builder(listOf(text("seed"), text("vector"), whole("step"), quantity("value")))
        runs.table(handle).rows().forEach {
            table.row(it.text(RunSet.SEED), it.text(ConverseAlignment.VECTOR), it.value(Measure.STEP), it.value(column))
        }
        return table.build()
    }
    return lines(
            name = "along-commutators",
            title = "Cosine of the displacement with commutators",
            table = rows(ConverseAlignment.COSINE),
            x = Axis.STEP,
            y = Axis("value", "mean |cos|", log = true),
            colour = "vector",
            facet = Facet("vector", 2),
            nulls = CosineNull.entries.map { Null(it.words, rows(it.column), "value") },
            caption = caption,
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}

/** Figure PD4: median D against the cosine over random signs, one point per moment, shaded by training time. */
fun phasePortrait(runs: Runs, pairs: CommutatorHandle, handle: ConverseHandle, by: SweepAxis<*>): Figure {
    val columns = listOf(text("seed"), text("rate"), whole("step"), quantity("defect"), quantity("cosine"))
    val table = Table.builder(columns)
    for (row in handle.numbers.besideDefects(runs, pairs.numbers, ourForm.variant).rows()) {
        val rate = "${by.name} ${row.value(by.column)?.let(::spoken)}"
        table.row(
            row.text(RunSet.SEED),
            rate,
            row.value(Measure.STEP),
            row.value(ConverseNumbers.DEFECT),
            row.value(ConverseNumbers.RATIO),
        )
    }
    return scatter(
            name = "phase-portrait",
            title = "Defect and motion along commutators",
            table = table.build(),
            x = Axis("defect", "median defect D", "1/weight norm", log = true),
            y = Axis("cosine", "mean |cos| over random signs", log = true),
            shade = Axis.STEP,
            facet = Facet("rate", 2),
            caption = "One point per moment and run.",
            size = Size.ROW,
        )
        .with(sources = runs.ids)
}
