package holonomy.cli

import holonomy.data.UserError
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File

class DoctorTest :
    FreeSpec({
        "the engine multiplies two matrices rightly here" { checkEngine().verdict shouldBe Verdict.OK }
        "a store that cannot be written is a problem with a remedy" {
            val file = File(tempdir(), "not-a-folder").apply { writeText("") }
            checkStore(file.toPath().resolve("runs").parent.parent).verdict shouldBe Verdict.OK
            val check = checkStore(File("/proc/runs").toPath())
            check.verdict shouldBe Verdict.PROBLEM
            check.remedy shouldContain "--store DIR"
        }
        "the temporary folder here is one that libraries can be loaded from" {
            checkTemporary().verdict shouldBe Verdict.OK
        }
        "a mistake of the user's says itself what to do" {
            Check.of("x", "do y") { throw UserError("z can't be; set it to 1") } shouldBe
                Check("x", Verdict.PROBLEM, "z can't be; set it to 1")
        }
        "a check that throws is a problem, not a crash" {
            Check.of("x", "do y") { error("z") } shouldBe
                Check("x", Verdict.PROBLEM, "java.lang.IllegalStateException: z", "do y")
        }
        "a remedy stands below what was found" {
            Check("fonts", Verdict.WARNING, "none", "install one").text() shouldBe
                "warning  fonts    none\n                  -> install one"
        }
    })
