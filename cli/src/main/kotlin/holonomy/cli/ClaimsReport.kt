package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.experiment.Claim
import holonomy.experiment.Numbers.brief
import holonomy.experiment.Verdict
import holonomy.laboratory.ClaimFiles
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.FAILED
import holonomy.laboratory.MISSING
import holonomy.laboratory.interval
import holonomy.laboratory.spreadWords
import java.nio.file.Files
import java.nio.file.Path

/**
 * The verdicts of all experiments: `claims.json` for programs, `CLAIMS.md` for people, with what changed since the
 * committed ones.
 */
internal object ClaimsReport {
    private const val FILE = "claims.json"
    private val json = ObjectMapper()

    /**
     * Writes both files into [folder].
     *
     * @param published the folder of the committed verdicts to compare with; they need not exist
     */
    fun write(outcomes: List<ExperimentOutcome>, profile: String, folder: Path, published: Path) {
        val experiments = outcomes.map { json.valueToTree<JsonNode>(ClaimFiles.tree(it)) }
        write(profile, experiments, folder, read(published))
    }

    /**
     * Takes the verdicts in [folder] over into [published]. Those of other experiments stay there, as long as they are
     * of the same profile and their pictures are there.
     */
    fun publish(folder: Path, published: Path) {
        val report = read(folder)
        val before = read(published)
        val profile = report.text("profile")
        val names = report.experiments().map { it.name() }
        val kept =
            if (before.text("profile") != profile) emptyList()
            else before.experiments().filter { it.name() !in names && Files.isDirectory(published.resolve(it.name())) }
        write(profile, (report.experiments() + kept).sortedBy { it.name() }, published, before)
    }

    private fun write(profile: String, experiments: List<JsonNode>, folder: Path, before: JsonNode) {
        val report = mapOf("profile" to profile, "experiments" to experiments)
        Files.write(folder.resolve(FILE), json.writerWithDefaultPrettyPrinter().writeValueAsBytes(report))
        Files.writeString(folder.resolve("CLAIMS.md"), markdown(profile, experiments, verdicts(before)))
    }

    private fun read(folder: Path): JsonNode {
        val file = folder.resolve(FILE)
        return if (Files.isRegularFile(file)) json.readTree(file.toFile()) else json.createObjectNode()
    }

    /** Verdict by experiment and claim. */
    private fun verdicts(report: JsonNode): Map<Pair<String, String>, String> =
        report.experiments().flatMap(::claims).associate { (name, claim) ->
            (name to claim.text("claim")) to claim.text("verdict")
        }

    private fun claims(experiment: JsonNode) = experiment.path("claims").map { experiment.name() to it }

    private fun markdown(
        profile: String,
        experiments: List<JsonNode>,
        before: Map<Pair<String, String>, String>,
    ): String {
        val claims = experiments.flatMap(::claims)
        val (ours, published) = claims.map { it.second }.partition { it.text("source").startsWith(Claim.OURS) }
        val lines = mutableListOf("# Claims, $profile profile", "")
        lines +=
            "Published claims: ${counts(published)}. Our own, controls mostly: ${counts(ours)}. Intervals are 95 % over seeds."
        lines += ""
        lines += "| experiment | claim | published | ours | nulls | verdict |"
        lines += "|---|---|---|---|---|---|"
        claims.mapTo(lines) { (name, claim) -> row(name, claim) }
        val changes = claims.mapNotNull { (name, claim) -> change(name, claim, before) }
        if (before.isNotEmpty() && changes.isNotEmpty())
            lines += listOf("", "## Since the committed verdicts", "") + changes
        return lines.joinToString("\n", postfix = "\n")
    }

    private fun counts(claims: List<JsonNode>): String {
        val failed = claims.count { it.text("verdict") == FAILED }
        val judged =
            Verdict.entries.joinToString(", ") { verdict ->
                "${claims.count { it.text("verdict") == verdict.words() }} ${verdict.words()}"
            }
        return if (failed == 0) judged else "$judged, $failed $FAILED"
    }

    private fun row(name: String, claim: JsonNode): String {
        val nulls =
            claim.path("nulls").joinToString("; ") {
                "${it.text("null")} ${brief(it.number("value"))}, ${it.text("standing")}"
            }
        val cells =
            listOf(
                name,
                "${claim.text("claim")} (${claim.text("source")})",
                claim.text("published"),
                "${brief(claim.number("estimate"))}${interval(claim)}, n = ${claim.path("seeds").size()}${spread(claim)}",
                nulls,
                "**${claim.text("verdict")}**: ${claim.text("reason")}",
            )
        return cells.joinToString(" | ", "| ", " |") { it.replace("|", "\\|").replace("\n", " ") }
    }

    /** A bound that is missing beside an estimate is none: too few seeds, or JSON's want of an infinity. */
    private fun interval(claim: JsonNode): String {
        if (claim.number("estimate").isNaN()) return ""
        val ends = listOf(claim.number("low"), claim.number("high"))
        return if (ends.all(Double::isNaN)) " [$MISSING]" else interval(ends[0], ends[1])
    }

    /** What of the spread is between seeds and what within a run, where runs have repeats. */
    private fun spread(claim: JsonNode): String {
        val spread = claim.path("spread")
        if (spread.isMissingNode) return ""
        fun part(name: String) =
            spread.path(name).map { if (it.isNumber) it.doubleValue() else Double.POSITIVE_INFINITY }
        return "; " + spreadWords(spread.text("of"), part("between_seeds"), part("within_a_run"))
    }

    private fun change(name: String, claim: JsonNode, before: Map<Pair<String, String>, String>): String? {
        val was = before[name to claim.text("claim")]
        val now = claim.text("verdict")
        return if (was == now) null else "- $name, ${claim.text("claim")}: ${was ?: "new"} -> $now"
    }

    private fun JsonNode.experiments(): List<JsonNode> = path("experiments").toList()

    private fun JsonNode.name(): String = text("experiment")

    private fun JsonNode.text(field: String): String = path(field).asText()

    private fun JsonNode.number(field: String): Double =
        path(field).let { if (it.isNumber) it.doubleValue() else Double.NaN }
}
