package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.io.File

class ClaimsReportTest :
    FreeSpec({
        val json = ObjectMapper()
        val now =
            experiment("now", "\"study\" : \"sums\",", present("a", "ours", .001), present("b", "a paper", .04), FAILS)

        fun written(vararg experiments: String): File =
            tempdir().also { folder ->
                ClaimsReport.write(
                    "standard",
                    experiments.map { json.readTree(it) },
                    folder.toPath(),
                    json.createObjectNode(),
                )
            }

        fun File.lines(): List<String> = resolve("CLAIMS.md").readLines()

        fun File.claims(): List<JsonNode> =
            json.readTree(resolve("claims.json")).path("experiments").flatMap { it.path("claims") }

        "verdicts are counted, and the family is of all" {
            written(now).lines().take(6) shouldBe
                listOf(
                    "# Claims, standard profile",
                    "",
                    "Published claims: 0 replicated; 0 direction as published, size not; 0 explained " +
                        "by a null; 0 not replicated; 1 inconclusive; 1 failed. Our own, controls mostly: 1 replicated; " +
                        "0 direction as published, size not; 0 explained by a null; 0 not replicated; 0 inconclusive. " +
                        "Intervals are 95 % over seeds.",
                    "",
                    "3 claims ('sums' 3): 2 replicated alone, by 95 % intervals; 1 after Holm's correction within the study; " +
                        "1 at a false-discovery rate of 5 % over all. If none of the statements held, at most 0.0750 would " +
                        "be expected to be replicated alone, by chance. Holm's correction is over the claims of each study " +
                        "in this table: it gets stricter as more of them are published. 'Not replicated' and 'explained by " +
                        "a null' are said at 95 % of each claim alone. 'Declared before its data' is said of the runs in " +
                        "this table; earlier ones of the same seeds may have been seen (docs/verdict-changes.md).",
                    "",
                )
        }

        "n is that of the estimate, not of the seeds" {
            written(now).lines().mapNotNull { Regex("n = \\d+").find(it)?.value } shouldBe
                listOf("n = 2", "n = 2", "n = 0")
        }

        "each entry gets its place among all" {
            val claims = written(now).claims()
            claims.map { it.path("verdict").asText() } shouldBe listOf("replicated", "inconclusive", "failed")
            claims.map { it.path("family").path("claims").asInt() } shouldBe listOf(3, 3, 3)
            claims[0].path("family").path("false_discovery").doubleValue() shouldBe .003
        }
    })

private const val SEEDS = """"seeds" : { "1" : 1, "2" : 1, "3" : 1, "4" : 1 }"""

private const val FAILS =
    """{ "claim" : "e", "source" : "a paper", "family" : { "claims" : 1 }, "verdict" : "failed", "reason" : "no data" }"""

private fun experiment(name: String, study: String, vararg claims: String) =
    """{ "experiment" : "$name", $study "claims" : [ ${claims.joinToString()} ] }"""

private fun present(claim: String, source: String, p: Double) =
    """{ "claim" : "$claim", "source" : "$source", "n" : 2, $SEEDS, "p" : $p, "alone" : "replicated", "family" : { "claims" : 1 },
        "verdict" : "replicated", "reason" : "it is so" }"""
