package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.experiment.Judgement
import holonomy.experiment.Numbers.brief
import holonomy.experiment.Verdict
import java.nio.file.Files
import java.nio.file.Path

/**
 * The verdicts of all experiments: `claims.json` for programs, `CLAIMS.md` for people, with what changed since the
 * committed ones.
 */
internal object ClaimsReport {
    private val json = ObjectMapper()

    /**
     * Writes both files into [folder].
     *
     * @param committed the `claims.json` to compare with, if it exists
     */
    fun write(outcomes: List<ExperimentOutcome>, profile: String, folder: Path, committed: Path) {
        val before = verdicts(committed)
        val entries = outcomes.flatMap { outcome -> outcome.judgements.map { outcome.experiment.name to it } }
        Files.write(
            folder.resolve("claims.json"),
            json.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree(outcomes, profile)),
        )
        Files.writeString(folder.resolve("CLAIMS.md"), markdown(entries, profile, before))
    }

    private fun tree(outcomes: List<ExperimentOutcome>, profile: String) =
        mapOf("profile" to profile, "experiments" to outcomes.map { ClaimFiles.tree(it.experiment, it.judgements) })

    /** Verdict by experiment and claim. */
    private fun verdicts(file: Path): Map<Pair<String, String>, String> {
        if (!Files.isRegularFile(file)) return emptyMap()
        val experiments: JsonNode = json.readTree(file.toFile()).path("experiments")
        return experiments
            .flatMap { experiment -> experiment.path("claims").map { experiment.path("experiment").asText() to it } }
            .associate { (name, claim) -> (name to claim.path("claim").asText()) to claim.path("verdict").asText() }
    }

    private fun markdown(
        entries: List<Pair<String, Judgement>>,
        profile: String,
        before: Map<Pair<String, String>, String>,
    ): String {
        val counts =
            Verdict.entries.joinToString(", ") { verdict ->
                "${entries.count { it.second.verdict() == verdict }} ${verdict.words()}"
            }
        val lines = mutableListOf("# Claims, $profile profile", "", "$counts. Intervals are 95 % over seeds.", "")
        lines += "| experiment | claim | published | ours | nulls | verdict |"
        lines += "|---|---|---|---|---|---|"
        entries.mapTo(lines) { (name, judgement) -> row(name, judgement) }
        val changes = entries.mapNotNull { (name, judgement) -> change(name, judgement, before) }
        if (before.isNotEmpty())
            lines += listOf("", "## Since the committed verdicts", "") + changes.ifEmpty { listOf("Nothing changed.") }
        return lines.joinToString("\n", postfix = "\n")
    }

    private fun row(name: String, judgement: Judgement): String {
        val claim = judgement.claim()
        val estimate = judgement.estimate()
        val ours = "${brief(estimate.value())}${interval(estimate)}, n = ${estimate.n()}"
        val nulls =
            judgement.nulls().joinToString("; ") {
                "${it.nullValue().name()} ${brief(it.value())}, ${it.standing().name.lowercase()}"
            }
        val cells =
            listOf(
                name,
                "${claim.text()} (${claim.source()})",
                claim.published(),
                ours,
                nulls,
                "**${judgement.verdict().words()}**: ${judgement.reason()}",
            )
        return cells.joinToString(" | ", "| ", " |") { it.replace("|", "\\|").replace("\n", " ") }
    }

    private fun change(name: String, judgement: Judgement, before: Map<Pair<String, String>, String>): String? {
        val was = before[name to judgement.claim().text()]
        val now = judgement.verdict().words()
        return if (was == now) null else "- $name, ${judgement.claim().text()}: ${was ?: "new"} -> $now"
    }
}
