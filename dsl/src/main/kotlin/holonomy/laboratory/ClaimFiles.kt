package holonomy.laboratory

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.dsl.ClaimDeclaration
import holonomy.experiment.Judgement
import java.nio.file.Files
import java.nio.file.Path

/** What is said instead of a verdict where a claim could not be judged. */
const val FAILED = "failed"

/** Writes `claims.json` beside the figures. */
object ClaimFiles {
    private val json = ObjectMapper().writerWithDefaultPrettyPrinter()

    fun write(folder: Path, outcome: ExperimentOutcome) {
        Files.write(folder.resolve("claims.json"), json.writeValueAsBytes(tree(outcome)))
    }

    /** The claims of an experiment as a tree of plain values. */
    fun tree(outcome: ExperimentOutcome): Map<String, Any?> =
        mapOf(
            "experiment" to outcome.experiment.name,
            "question" to outcome.experiment.question,
            "claims" to outcome.judgements.map { entry(it) } + outcome.failed.map { (claim, why) -> entry(claim, why) },
        )

    /** A claim that could not be judged. */
    private fun entry(claim: ClaimDeclaration, reason: String): Map<String, Any?> =
        linkedMapOf(
            "claim" to claim.text,
            "source" to claim.source,
            "published" to claim.published,
            "verdict" to FAILED,
            "reason" to reason,
        )

    private fun entry(judgement: Judgement): Map<String, Any?> {
        val claim = judgement.claim()
        val estimate = judgement.estimate()
        return linkedMapOf(
                "claim" to claim.text(),
                "source" to claim.source(),
                "published" to claim.published(),
                "statistic" to claim.measured().label(),
                "claimed" to claim.claimed().toString(),
                "estimate" to finite(estimate.value()),
                "low" to finite(estimate.low()).takeIf { estimate.hasInterval() },
                "high" to finite(estimate.high()).takeIf { estimate.hasInterval() },
                "seeds" to claim.measured().bySeed(),
                "nulls" to
                    judgement.nulls().map {
                        linkedMapOf(
                            "null" to it.nullValue().name(),
                            "value" to finite(it.value()),
                            "excess" to finite(it.excess().value()),
                            "excess_low" to finite(it.excess().low()).takeIf { _ -> it.excess().hasInterval() },
                            "excess_high" to finite(it.excess().high()).takeIf { _ -> it.excess().hasInterval() },
                            "standing" to it.standing().name.lowercase(),
                        )
                    },
                "verdict" to judgement.verdict().words(),
                "reason" to judgement.reason(),
            )
            .apply { spread(claim.measured())?.let { put("spread", it) } }
    }

    private fun finite(value: Double): Double? = value.takeIf { it.isFinite() }
}
