package holonomy.laboratory

import holonomy.claim.Family
import holonomy.claim.Judgement
import holonomy.claim.Verdict
import holonomy.data.Numbers.brief
import holonomy.dsl.ClaimDeclaration
import holonomy.dsl.Experiment
import holonomy.figure.Exported
import holonomy.figure.Figure

/**
 * A claim that was judged.
 *
 * @property judgement by its own intervals
 * @property declared when it was declared, beside its data; null where that was never recorded
 * @property place among the claims at hand
 */
class JudgedClaim(val judgement: Judgement, val declared: Declared?, val place: Family.Place) {
    /** The verdict among the claims at hand. */
    val verdict: Verdict
        get() = place.verdict()

    /** Why, in one sentence. */
    val reason: String
        get() = place.reason(judgement.reason())

    /** Each null with its value and whether it was beaten; empty where the claim has none. */
    val nulls: String
        get() =
            judgement.nulls().joinToString("; ") {
                "${it.nullValue().name()} ${brief(it.value())} (${it.standing().name.lowercase()})"
            }
}

/**
 * What one experiment gave.
 *
 * @property drawn each figure that could be drawn, with its files
 * @property seconds training time of its runs, added up
 * @property problems what could not be drawn or judged, each in one line
 * @property failed the claims that could not be judged, each with the reason
 * @property others the places of the failed claims
 */
class ExperimentOutcome(
    val experiment: Experiment,
    val drawn: List<Pair<Figure, Exported>>,
    val claims: List<JudgedClaim>,
    val seconds: Double,
    val problems: List<String>,
    val failed: Map<ClaimDeclaration, String>,
    val others: List<Family.Place>,
) {
    /** The places of all of its claims. */
    val places: List<Family.Place>
        get() = claims.map { it.place } + others

    /** The same with more that could not be done. */
    internal fun withProblems(more: List<String>) =
        ExperimentOutcome(experiment, drawn, claims, seconds, problems + more, failed, others)

    /** The same, judged among the claims of all these experiments: one of them is this. */
    private fun placed(places: List<Family.Place>) =
        ExperimentOutcome(
            experiment,
            drawn,
            claims.zip(places) { claim, place -> JudgedClaim(claim.judgement, claim.declared, place) },
            seconds,
            problems,
            failed,
            places.drop(claims.size),
        )

    companion object {
        /** Outcomes whose claims are judged among each other: within their studies, and over all. */
        fun together(outcomes: List<ExperimentOutcome>): List<ExperimentOutcome> {
            val places = Family.of(outcomes.flatMap { outcome -> outcome.places.map { it.member() } }).iterator()
            return outcomes.map { outcome -> outcome.placed(List(outcome.places.size) { places.next() }) }
        }
    }
}
