package holonomy.dsl

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File

/** The version stands in `pom.xml`; `scripts/set-version` brings it to the places that can't ask Maven. */
class VersionTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        fun version(file: String, pattern: String): List<String> =
            Regex(pattern).findAll(File(root, file).readText()).map { it.groupValues[1] }.toList()

        "one version everywhere" {
            val version = version("pom.xml", "<artifactId>holonomy</artifactId>\\s*<version>([^<]*)<").single()
            VERSION shouldBe version
            val places =
                listOf("core", "dsl", "cli", "spark").map {
                    "$it/pom.xml" to "<artifactId>holonomy</artifactId>\\s*<version>([^<]*)<"
                } +
                    ("CITATION.cff" to "(?m)^version: (.*)$") +
                    listOf("scripts/lab.main.kts", "scripts/grokking-lab.main.kts", "scripts/language-lab.main.kts")
                        .plus("docs/interactive.md")
                        .map { it to "holonomy:holonomy-dsl:([^\")]*)" }
            for ((file, pattern) in places) withClue(file) {
                val found = version(file, pattern)
                found.shouldNotBeEmpty()
                found.forEach { it shouldBe version }
            }
        }
    })
