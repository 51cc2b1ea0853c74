package holonomy.cli

import holonomy.laboratory.ExitCode
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File

class ScriptExitTest :
    FreeSpec({
        "a script that ends the process does not look like success, and is named with its line" {
            val root = tempdir()
            val script = File(root, "experiments/ends.main.kts").apply { parentFile.mkdirs() }
            script.writeText(
                """
                import holonomy.dsl.*
                experiment("ends", "Why?") {
                    figure("never") { kotlin.system.exitProcess(0) }
                }
                """
                    .trimIndent()
            )
            val java = File(System.getProperty("java.home"), "bin/java").path
            val words = listOf(java, "-cp", System.getProperty("java.class.path"), "-Dholonomy.root=$root")
            val process =
                ProcessBuilder(words + listOf("holonomy.cli.MainKt", "run", script.path, "--store", "$root/runs"))
                    .redirectErrorStream(true)
                    .start()
            val said = process.inputStream.bufferedReader().readText()
            process.waitFor() shouldBe ExitCode.USER
            said shouldContain
                "holonomy: ends.main.kts:3 ended the process (exitProcess or System.exit) before the command was done;\n"
            File(root, "runs").exists() shouldBe false
        }
    })
