package holonomy.laboratory

import holonomy.claim.Claim
import holonomy.claim.Sequential
import holonomy.data.Numbers.brief
import holonomy.inference.Proportion
import holonomy.text.counted

/**
 * What is known of claims before anything trains: which no seeds can make testable, and which are outcomes of too few
 * seeds to be decided whatever comes out.
 *
 * @param claims each with the level of its intervals
 * @param foresee a claim as far as it is known without data
 */
internal class Foresight(claims: List<Pair<Course, Double>>, foresee: (Course) -> Claim?) {
    private val levels = claims.toMap()
    private val foreseen: Map<Course, Claim> =
        claims.mapNotNull { (course, _) -> foresee(course)?.let { course to it } }.toMap()

    /** Claims with a condition on sizes that doesn't hold, with the words. */
    val settled: Map<Course, String> =
        foreseen
            .mapNotNull { (course, claim) ->
                claim
                    .conditions()
                    .firstOrNull { it.beforehand() && !it.holds() }
                    ?.let { course to "needs ${it.text()}, found ${it.found()}" }
            }
            .toMap()

    private val undecidable: List<Course> = foreseen.keys.filter { it !in settled && !canDecide(it, it.n) }

    private fun canDecide(course: Course, n: Int) =
        Sequential.canDecide(foreseen.getValue(course), n, levels.getValue(course))

    /** The first look that can decide a claim; null where none is foreseen. */
    fun first(course: Course): Int? =
        if (course in foreseen) course.design.looks().firstOrNull { canDecide(course, it) } else null

    fun lines(): List<String> =
        settled.map { (course, why) ->
            "can't be tested here: '${course.claim.text}' (${course.experiment.name}) $why"
        } + undecidable.map(::words)

    private fun words(course: Course): String {
        val n = course.n
        val level = levels.getValue(course)
        val best = Proportion.wilson(n, n, level)
        val enough = generateSequence(n + 1) { it + 1 }.take(MOST).firstOrNull { canDecide(course, it) }
        val from = enough?.let { "from ${counted(it, "seed")} on it can be" } ?: "nor with $MOST seeds"
        return "can't be decided with ${counted(n, "seed")}, whatever comes out: '${course.claim.text}' (${course.experiment.name}), " +
            "a share of runs of ${foreseen.getValue(course).claimed()}; $n of $n would say ${brief(best.low())} to 1; $from"
    }

    private companion object {
        const val MOST = 1000
    }
}
