package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.claim.Claim
import holonomy.claim.Family
import holonomy.claim.Verdict
import holonomy.data.AtomicFiles
import holonomy.data.Numbers.brief
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
        write(profile, trees(outcomes), folder, read(published))
    }

    private fun trees(outcomes: List<ExperimentOutcome>) =
        outcomes.map { json.valueToTree<JsonNode>(ClaimFiles.tree(it)) }

    /**
     * Takes the verdicts of published experiments over into [published]. Those of other experiments stay there, as long
     * as they are of the same profile and their pictures are there.
     */
    fun publish(outcomes: List<ExperimentOutcome>, profile: String, published: Path) {
        val experiments = trees(outcomes.filter { it.drawn.isNotEmpty() || it.claims.isNotEmpty() })
        if (experiments.isEmpty()) return
        val before = read(published)
        val names = experiments.map { it.name() }
        val kept =
            if (before.text("profile") != profile) emptyList()
            else before.experiments().filter { it.name() !in names && Files.isDirectory(published.resolve(it.name())) }
        write(profile, (experiments + kept).sortedBy { it.name() }, published, before)
    }

    /**
     * Writes both files into [folder].
     *
     * @param experiments as [ClaimFiles.tree] has them; the places of their claims among each other are written into
     *   them
     * @param before the verdicts to compare with
     */
    fun write(profile: String, experiments: List<JsonNode>, folder: Path, before: JsonNode) {
        val places = judgedTogether(experiments)
        val report = mapOf("profile" to profile, "experiments" to experiments)
        val text = markdown(profile, experiments, places, verdicts(before))
        val files = AtomicFiles.standard()
        files.write(folder.resolve(FILE), json.writerWithDefaultPrettyPrinter().writeValueAsBytes(report))
        files.write(folder.resolve("CLAIMS.md"), text.toByteArray())
    }

    /**
     * The places of all claims among each other, which are written into the entries: those of other commands come from
     * smaller families.
     */
    private fun judgedTogether(experiments: List<JsonNode>): List<Family.Place> {
        val claims = experiments.flatMap { experiment -> experiment.path("claims").map { experiment to it } }
        val members =
            claims.map { (experiment, claim) ->
                val alone = if (claim.has("alone")) Verdict.of(claim.text("alone")) else Verdict.INCONCLUSIVE
                Family.Member(experiment.text("study"), alone, claim.number("p"))
            }
        return Family.of(members).onEachIndexed { i, place -> put(claims[i].second as ObjectNode, place) }
    }

    private fun put(claim: ObjectNode, place: Family.Place) {
        claim.set<JsonNode>("family", json.valueToTree(ClaimFiles.family(place)))
        if (claim.has("p")) claim.put("verdict", place.verdict().words()) // else it could not be judged
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
        places: List<Family.Place>,
        before: Map<Pair<String, String>, String>,
    ): String {
        val claims = experiments.flatMap(::claims)
        val lines = mutableListOf("# Claims, $profile profile")
        if (claims.isNotEmpty())
            lines +=
                listOf(
                    "",
                    "${counts(claims.map { it.second })} Intervals are 95 % over seeds.",
                    "",
                    "${Family.words(places)}. Holm's correction is over the claims of each study in this table: it gets " +
                        "stricter as more of them are published. 'Not replicated' and 'explained by a null' are said at " +
                        "95 % of each claim alone. 'Declared before its data' is said of the runs in this table; earlier " +
                        "ones of the same seeds may have been seen (docs/verdict-changes.md).",
                )
        lines += ""
        lines += "| experiment | claim | published | ours | nulls | verdict |"
        lines += "|---|---|---|---|---|---|"
        claims.zip(places).mapTo(lines) { (entry, place) -> row(entry.first, entry.second, place) }
        val changes = claims.mapNotNull { (name, claim) -> change(name, claim, before) }
        if (before.isNotEmpty() && changes.isNotEmpty())
            lines += listOf("", "## Since the committed verdicts", "") + changes
        return lines.joinToString("\n", postfix = "\n")
    }

    private fun counts(claims: List<JsonNode>): String {
        val (ours, published) = claims.partition { it.text("source").startsWith(Claim.OURS) }
        return "Published claims: ${verdictCounts(published)}. Our own, controls mostly: ${verdictCounts(ours)}."
    }

    private fun verdictCounts(claims: List<JsonNode>): String {
        val failed = claims.count { it.text("verdict") == FAILED }
        val judged =
            Verdict.entries.joinToString("; ") { verdict ->
                "${claims.count { it.text("verdict") == verdict.words() }} ${verdict.words()}"
            }
        return if (failed == 0) judged else "$judged; $failed $FAILED"
    }

    private fun row(name: String, claim: JsonNode, place: Family.Place): String {
        val nulls =
            claim.path("nulls").joinToString("; ") {
                "${it.text("null")} ${brief(it.number("value"))}, ${it.text("standing")}"
            }
        val cells =
            listOf(
                name,
                "${claim.text("claim")} (${claim.text("source")})",
                claim.text("published"),
                "${brief(claim.number("estimate"))}${interval(claim)}, n = ${claim.path("n").asInt()}${spread(claim)}",
                nulls,
                "**${claim.text("verdict")}**: ${reason(claim, place)}",
            )
        return cells.joinToString(" | ", "| ", " |") { it.replace("|", "\\|").replace("\n", " ") }
    }

    private fun reason(claim: JsonNode, place: Family.Place): String {
        val reason = if (claim.has("p")) place.reason(claim.text("reason")) else claim.text("reason")
        val p = claim.number("p").takeIf { it < 1 }?.let { "p ${brief(it)}, Holm ${brief(place.holm())}" }
        return listOfNotNull(reason, p, claim.path("declared_words").textValue()).joinToString("; ")
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
