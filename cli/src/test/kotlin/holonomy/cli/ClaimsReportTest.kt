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
        val then = experiment("then", "", earlier("c", "a paper", "replicated"), earlier("d", "ours", "inconclusive"))

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

        "verdicts by the present rules and by those before are counted apart, and the family is of the present ones" {
            val lines = written(now, then).lines()
            lines.take(8) shouldBe
                listOf(
                    "# Claims, standard profile",
                    "",
                    "By the present rules. Published claims: 0 replicated; 0 direction as published, size not; 0 explained " +
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
                    "By the rules before, which asked for no smallest change that matters and corrected for nothing (no p, " +
                        "no family), 2 of the 5 claims, marked so. Published claims: 1 replicated; 0 direction as " +
                        "published, size not; 0 explained by a null; 0 not replicated; 0 inconclusive. Our own, controls " +
                        "mostly: 0 replicated; 0 direction as published, size not; 0 explained by a null; " +
                        "0 not replicated; 1 inconclusive. They are judged by the present rules as soon as they are " +
                        "trained again.",
                    "",
                )
            lines.filter { "| then |" in it }.map { it.substringAfterLast("**: ") } shouldBe
                listOf("it is so; by the rules before |", "it is so; by the rules before |")
        }

        "where all are of one making, nothing is said of the other" {
            written(now).lines().filter { "rules before" in it } shouldBe listOf()
            written(then).lines().filter { "present rules. " in it || "Holm" in it } shouldBe listOf()
        }

        "n is that of the estimate, by the rules before that of the seeds" {
            val lines = written(now, then).lines()
            fun printed(experiment: String) =
                lines.filter { "| $experiment |" in it }.mapNotNull { Regex("n = \\d+").find(it)?.value }
            printed("now") shouldBe listOf("n = 2", "n = 2", "n = 0")
            printed("then") shouldBe listOf("n = 4", "n = 4")
        }

        "an entry without a family keeps its verdict and is none of those that others are judged among" {
            val claims = written(now, then).claims()
            claims.map { it.path("verdict").asText() } shouldBe
                listOf("replicated", "inconclusive", "failed", "replicated", "inconclusive")
            claims.map { it.path("family").path("claims").asInt() } shouldBe listOf(3, 3, 3, 0, 0)
            claims[0].path("family").path("false_discovery").doubleValue() shouldBe .003 // of three, not of five
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

private fun earlier(claim: String, source: String, verdict: String) =
    """{ "claim" : "$claim", "source" : "$source", $SEEDS, "verdict" : "$verdict", "reason" : "it is so" }"""
