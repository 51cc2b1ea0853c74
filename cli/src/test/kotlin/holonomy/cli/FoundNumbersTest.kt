package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File
import java.math.BigDecimal
import kotlin.math.abs

/**
 * A number in prose that comes from a run is a link whose title says where it comes from: `[.91](figures/claims.json
 * "EXPERIMENT: CLAIM: estimate")`, in place of the estimate `low`, `high`, or `null NAME`.
 */
class FoundNumbersTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        val pages = listOf(File(root, "README.md")) + File(root, "docs/findings").listFiles().orEmpty().sorted()
        val claims = ObjectMapper().readTree(File(root, "figures/claims.json")).path("experiments")

        "every linked number is the published one, to the digits shown" {
            val numbers = pages.flatMap { page -> linked(page.readText()) }
            numbers.shouldNotBeEmpty()
            numbers.forAll { (shown, source) ->
                val (experiment, claim, what) = parts(source)
                val found =
                    claims
                        .single { it.path("experiment").asText() == experiment }
                        .path("claims")
                        .single { it.path("claim").asText() == claim }
                        .value(what)
                val digits = BigDecimal(shown).scale()
                (abs(BigDecimal(shown).toDouble() - found) <= .5 * Math.pow(10.0, -digits.toDouble()) + 1e-12) shouldBe
                    true
            }
        }

        "no other number of the findings' prose has decimals: it would be from nowhere" {
            pages.forAll { page -> decimals(page.readText()) shouldBe listOf() }
        }
    })

private val LINK = Regex("\\[(-?[.\\d]+)]\\([./]*figures/claims\\.json \"([^\"]+)\"\\)")

private fun linked(text: String) = LINK.findAll(text).map { it.groupValues[1] to it.groupValues[2] }.toList()

/** Experiment, claim (which may have colons itself) and what of it. */
private fun parts(source: String): Triple<String, String, String> {
    val experiment = source.substringBefore(": ")
    val rest = source.substringAfter(": ")
    return Triple(experiment, rest.substringBeforeLast(": "), rest.substringAfterLast(": "))
}

private fun JsonNode.value(what: String): Double =
    if (what.startsWith("null ")) {
        path("nulls").single { it.path("null").asText() == what.removePrefix("null ") }.path("value").doubleValue()
    } else path(what).doubleValue()

/** Numbers with decimals outside code, tables, links and the numbers of papers. */
private fun decimals(text: String): List<String> {
    val prose =
        text
            .replace(Regex("```.*?```", RegexOption.DOT_MATCHES_ALL), "")
            .lines()
            .filterNot { it.startsWith("|") }
            .joinToString("\n")
            .replace(Regex("`[^`]*`"), "")
            .replace(LINK, "")
            .replace(Regex("\\([^)\\s]*/[^)\\s]*\\)"), "")
            .replace(Regex("arXiv \\d+\\.\\d+"), "")
            .replace("accuracy .99", "") // a detector's bound
    return Regex("(?<![\\w.])\\d*\\.\\d+").findAll(prose).map { it.value }.toList()
}
