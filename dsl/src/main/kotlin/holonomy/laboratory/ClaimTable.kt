package holonomy.laboratory

import holonomy.claim.Family
import holonomy.claim.Verdict
import holonomy.data.Numbers.brief
import holonomy.inference.Estimate
import holonomy.text.counted

/** Prints the claims of an experiment, one block each. */
internal object ClaimTable {
    fun print(outcome: ExperimentOutcome, display: Display) {
        if (outcome.places.isEmpty()) return
        display.say("")
        display.say("Claims of '${outcome.experiment.name}'")
        outcome.claims.forEach { lines(it).forEach(display::say) }
        outcome.failed.forEach { (claim, reason) ->
            display.say("  ERR  ${claim.text}")
            display.say("       verdict   $FAILED: $reason")
        }
        val counts =
            Verdict.entries.map { verdict -> outcome.claims.count { it.verdict == verdict } to verdict.words() } +
                (outcome.failed.size to FAILED)
        display.say("  " + counts.filter { it.first > 0 }.joinToString("; ") { (n, words) -> "$n $words" })
        display.say("  " + Family.words(outcome.places))
        display.say("")
    }

    private fun lines(judged: JudgedClaim): List<String> {
        val judgement = judged.judgement
        val claim = judgement.claim()
        return buildList {
            add("  ${mark(judged.verdict)}  ${claim.text()}")
            add(
                "       measured  ${text(judgement.estimate())}, ${counted(judgement.estimate().n(), "seed")}: ${claim.measured().label()}"
            )
            val size = claim.size()?.let { " (size $it)" }.orEmpty()
            spreadWords(claim.measured())?.let { add("       spread    $it") }
            add("       claimed   ${claim.claimed()}; published ${claim.published()}$size (${claim.source()})")
            judgement.nulls().forEach {
                add(
                    "       null      ${it.nullValue().name()} ${brief(it.value())}, ${it.contrast()} ${text(it.excess())}, matters from ${brief(it.margin())}: ${it.standing().name.lowercase()}"
                )
            }
            val family = judged.place
            add(
                "       family    p ${brief(judgement.p())}; Holm ${brief(family.holm())} among ${counted(family.size(), "claim")} of '${family.member().study()}'" +
                    judged.declared?.let { "; ${it.words}" }.orEmpty()
            )
            add("       verdict   ${judged.verdict.words()}: ${judged.reason}")
        }
    }

    private fun mark(verdict: Verdict) =
        when (verdict) {
            Verdict.REPLICATED -> "yes"
            Verdict.DIRECTION_ONLY -> "dir"
            Verdict.EXPLAINED -> "nul"
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
