package holonomy.cli

/** Adds up the totals that Surefire prints, one per module. */
internal class TestTotals {
    private val totals = mutableListOf<String>()
    private var run = 0
    var failed = 0
        private set

    var skipped = 0
        private set

    /** Surefire's own lines. */
    val lines: List<String>
        get() = totals

    val passed: Int
        get() = run - failed - skipped

    /** Takes a line of Maven's output; only a module's total counts, not a suite's line, which ends in its time. */
    fun read(line: String) {
        val (tests, failures, errors, skips) = TOTAL.matchEntire(line)?.destructured ?: return
        totals += line.substringAfter("] ")
        run += tests.toInt()
        failed += failures.toInt() + errors.toInt()
        skipped += skips.toInt()
    }

    /** What is wrong with this outcome of a Maven that ended in [code], or null when nothing is. */
    fun complaint(minimum: Int, code: Int): String? =
        when {
            failed > 0 -> "$failed of $run tests failed"
            code != 0 -> "Maven failed (exit code $code) though no test did: format, compilation or set-up"
            passed < minimum ->
                "only $passed tests passed, at least $minimum must (.ci/minimum-tests): some were not found or skipped"
            else -> null
        }

    private companion object {
        val TOTAL =
            Regex("""\[(?:INFO|WARNING|ERROR)] Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)\s*""")
    }
}
