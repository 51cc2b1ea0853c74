package holonomy.dsl

import holonomy.data.Table
import holonomy.experiment.SeedValues
import holonomy.task.PairTask
import kotlin.math.sqrt

/** Share of moments whose median D is exactly 0, per seed: there the difference of two float32 vectors vanishes. */
fun Runs.zeroDefects(handle: CommutatorHandle, form: Form): Measured =
    plainly(
        perSeed("share of moments with D = 0 ($form)", commutatorRows(handle, form.variant)) { rows ->
            val moments = rows.groupBy { it.number("step") }.values
            moments.count { pairs -> median(pairs.map { it.number("defect") }) == 0.0 }.toDouble() / moments.size
        }
    )

/**
 * Largest median D of a moment, per seed.
 *
 * @param before only moments before the test accuracy of the same seed's run among these (one a seed) reaches .5; all
 *   when not given
 */
fun Runs.largestDefect(
    handle: CommutatorHandle,
    accuracy: PairAccuracyHandle,
    form: Form,
    before: Runs? = null,
): Measured {
    val end = before?.halfRight(accuracy)?.bySeed().orEmpty()
    val early = if (before == null) "" else ", before half of the test set is right"
    return plainly(
        perSeed("largest median D ($form)$early", commutatorRows(handle, form.variant)) { rows ->
            rows
                .filter { it.number("step") < (end[it.text("seed").toLong()] ?: Double.POSITIVE_INFINITY) }
                .groupBy { it.number("step") }
                .values
                .maxOf { pairs -> median(pairs.map { it.number("defect") }) }
        }
    )
}

/**
 * Median rho / sqrt(E[rho^2]) of delta over the moments of memorisation, per seed: training accuracy at least .95, test
 * accuracy below .3 (arXiv 2602.16746, random control). Undefined (NaN) in a seed without such a moment.
 */
fun Runs.ratioInMemorisation(
    handle: CommutatorHandle,
    accuracy: PairAccuracyHandle,
    beside: ShareNull,
    inside: BasisKind,
): Measured {
    val memorising = memorising(accuracy)
    return plainly(
        perSeed(
            "rho of delta in ${inside.words} over ${beside.words} (memorisation)",
            projectionRows(handle, "delta", inside.label),
        ) { rows ->
            median(rows.filter(memorising).map { it.number("rho") / sqrt(it.number(beside.energy)) })
        }
    )
}

/** The first evaluation with half of the test set right, per seed; infinite in a run that never gets there. */
private fun Runs.halfRight(accuracy: PairAccuracyHandle): SeedValues {
    val curves = curves(accuracy)
    return perSeed("step of test accuracy .5") { point ->
        curves.getValue(point.id).firstOrNull { it.test >= HALF }?.step ?: Double.POSITIVE_INFINITY
    }
}

/** Whether a row's moment belongs to memorisation in its run. */
internal fun Runs.memorising(accuracy: PairAccuracyHandle): (Table.Row) -> Boolean {
    val curves = curves(accuracy)
    return { row ->
        val latest = curves.getValue(row.text(RUN)).last { it.step <= row.number("step") }
        latest.train >= MEMORISED && latest.test < NOT_YET
    }
}

private class Evaluation(val step: Double, val train: Double, val test: Double)

/** Both accuracies over the steps, by run. */
private fun Runs.curves(handle: PairAccuracyHandle): Map<String, List<Evaluation>> {
    val test =
        setRows(handle, PairTask.Part.TEST).rows().associate {
            (it.text(RUN) to it.number("step")) to it.number("accuracy")
        }
    return setRows(handle, PairTask.Part.TRAIN)
        .rows()
        .groupBy { it.text(RUN) }
        .mapValues { (run, rows) ->
            rows
                .map { Evaluation(it.number("step"), it.number("accuracy"), test.getValue(run to it.number("step"))) }
                .sortedBy { it.step }
        }
}

private const val HALF = .5
private const val MEMORISED = .95
private const val NOT_YET = .3

/** D of the first moment, median over pairs, per seed: untrained weights. */
fun Runs.firstDefect(handle: CommutatorHandle, form: Form): Measured =
    plainly(
        perSeed("median D at step 0 ($form)", commutatorRows(handle, form.variant)) { rows ->
            median(rows.filter { it.number("step") == 0.0 }.map { it.number("defect") })
        }
    )

/** The measured value over another one, seed by seed. */
infix fun Measured.over(other: Measured): Measured = other growingTo this
