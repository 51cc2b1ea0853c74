package holonomy.dsl

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.figure.Axis
import holonomy.figure.Figure
import holonomy.figure.Null
import holonomy.figure.Spread
import holonomy.figure.pointsBy
import holonomy.figure.scatter
import holonomy.measure.Measure
import holonomy.statistic.Mediation
import holonomy.statistic.RunPairs
import holonomy.statistic.RunSet

/**
 * What a [rankCorrelation] is where seeds say nothing and the sweep's settings all: its mean over all reorderings of
 * the seeds within the settings; 0 where all runs have one setting.
 */
val settingsAlone = PathNull("settings alone")

/**
 * Spearman's rho of two numbers over all of these runs, of whatever seeds and settings: `runs.rankCorrelation({
 * mean(spectrum.r90Interpolated) }, { stepsTo(accuracy) })`. At least five runs. Runs of one seed hang together, so its
 * interval leaves seeds out whole; the label says how often reordered seeds give as much. Undefined where a number of
 * any run is. Its null is [settingsAlone]; under a null of the path [x] is the null's.
 */
fun Runs.rankCorrelation(x: Runs.() -> Measured, y: Runs.() -> Measured): Measured =
    Measured(refusing { pairs(x, y).rankCorrelation() }, traits) { walk ->
        if (walk === settingsAlone) pairs(x, y).bySettingsAlone() else pairs({ x().nullOf(walk) }, y).rankCorrelation()
    }

/**
 * Exponent b of `of = a on^b` over the runs of each seed, by least squares on logarithms; dimensionless. Under a null
 * of the path [of] is the null's: a walk has an exponent too.
 */
fun Runs.exponent(of: Runs.() -> Measured, on: Runs.() -> Measured): Measured =
    Measured(pairs(on, of).exponent(), traits) { walk -> pairs(on, { of().nullOf(walk) }).exponent() }

/**
 * Rate a of `of = c exp(a on)` over the runs of each seed, by least squares on the logarithm of [of]; per unit of [on].
 */
fun Runs.exponentialRate(of: Runs.() -> Measured, on: Runs.() -> Measured): Measured =
    plain(pairs(on, of).rate(), traits)

/**
 * The share of an effect that goes through one of its consequences: 1 - [left] / [effect], of their means over seeds,
 * where [left] is the same number of runs in which that consequence was held; its interval leaves seeds out of both.
 */
fun shareMediated(effect: Measured, left: Measured): Measured {
    val share = Mediation.share(effect.values, left.values)
    return plain(
        share.labelled("share mediated, 1 - " + left.beside(effect, "over")),
        effect.traits intersect left.traits,
    )
}

/** The number that a null gives in this one's place. */
private fun Measured.nullOf(walk: PathNull) = plain(under(walk).labelled("${values.label()} of: ${walk.label}"), traits)

internal fun refusing(correlation: () -> SeedValues): SeedValues =
    try {
        correlation()
    } catch (few: UserError) {
        throw Misread(few.message.orEmpty())
    }

/** Both numbers of each run alone. */
internal fun Runs.pairs(x: Runs.() -> Measured, y: Runs.() -> Measured): RunPairs {
    val alone = alone
    val (xs, ys) = listOf(x, y).map { reads -> alone.map { it.reads().values } }
    fun SeedValues.of(point: Point) = bySeed()[point.seed] ?: Double.NaN
    val runs =
        points.mapIndexed { i, point ->
            RunPairs.Run(
                point.seed,
                alone[i].traits.joinToString(", "),
                point.partners,
                xs[i].of(point),
                ys[i].of(point),
            )
        }
    return RunPairs(xs.first().label(), ys.first().label(), runs)
}

private fun RunPairs.title() = "${y()} against ${x()}".replaceFirstChar(Char::uppercase)

private val ACROSS = Table.quantity("across")

/** One row per finished run: its id, its seed, the axes, both numbers. */
private fun Runs.rows(x: Runs.() -> Measured, y: Runs.() -> Measured): Table {
    val columns = listOf(RunSet.RUN, RunSet.SEED) + axes.map { it.column } + ACROSS + Measure.VALUE
    val table = Table.builder(columns)
    val values = pairs(x, y).runs()
    points.forEachIndexed { i, point ->
        val labels = listOf(point.id, point.seed.toString()) + axes.map { axis -> point.values[axis]?.let(::shown) }
        table.row(*(labels + values[i].x() + values[i].y()).toTypedArray())
    }
    return table.build()
}

/**
 * A number against another one that runs of one setting share (weights, steps), one line per value of an axis, with its
 * spread over seeds: `numberAgainst(runs, { weights() }, { mean(spectrum.r90Interpolated) }, colour = depth, beside =
 * uncorrelatedWalk)`.
 *
 * @param beside a null of [y], as a band
 * @param log whether both axes are logarithmic, so that a power law is a line
 */
fun numberAgainst(
    runs: Runs,
    x: Runs.() -> Measured,
    y: Runs.() -> Measured,
    colour: SweepAxis<*>? = null,
    beside: PathNull? = null,
    log: Boolean = false,
    spread: Spread = interval95,
    caption: String = "",
): Figure {
    val labels = runs.pairs(x, y)
    fun under(walk: PathNull) = Null(walk.label, runs.rows(x) { y().nullOf(walk) }, Measure.VALUE.name())
    return pointsBy(
            name = "number against another",
            title = labels.title(),
            table = runs.rows(x, y),
            x = Axis(ACROSS.name(), labels.x(), log = log),
            y = Axis(Measure.VALUE.name(), labels.y(), log = log),
            colour = colour?.column?.name(),
            spread = spread,
            nulls = listOfNotNull(beside?.let(::under)),
            legend = colour?.name,
            caption = caption,
        )
        .with(sources = runs.ids)
}

/**
 * Every run as a point: two numbers of it, shaded by a number that the sweep varies. What a [rankCorrelation] reads.
 */
fun everyRun(
    runs: Runs,
    x: Runs.() -> Measured,
    y: Runs.() -> Measured,
    shade: SweepAxis<*>? = null,
    caption: String = "",
): Figure {
    if (shade != null && !shade.isNumber)
        throw UserError("every run, shaded by '${shade.name}': expected an axis of numbers")
    val labels = runs.pairs(x, y)
    return scatter(
            name = "every run",
            title = labels.title(),
            table = runs.rows(x, y),
            x = Axis(ACROSS.name(), labels.x()),
            y = Axis(Measure.VALUE.name(), labels.y()),
            shade = shade?.let { Axis(it.column.name(), it.name) },
            caption = caption,
        )
        .with(sources = runs.ids)
}
