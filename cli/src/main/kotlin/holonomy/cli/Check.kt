package holonomy.cli

import holonomy.data.UserError

/** How a doctor's check went. */
internal enum class Verdict(val word: String) {
    OK("ok"),
    WARNING("warning"),
    PROBLEM("problem"),
}

/**
 * The outcome of one check.
 *
 * @property found what was found
 * @property remedy what to do about it; empty where nothing needs doing
 */
internal data class Check(val name: String, val verdict: Verdict, val found: String, val remedy: String = "") {
    companion object {
        /**
         * A check that is never skipped: an exception in [body] is itself a problem, with [remedy]; a user's mistake
         * says itself what to do.
         */
        fun of(name: String, remedy: String, body: () -> Check): Check =
            try {
                body()
            } catch (mistake: UserError) {
                Check(name, Verdict.PROBLEM, mistake.message.orEmpty())
            } catch (failure: Throwable) {
                Check(name, Verdict.PROBLEM, failure.toString().lineSequence().first(), remedy)
            }
    }
}

/** A check as a line, with its remedy on the next one. */
internal fun Check.text(): String =
    "%-8s %-8s %s".format(verdict.word, name, found) + if (remedy.isEmpty()) "" else "\n${" ".repeat(18)}-> $remedy"
