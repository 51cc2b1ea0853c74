package holonomy.laboratory

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.claim.Family
import holonomy.claim.Judgement
import holonomy.data.AtomicFiles
import holonomy.dsl.ClaimDeclaration
import java.nio.file.Path

/** What is said instead of a verdict where a claim could not be judged. */
const val FAILED = "failed"

/** Writes `claims.json` beside the figures. */
object ClaimFiles {
    /** Its name. */
    const val NAME = "claims.json"

    private val json = ObjectMapper().writerWithDefaultPrettyPrinter()

    fun write(folder: Path, outcome: ExperimentOutcome) {
        AtomicFiles.standard().write(folder.resolve(NAME), json.writeValueAsBytes(tree(outcome)))
    }

    /** The claims of an experiment as a tree of plain values. */
    fun tree(outcome: ExperimentOutcome): Map<String, Any?> {
        val failed = outcome.failed.entries.zip(outcome.others) { (claim, why), place -> entry(claim, why, place) }
        return linkedMapOf(
            "experiment" to outcome.experiment.name,
            "study" to outcome.experiment.study,
            "question" to outcome.experiment.question,
            "claims" to outcome.claims.map { entry(it) } + failed,
        )
    }

    /** A claim that could not be judged. */
    private fun entry(claim: ClaimDeclaration, reason: String, place: Family.Place): Map<String, Any?> =
        linkedMapOf(
            "claim" to claim.text,
            "source" to claim.source,
            "published" to claim.published,
            "family" to family(place),
            "verdict" to FAILED,
            "reason" to reason,
        )

    private fun entry(judged: JudgedClaim): Map<String, Any?> {
        val judgement = judged.judgement
        val claim = judgement.claim()
        val estimate = judgement.estimate()
        return linkedMapOf(
                "claim" to claim.text(),
                "source" to claim.source(),
                "published" to claim.published(),
                "digest" to claim.digest(),
                "declared" to judged.declared?.at?.toString(),
                "declared_words" to judged.declared?.words,
                "statistic" to claim.measured().label(),
                "scale" to claim.measured().scale().name.lowercase(),
                "grain" to claim.measured().grain().takeIf { it > 0 },
                "claimed" to claim.claimed().toString(),
                "size" to claim.size()?.toString(),
                "estimate" to finite(estimate.value()),
                "low" to finite(estimate.low()).takeIf { estimate.hasInterval() },
                "high" to finite(estimate.high()).takeIf { estimate.hasInterval() },
                "n" to estimate.n(),
                "seeds" to claim.measured().bySeed(),
                "nulls" to judgement.nulls().map(::entry),
                "p" to judgement.p(),
                "alone" to judgement.verdict().words(),
                "family" to family(judged.place),
                "verdict" to judged.verdict.words(),
                "reason" to judgement.reason(),
            )
            .apply { spread(claim.measured())?.let { put("spread", it) } }
    }

    private fun entry(outcome: Judgement.NullOutcome): Map<String, Any?> =
        linkedMapOf(
            "null" to outcome.nullValue().name(),
            "value" to finite(outcome.value()),
            "contrast" to outcome.contrast(),
            "excess" to finite(outcome.excess().value()),
            "excess_low" to finite(outcome.excess().low()).takeIf { _ -> outcome.excess().hasInterval() },
            "excess_high" to finite(outcome.excess().high()).takeIf { _ -> outcome.excess().hasInterval() },
            "margin" to finite(outcome.margin()),
            "standing" to outcome.standing().name.lowercase(),
        )

    /** The claims that one is judged among, and what its p-value becomes: within the study, and over all at hand. */
    fun family(place: Family.Place): Map<String, Any?> =
        linkedMapOf(
            "study" to place.member().study(),
            "claims" to place.size(),
            "holm" to place.holm(),
            "false_discovery" to place.discovery(),
        )

    private fun finite(value: Double): Double? = value.takeIf { it.isFinite() }
}
