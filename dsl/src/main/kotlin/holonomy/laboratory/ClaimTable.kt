package holonomy.laboratory

import holonomy.experiment.Judgement
import holonomy.experiment.Numbers.brief
import holonomy.experiment.Verdict
import holonomy.stats.Estimate
import holonomy.text.counted

/** Prints the claims of an experiment, one block each. */
internal object ClaimTable {
    fun print(outcome: ExperimentOutcome, display: Display) {
        val judgements = outcome.judgements
        if (judgements.isEmpty() && outcome.failed.isEmpty()) return
        display.say("")
        display.say("Claims of '${outcome.experiment.name}'")
        judgements.forEach { lines(it).forEach(display::say) }
        outcome.failed.forEach { (claim, reason) ->
            display.say("  ERR  ${claim.text}")
            display.say("       verdict   $FAILED: $reason")
        }
        val counts =
            Verdict.entries.map { verdict -> judgements.count { it.verdict() == verdict } to verdict.words() } +
                (outcome.failed.size to FAILED)
        display.say("  " + counts.filter { it.first > 0 }.joinToString(", ") { (n, words) -> "$n $words" })
        display.say("")
    }

    private fun lines(judgement: Judgement): List<String> {
        val claim = judgement.claim()
        return buildList {
            add("  ${mark(judgement.verdict())}  ${claim.text()}")
            add(
                "       measured  ${text(judgement.estimate())}, ${counted(judgement.estimate().n(), "seed")}: ${claim.measured().label()}"
            )
            spreadWords(claim.measured())?.let { add("       spread    $it") }
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

/** Stands where a value or an interval is undefined. */
const val MISSING = "\u2014"

/** ` [low, high]`; a dash where the runs give no interval, nothing where the estimate itself is undefined. */
fun interval(estimate: Estimate): String =
    when {
        estimate.value().isNaN() -> ""
        estimate.hasInterval() -> interval(estimate.low(), estimate.high())
        else -> " [$MISSING]"
    }

/** Equal seeds are no certainty: an interval of no width is not printed as one. */
fun interval(low: Double, high: Double): String =
    if (low == high) " (all seeds equal)" else " [${brief(low)}, ${brief(high)}]"
