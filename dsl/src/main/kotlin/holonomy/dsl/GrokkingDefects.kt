package holonomy.dsl

import holonomy.task.PairTask

/** Share of moments whose median D is exactly 0, per seed: there the difference of two float32 vectors vanishes. */
fun Runs.zeroDefects(handle: CommutatorHandle, form: Form): Measured =
    plainly(
        perSeed("share of moments with D = 0 ($form)", commutatorRows(handle, form.variant)) { rows ->
            val moments = rows.rows().groupBy { it.number("step") }.values
            moments.count { pairs -> median(pairs.map { it.number("defect") }) == 0.0 }.toDouble() / moments.size
        }
    )

/** Largest median D of a moment, over those before test accuracy .5 or over all, per seed. */
fun Runs.largestDefect(
    handle: CommutatorHandle,
    accuracy: PairAccuracyHandle,
    form: Form,
    onlyBefore: Boolean = false,
): Measured {
    val half =
        setRows(accuracy, PairTask.Part.TEST)
            .rows()
            .groupBy { it.text("seed") }
            .mapValues { (_, rows) ->
                rows.sortedBy { it.number("step") }.firstOrNull { it.number("accuracy") >= .5 }?.number("step")
                    ?: Double.POSITIVE_INFINITY
            }
    return plainly(
        perSeed("largest median D ($form)", commutatorRows(handle, form.variant)) { rows ->
            rows
                .rows()
                .filter { !onlyBefore || it.number("step") < half.getValue(it.text("seed")) }
                .groupBy { it.number("step") }
                .values
                .maxOf { pairs -> median(pairs.map { it.number("defect") }) }
        }
    )
}

/** D of the first moment, median over pairs, per seed: untrained weights. */
fun Runs.firstDefect(handle: CommutatorHandle, form: Form): Measured =
    plainly(
        perSeed("median D at step 0 ($form)", commutatorRows(handle, form.variant)) { rows ->
            median(rows.rows().filter { it.number("step") == 0.0 }.map { it.number("defect") })
        }
    )

/** The measured value over another one, seed by seed. */
infix fun Measured.over(other: Measured): Measured = other growingTo this
