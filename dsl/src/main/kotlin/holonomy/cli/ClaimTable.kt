package holonomy.cli

import holonomy.dsl.Experiment
import holonomy.experiment.Judgement
import holonomy.experiment.Numbers.brief
import holonomy.experiment.Verdict
import holonomy.stats.Estimate

/** Prints the claims of an experiment, one block each. */
internal object ClaimTable {
    fun print(experiment: Experiment, judgements: List<Judgement>, display: Display) {
        if (judgements.isEmpty()) return
        display.say("")
        display.say("Claims of '${experiment.name}'")
        judgements.forEach { lines(it).forEach(display::say) }
        val counts = Verdict.entries.map { verdict -> judgements.count { it.verdict() == verdict } to verdict.words() }
        display.say("  " + counts.filter { it.first > 0 }.joinToString(", ") { (n, words) -> "$n $words" })
        display.say("")
    }

    private fun lines(judgement: Judgement): List<String> {
        val claim = judgement.claim()
        return buildList {
            add("  ${mark(judgement.verdict())}  ${claim.text()}")
            add(
                "       measured  ${text(judgement.estimate())}, ${judgement.estimate().n()} seeds: ${claim.measured().label()}"
            )
            add("       claimed   ${claim.claimed()}; published ${claim.published()} (${claim.source()})")
            judgement.nulls().forEach {
                add(
                    "       null      ${it.nullValue().name()} ${brief(it.value())}, excess ${text(it.excess())}: ${it.standing().name.lowercase()}"
                )
            }
            add("       verdict   ${judgement.verdict().words()}: ${judgement.reason()}")
        }
    }

    private fun mark(verdict: Verdict) =
        when (verdict) {
            Verdict.REPLICATED -> "yes"
            Verdict.NOT_REPLICATED -> "NO "
            Verdict.INCONCLUSIVE -> " ? "
        }

    private fun text(estimate: Estimate) = brief(estimate.value()) + interval(estimate)
}

/** ` [low, high]`; nothing where the estimate is undefined. */
internal fun interval(estimate: Estimate): String =
    if (estimate.value().isNaN()) "" else interval(estimate.low(), estimate.high())

/** Equal seeds are no certainty: an interval of no width is not printed as one. */
internal fun interval(low: Double, high: Double): String =
    if (low == high) " (all seeds equal)" else " [${brief(low)}, ${brief(high)}]"
