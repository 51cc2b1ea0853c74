package holonomy.dsl

import holonomy.claim.SeedValues
import holonomy.data.UserError
import holonomy.statistic.Alarm
import holonomy.statistic.Foretelling
import holonomy.statistic.RunPairs

/**
 * When numbers are read that are to foretell something, and before what.
 *
 * @property steps at which runs are looked at, ascending; where one look is taken, the last
 */
class Early internal constructor(val steps: List<Long>, internal val before: Runs.() -> Measured) {
    internal val last
        get() = steps.last()
}

/**
 * Numbers are read at a step and see nothing later ([Runs.upTo]); a run in which the event has come by then is left out
 * and counted (landmark analysis: Anderson, Cain and Gelber 1983): `early(300) { halfStep(accuracy) }`.
 *
 * @param before the step of the event, of one run; undefined (NaN) where it never comes
 */
fun early(at: Long, before: Runs.() -> Measured): Early = early(listOf(at), before)

/** The same of several looks, ascending, for [lead]; [auroc] and [rankCorrelation] take the last one. */
fun early(at: List<Long>, before: Runs.() -> Measured): Early {
    if (at.isEmpty() || at.first() < 0 || at.zipWithNext().any { (one, next) -> one >= next })
        throw UserError("early: expected steps from 0, ascending, found $at")
    return Early(at, before)
}

/**
 * AUROC, dimensionless: how often of two runs, one with an outcome and one without, the early number is larger in the
 * one with it. .5 where it says nothing. `held.auroc({ mean(spectrum.pc1Share) }, of = { groks(accuracy) }, early,
 * fittedOn = others)`. At least five runs. Its interval is that of as many runs as share neither seed nor setting;
 * beside another one of the same runs, such as a control's, both are left out whole. Undefined where all runs have one
 * outcome.
 *
 * @param x a number of one run, of rows up to the early step alone
 * @param of what is foretold of a run: 1 or 0
 * @param fittedOn other runs, which say whether larger means more or less; more when not given
 */
fun Runs.auroc(x: Runs.() -> Measured, of: Runs.() -> Measured, early: Early, fittedOn: Runs? = null): Measured =
    plain(foretelling("AUROC", x, of, early, fittedOn) { it.auroc() }, traits)

/**
 * Spearman's rho of an early number and what is foretold: when, how much. As [auroc]; runs in which it never comes (y
 * is undefined) are left out and counted. Without [early] nothing is foretold, and the interval leaves out seeds alone.
 */
fun Runs.rankCorrelation(
    x: Runs.() -> Measured,
    y: Runs.() -> Measured,
    early: Early,
    fittedOn: Runs? = null,
): Measured = plain(foretelling("rank correlation", x, y, early, fittedOn) { it.ofKnown().rankCorrelation() }, traits)

/**
 * How long before an event an early number tells that it comes, as a share of the way there, 0 where it doesn't; mean
 * over the runs with the outcome. It tells so at the first look beyond a threshold that at most a share of the
 * [fittedOn] runs without the outcome pass at any look; the label counts what fires among those that are judged.
 */
fun Runs.lead(
    x: Runs.() -> Measured,
    of: Runs.() -> Measured,
    early: Early,
    fittedOn: Runs,
    falsePositives: Double = .1,
): Measured {
    requireApart("lead", fittedOn)
    val judged = watched(x, of, early)
    val label = alone.first().let { it.upTo(early.last).x().values.label() to it.of().values.label() }
    val words = "${label.first}, looked at ${early.steps.size} times up to step ${early.last}"
    val alarm = Alarm(words, label.second, judged, fittedOn.watched(x, of, early), falsePositives)
    return plain(refusing { alarm.lead() }, traits)
}

private fun Runs.foretelling(
    word: String,
    x: Runs.() -> Measured,
    y: Runs.() -> Measured,
    early: Early,
    fittedOn: Runs?,
    number: (Foretelling) -> SeedValues,
): SeedValues {
    requireApart(word, fittedOn)
    val all = pairs({ upTo(early.last).x() }, y)
    val runs = all.runs().filterIndexed { i, _ -> isAhead(i, early) }
    val others =
        fittedOn?.let { it.pairs({ upTo(early.last).x() }, y).runs().filterIndexed { i, _ -> it.isAhead(i, early) } }
    val late = all.runs().size - runs.size
    val leftOut = if (late == 0) "" else "$late of ${all.runs().size} left out, too late at step ${early.last}"
    val label = "${all.x()} at step ${early.last}"
    return refusing { number(Foretelling(label, all.y(), runs, others.orEmpty(), leftOut)) }
}

/** Whether a run's event is still to come. */
private fun Runs.isAhead(run: Int, early: Early) = event(run, early).let { it.isNaN() || it > early.last }

private fun Runs.event(run: Int, early: Early): Double =
    early.before(alone[run]).values.bySeed()[points[run].seed] ?: Double.NaN

private fun Runs.watched(x: Runs.() -> Measured, of: Runs.() -> Measured, early: Early): List<Alarm.Watched> =
    points.indices.mapNotNull { i ->
        val event = event(i, early)
        val steps = early.steps.filter { event.isNaN() || it < event }
        val own = only("run") { it === points[i] }
        val looks = steps.map { own.pairs({ upTo(it).x() }, of).runs().single() }
        looks.lastOrNull()?.let { last -> Alarm.Watched(last, steps, looks.map(RunPairs.Run::x), event) }
    }

private fun Runs.requireApart(word: String, fittedOn: Runs?) {
    if (points.size < Foretelling.FEWEST)
        throw Misread(
            "$word: expected at least ${Foretelling.FEWEST} runs, found ${points.size}: so few say nothing; " +
                "add seeds, or settings"
        )
    val both = fittedOn?.points.orEmpty().firstOrNull { point -> points.any { it.id == point.id } } ?: return
    throw Misread(
        "$word: '${both.request.label()}' is among the runs that are judged and among those that it is fitted on: " +
            "it would be no prediction; fit on other runs"
    )
}

/** Runs that are not too late: each one's point, the rank of its early number among theirs, and what it foretells. */
internal fun Runs.ranked(
    x: Runs.() -> Measured,
    y: Runs.() -> Measured,
    early: Early,
): List<Triple<Point, Double, Double>> {
    val ahead = points.indices.filter { isAhead(it, early) }
    val pairs = pairs({ upTo(early.last).x() }, y).runs()
    val known = ahead.filter { !pairs[it].x().isNaN() }
    val ranks = Foretelling.ranks(known.map { pairs[it].x() }.toDoubleArray())
    return known.mapIndexed { i, run -> Triple(points[run], ranks[i], pairs[run].y()) }
}
