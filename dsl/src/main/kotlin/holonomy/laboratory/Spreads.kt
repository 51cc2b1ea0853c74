package holonomy.laboratory

import holonomy.claim.SeedValues
import holonomy.data.Numbers.brief
import holonomy.inference.Components
import holonomy.inference.Scale

/** Where the spread of an estimate comes from, for `claims.json`; null where no run has repeats. */
internal fun spread(values: SeedValues): Map<String, Any?>? =
    values.components().orElse(null)?.let {
        linkedMapOf(
            "of" to unit(values.scale()),
            "between_seeds" to part(it.between().deviations()),
            "within_a_run" to part(it.within().deviations()),
            "repeats" to it.repeats(),
        )
    }

private fun part(part: Components.Part) =
    listOf(part.variance(), part.low(), part.high()).map { it.takeIf(Double::isFinite) }

private fun unit(scale: Scale) =
    when (scale) {
        Scale.LOG -> "the logarithm"
        Scale.LOGIT -> "the logit"
        else -> "the value"
    }

/**
 * The two standard deviations in words: what differs from seed to seed (initial values and data together), and what one
 * repeat of a run differs from another by.
 *
 * @param between,within each with its 95 % interval
 */
fun spreadWords(of: String, between: List<Double>, within: List<Double>): String =
    "standard deviations of $of: between seeds ${part(between)}, within a run ${part(within)}" +
        if (between[1] > 0) "" else "; seeds need not differ, repeats within a run may make all of their spread"

private fun part(part: List<Double>) = "${brief(part[0])} [${brief(part[1])}, ${brief(part[2])}]"

/** [spreadWords] of a claim's numbers; null where no run has repeats. */
internal fun spreadWords(values: SeedValues): String? =
    values.components().orElse(null)?.let {
        fun list(part: Components.Part) = listOf(part.variance(), part.low(), part.high())
        spreadWords(unit(values.scale()), list(it.between().deviations()), list(it.within().deviations()))
    }
