package holonomy.cli

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.File

class TestTotalsTest :
    FreeSpec({
        fun read(vararg lines: String) = TestTotals().apply { lines.forEach(::read) }
        val passing =
            read(
                "[INFO] Running holonomy.data.TableTest",
                "[INFO] Tests run: 9, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.5 s -- in holonomy.data.TableTest",
                "[INFO] Tests run: 40, Failures: 0, Errors: 0, Skipped: 0",
                "[WARNING] Tests run: 12, Failures: 0, Errors: 0, Skipped: 2",
            )

        "the totals of the modules add up, those of the suites don't count again" {
            passing.passed shouldBe 50
            passing.skipped shouldBe 2
            passing.lines shouldContainExactly
                listOf(
                    "Tests run: 40, Failures: 0, Errors: 0, Skipped: 0",
                    "Tests run: 12, Failures: 0, Errors: 0, Skipped: 2",
                )
        }
        "nothing is wrong with enough tests and a content Maven" {
            passing.complaint(minimum = 50, code = 0) shouldBe null
        }
        "too few tests are a failure, green or not" {
            passing.complaint(minimum = 51, code = 0) shouldBe
                "only 50 tests passed, at least 51 must (.ci/minimum-tests): some were not found or skipped"
        }
        "failures and errors both fail" {
            val failing = read("[ERROR] Tests run: 10, Failures: 1, Errors: 2, Skipped: 0")
            failing.complaint(minimum = 1, code = 1) shouldBe "3 of 10 tests failed"
        }
        "a Maven that fails without a failing test is told apart" {
            passing.complaint(minimum = 1, code = 1) shouldBe
                "Maven failed (exit code 1) though no test did: format, compilation or set-up"
        }
        "the minimum is one of two numbers in a file, without the nightly tests and with them" {
            val file = File(tempdir(), "minimum-tests")
            shouldThrow<UserError> { minimumTests(file, all = false) }
            file.writeText("42\n")
            shouldThrow<UserError> { minimumTests(file, all = false) }
            file.writeText("42 50\n")
            listOf(false, true).map { minimumTests(file, it) } shouldBe listOf(42, 50)
        }
    })
