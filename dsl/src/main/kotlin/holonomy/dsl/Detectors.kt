package holonomy.dsl

import holonomy.data.Table
import holonomy.measure.GrokRule
import holonomy.stats.Scale
import holonomy.task.PairTask

/**
 * A signal that fires once in a run.
 *
 * @property name label in tables and figures
 */
class Detector
internal constructor(
    val name: String,
    private val rows: (Runs) -> Table,
    private val fires: (List<Table.Row>) -> Double,
) {
    /** The step at which it fires by run; NaN in a run in which it doesn't. */
    internal fun steps(runs: Runs): Map<String, Double> =
        rows(runs).rows().groupBy { it.text(RUN) }.mapValues { (_, run) -> fires(run.sortedBy { it.number("step") }) }

    override fun toString() = name
}

/** The published rule: median D above 10 times its first three records' median (at least .1) and above 20. */
fun defectOnset(handle: CommutatorHandle, form: Form, least: Double = 20.0): Detector =
    Detector("D, $form".replace(" float32", ""), { it.commutatorRows(handle, form.variant) }) { run ->
        val records =
            run.groupBy { it.number("step") }
                .toSortedMap()
                .map { (step, pairs) -> step to median(pairs.map { it.number("defect") }) }
        val baseline = maxOf(.1, median(records.take(3).map { it.second }))
        records.drop(2).firstOrNull { it.second > 10 * baseline && it.second > least }?.first ?: Double.NaN
    }

/** Detectors that need no geometry (control D7): train accuracy, train loss, |g| and |theta|. */
fun trivialDetectors(handle: PairAccuracyHandle): List<Detector> {
    fun first(name: String, fires: (Table.Row, List<Table.Row>) -> Boolean) =
        Detector(name, { it.setRows(handle, PairTask.Part.TRAIN) }) { run ->
            run.firstOrNull { fires(it, run) }?.number("step") ?: Double.NaN
        }
    return listOf(
        first("train .99") { row, _ -> row.number("accuracy") >= .99 },
        first("loss / 10") { row, run -> row.number("loss") <= .1 * run.first().number("loss") },
        first("|g| / 5") { row, run ->
            row.number("gradient_norm") <=
                .2 *
                    run.filter { it.number("step") <= row.number("step") }
                        .maxOf { g -> g.number("gradient_norm").takeIf { it.isFinite() } ?: 0.0 }
        },
        first("|theta| / 2") { row, run -> row.number("weight_norm") <= .5 * run.first().number("weight_norm") },
    )
}

/** How many steps a detector fires before test accuracy .90, per seed; undefined where either never happens. */
fun Runs.lead(detector: Detector, handle: PairAccuracyHandle): Measured {
    val leads = leads(detector, handle)
    return plainly(perSeed("steps from '$detector' to test accuracy .90") { leads(it).first })
}

/** [lead] as a share of the step of test accuracy .90, per seed, dimensionless. */
fun Runs.leadShare(detector: Detector, handle: PairAccuracyHandle): Measured {
    val leads = leads(detector, handle)
    return plainly(
        perSeed("lead of '$detector' over the step of test accuracy .90") {
            leads(it).let { (lead, grok) -> lead / grok }
        }
    )
}

/** By run: steps from the detector to test accuracy .90, and the step of the latter. */
private fun Runs.leads(detector: Detector, handle: PairAccuracyHandle): (Point) -> Pair<Double, Double> {
    val fired = detector.steps(this)
    val groks = grokSteps(handle, GrokRule.FIRST_AT_90)
    return { point ->
        val grok = groks.getValue(point.id)
        grok - (fired[point.id] ?: Double.NaN) to grok
    }
}

/** 1 where a detector fires, 0 where it doesn't, per seed: on a task that is not generalised, its false positives. */
fun Runs.fired(detector: Detector): Measured {
    val steps = detector.steps(this)
    return plainly(
        perSeed("share of runs in which '$detector' fires", Scale.OUTCOME) {
            if (steps[it.id]?.isFinite() == true) 1.0 else 0.0
        }
    )
}
