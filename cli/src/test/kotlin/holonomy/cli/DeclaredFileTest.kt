package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.laboratory.DeclaredClaims
import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File
import java.time.Instant

/** The claims of a `claims.json` that its record of declarations contradicts, each in words. */
internal fun undeclared(claims: JsonNode, record: DeclaredClaims): List<String> =
    claims
        .path("experiments")
        .flatMap { it.path("claims") }
        .filter { it.has("digest") }
        .mapNotNull { claim ->
            val said = claim.path("declared").textValue()?.let(Instant::parse)
            val recorded = record.at(claim.path("digest").asText())
            "${claim.path("claim").asText()}: declared $said, recorded $recorded"
                .takeIf { said == null || said != recorded }
        }

class DeclaredFileTest :
    FreeSpec({
        val figures = File(System.getProperty("holonomy.root"), "figures")
        val json = ObjectMapper()

        "every published claim that has a digest is recorded with the date it says" {
            val claims = json.readTree(File(figures, "claims.json"))
            claims.path("experiments").flatMap { it.path("claims") }.shouldNotBeEmpty()
            undeclared(claims, DeclaredClaims(figures.toPath().resolve(DeclaredClaims.FILE))) shouldBe listOf()
        }

        "a claim that was changed, or given another date, is found" {
            val folder = kotlin.io.path.createTempDirectory()
            val record = DeclaredClaims(folder.resolve(DeclaredClaims.FILE))
            val day = Instant.parse("2026-11-28T10:00:00Z")
            record.add(listOf(holonomy.dsl.DeclaredClaim("one", "it grows", "aaa")), day)
            fun claims(digest: String, at: String?) =
                json.readTree(
                    """{"experiments": [{"claims": [{"claim": "it grows", "digest": "$digest", "declared": $at}]}]}"""
                )
            undeclared(claims("aaa", "\"$day\""), record) shouldBe listOf()
            listOf(claims("bbb", "\"$day\""), claims("aaa", "null"), claims("aaa", "\"2026-11-27T10:00:00Z\"")).forAll {
                undeclared(it, record).size shouldBe 1
            }
            folder.toFile().deleteRecursively()
        }
    })
