package holonomy.cli

import holonomy.dsl.Invocation
import holonomy.host.ScriptHost
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.io.File

/** The tutorial's excerpts, put together as it says, are a script that declares what it says. */
class TutorialTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        val text = File(root, "docs/tutorial.md").readText()
        val excerpts =
            Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(text).map { it.groupValues[1] }.toList()

        "every stage of the tutorial declares" {
            val folder = tempdir()
            File(folder, "scripts").mkdirs()
            File(root, "scripts/lab.main.kts").copyTo(File(folder, "scripts/lab.main.kts"))
            val script = File(folder, "experiments/width.main.kts").apply { parentFile.mkdirs() }
            val host = ScriptHost(tempdir())
            excerpts.size shouldBe 3
            excerpts.indices.forEach { stage ->
                val added = excerpts.subList(1, stage + 1).joinToString("\n")
                script.writeText(excerpts[0].trimEnd().removeSuffix("}") + added + "}\n")
                val declared = host.declare(script, Invocation()).single()
                declared.requests.size shouldBe 6
                declared.figures.map { it.name } shouldBe
                    if (stage < 1) listOf() else listOf("accuracy", "r90-against-width")
                declared.claims.size shouldBe if (stage < 2) 0 else 1
            }
        }

        "the edited sweep wants three runs more, and the same six" {
            excerpts[0].contains("axis(\"width\", 32, 64)") shouldBe true
            text.contains("axis(\"width\", 32, 64, 96)") shouldBe true
        }
    })
