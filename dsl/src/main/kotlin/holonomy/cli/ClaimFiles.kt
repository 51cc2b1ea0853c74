package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.dsl.Experiment
import holonomy.experiment.Judgement
import java.nio.file.Files
import java.nio.file.Path

/** Writes `claims.json` beside the figures. */
internal object ClaimFiles {
    private val json = ObjectMapper().writerWithDefaultPrettyPrinter()

    fun write(folder: Path, experiment: Experiment, judgements: List<Judgement>) {
        Files.write(folder.resolve("claims.json"), json.writeValueAsBytes(tree(experiment, judgements)))
    }

    /** The claims of an experiment as a tree of plain values. */
    fun tree(experiment: Experiment, judgements: List<Judgement>): Map<String, Any?> =
        mapOf(
            "experiment" to experiment.name,
            "question" to experiment.question,
            "claims" to judgements.map { entry(it) },
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
            "low" to finite(estimate.low()),
            "high" to finite(estimate.high()),
            "seeds" to claim.measured().bySeed(),
            "nulls" to
                judgement.nulls().map {
                    linkedMapOf(
                        "null" to it.nullValue().name(),
                        "value" to finite(it.value()),
                        "excess" to finite(it.excess().value()),
                        "excess_low" to finite(it.excess().low()),
                        "excess_high" to finite(it.excess().high()),
                        "standing" to it.standing().name.lowercase(),
                    )
                },
            "verdict" to judgement.verdict().words(),
            "reason" to judgement.reason(),
        )
    }

    private fun finite(value: Double): Double? = value.takeIf { it.isFinite() }
}
