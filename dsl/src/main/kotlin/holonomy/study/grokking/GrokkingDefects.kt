package holonomy.study.grokking

import holonomy.dsl.BasisKind
import holonomy.dsl.CommutatorHandle
import holonomy.dsl.Form
import holonomy.dsl.Measured
import holonomy.dsl.Runs
import holonomy.dsl.ShareNull
import holonomy.dsl.accuracy
import holonomy.dsl.measured
import holonomy.statistic.Grokking

/** Share of moments whose median D is exactly 0, per seed: there the difference of two float32 vectors vanishes. */
fun Runs.zeroDefects(handle: CommutatorHandle, form: Form): Measured =
    measured(handle.numbers.zeroDefects(form.variant))

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
): Measured =
    measured(
        if (before == null) handle.numbers.largestDefect(form.variant)
        else handle.numbers.largestDefectBefore(form.variant, accuracy.grokking, before)
    )

/**
 * Median rho / sqrt(E[rho^2]) of delta over the moments of memorisation, per seed: see [Grokking.memorising]. Undefined
 * (NaN) in a seed without such a moment.
 */
fun Runs.ratioInMemorisation(
    handle: CommutatorHandle,
    accuracy: PairAccuracyHandle,
    beside: ShareNull,
    inside: BasisKind,
): Measured {
    val label = "rho of delta in ${inside.words} over ${beside.words} (memorisation)"
    return measured(handle.numbers.ratioInMemorisation(label, accuracy.grokking, beside.columns, inside.label))
}

/** D of the first moment, median over pairs, per seed: untrained weights. */
fun Runs.firstDefect(handle: CommutatorHandle, form: Form): Measured =
    measured(handle.numbers.firstDefect(form.variant))
