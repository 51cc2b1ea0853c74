package holonomy.cli

import holonomy.bench.Measured
import holonomy.data.UserError
import holonomy.product.ProductLibrary
import holonomy.run.Replay
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.util.Optional

class DoctorTest :
    FreeSpec({
        "the engine multiplies two matrices rightly here" { checkEngine().verdict shouldBe Verdict.OK }
        "the library of the matrix products is named, with the reason where it isn't OpenBLAS" {
            val chosen = ProductLibrary.chosen()
            checkProducts() shouldBe productCheck(chosen)
            fun library(name: String, kernel: String?, problem: String?) =
                ProductLibrary(
                    chosen.products(),
                    name,
                    "1.2",
                    Optional.ofNullable(kernel),
                    Optional.of("Zen"),
                    Optional.ofNullable(problem),
                )
            productCheck(library("OpenBLAS", "Zen", null)) shouldBe
                Check("products", Verdict.OK, "OpenBLAS 1.2, kernel Zen (forced by OPENBLAS_CORETYPE)")
            productCheck(library("PyTorch", null, "this processor has no AVX2")) shouldBe
                Check(
                    "products",
                    Verdict.WARNING,
                    "PyTorch 1.2; OpenBLAS can't be used: this processor has no AVX2",
                    "nothing is wrong with the results, but training takes longer; see OPENBLAS_CORETYPE and the log",
                )
        }
        "what verify says of a replay" {
            fun replay(problem: String?, other: String?) =
                Replay.Result(20, listOf(), listOfNotNull(problem), Optional.ofNullable(other))
            verdict(replay(null, null)) shouldBe "the same"
            verdict(replay(null, "made with A; here it is B")) shouldBe "the same"
            verdict(replay("step 6: x differs", null)) shouldBe "NOT the same: step 6: x differs"
            verdict(replay("step 6: x differs", "made with A; here it is B")) shouldBe
                "can't be told: the run was made with A; here it is B, which rounds differently (step 6: x differs). Verify it where it was made"
        }
        "a void line of the bench says why, not whether it holds" {
            val line = Measured.of("(c) x", "s", doubleArrayOf(1.0, 1.0, 1.0)).over("y", 3.0).atMost(2.0)
            benchLine(line).trimEnd().endsWith("3.00 x y  at most 2.00: DOES NOT HOLD") shouldBe true
            benchLine(line.voidFor("load 9.0 on 2 processors"))
                .endsWith("3.00 x y  VOID: load 9.0 on 2 processors") shouldBe true
        }
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
