package holonomy.dsl

import holonomy.Nightly
import holonomy.laboratory.ExitCode
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import holonomy.train.Sgd
import holonomy.train.Training
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File

/** A script as plain `kotlin` runs it, in a process of its own: one experiment that works, or one that diverges. */
internal object AtOnceScript {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val small = tiny.copy(steps = 6, batch = 4)
        val wild = Training(Sgd.of(1e30), small.steps, small.batch)
        val arm = if ("wild" in arguments) small.attentionOnly.trainedBy(wild, name = "wild") else small.attentionOnly
        experiment("at-once", question = "Does it run?", study = "running") {
            val seen = accuracy(3, 16)
            val runs = train(arm, listOf(small.mainTask), listOf(1)) { measure(seen) }
            figure("accuracy") { accuracyOverSteps(runs, seen) }
            claim("it ends", source = "ours", published = "none") { runs.finalAccuracy(seen) isAtLeast -99.0 }
        }
        println("the script goes on")
    }
}

/** An experiment without the launcher, on the library's class path alone, runs as soon as it is declared. */
class AtOnceTest :
    FreeSpec({
        val folder = tempdir()

        fun kotlin(vararg arguments: String): Pair<Int, String> {
            val java = File(System.getProperty("java.home"), "bin/java").path
            val options = listOf("-Dai.djl.offline=true", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
            val script = listOf("-cp", System.getProperty("java.class.path"), AtOnceScript::class.java.name)
            val process =
                ProcessBuilder(listOf(java) + options + script + arguments)
                    .directory(folder)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
            val said = process.inputReader().readText()
            return process.waitFor() to said
        }

        "trains, draws and judges in the working folder, and the script goes on" {
            val (code, said) = kotlin()
            withClue(said) {
                code shouldBe ExitCode.DONE
                said shouldContain "1 run: 0 in the store, 1 to train; "
                said shouldContain "Claims of 'at-once'\n"
                said shouldContain "at-once: 1 figure in ${folder.canonicalPath}/out/quick/at-once ("
                said shouldContain "\nthe script goes on\n"
                File(folder, "out/quick/at-once").list()!!.toList() shouldContainAll
                    listOf("svg", "png", "csv", "json").map { "accuracy.$it" } + "claims.json"
                File(folder, "runs").isDirectory shouldBe true
            }
        }

        "ends the process with the launcher's exit code where something failed"
            .config(tags = setOf(Nightly)) {
                val (code, said) = kotlin("wild")
                withClue(said) {
                    code shouldBe ExitCode.RUN_FAILED
                    said shouldContain "1 of the runs did not complete:\n  wild, "
                    said.contains("the script goes on") shouldBe false
                }
            }
    })
