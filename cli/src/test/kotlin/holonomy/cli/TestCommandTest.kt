package holonomy.cli

import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File

/** `holonomy test`, with a program in Maven's place that notes how it was called and prints a module's total. */
class TestCommandTest :
    FreeSpec({
        val root = tempdir()
        File(root, ".ci").mkdirs()
        File(root, ".ci/minimum-tests").writeText("5 5\n")
        val maven = File(root, "maven")
        maven.writeText(
            "#!/bin/sh\necho \"$@\" >'$root/called'\necho '[INFO] Tests run: 6, Failures: 0, Errors: 0, Skipped: 1'\n"
        )
        maven.setExecutable(true)

        fun called(vararg arguments: String): List<String> {
            val before = System.getProperty("holonomy.maven")
            System.setProperty("holonomy.maven", maven.path)
            try {
                val outcome = Commands(root.toPath())("test", *arguments)
                outcome.code shouldBe 0
                outcome.out shouldContain "5 passed, 0 failed, 1 skipped\n"
            } finally {
                if (before == null) System.clearProperty("holonomy.maven")
                else System.setProperty("holonomy.maven", before)
            }
            return File(root, "called").readText().trim().split(' ')
        }

        "leaves the nightly tests out" { called() shouldContain "-Dnightly=false" }
        "a failure in one module stops no other" { called() shouldContain "-Dmaven.test.failure.ignore=true" }
        "runs them with --all" { called("--all") shouldContain "-Dnightly=true" }
    })
