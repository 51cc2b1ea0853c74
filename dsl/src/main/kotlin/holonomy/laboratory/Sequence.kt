package holonomy.laboratory

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.claim.Judgement
import holonomy.data.AtomicFiles
import holonomy.data.Numbers.brief
import holonomy.text.counted

/** What became of claims that seeds were added to: said, and kept as `until-decided.json` beside the figures. */
internal object Sequence {
    private val json = ObjectMapper().writerWithDefaultPrettyPrinter()

    fun print(experiment: String, courses: List<Course>, options: RunOptions) {
        options.display.say("")
        options.display.say("Claims of '$experiment', seeds added until decided")
        courses.flatMap(::lines).forEach(options.display::say)
        val folder = options.out.resolve(options.invocation.profile).resolve(experiment)
        val tree = mapOf("experiment" to experiment, "claims" to courses.map(::entry))
        AtomicFiles.standard().write(folder.resolve("until-decided.json"), json.writeValueAsBytes(tree))
    }

    private fun lines(course: Course): List<String> = buildList {
        val judgement = course.judgement
        add("  ${course.claim.text}")
        if (judgement != null) add("       measured  ${measured(judgement)}")
        val look =
            "look ${course.look + 1} of ${course.design.looks().size}, intervals of ${brief(course.design.level())}"
        add("       verdict   ${verdict(course)} ($look)")
    }

    private fun measured(judgement: Judgement): String {
        val estimate = judgement.estimate()
        return "${brief(estimate.value())}${interval(estimate)}, ${counted(estimate.n(), "seed")}"
    }

    private fun verdict(course: Course): String {
        val judgement = course.judgement
        val ended = course.ended
        return when {
            judgement == null -> ended ?: "not judged"
            course.isOpen && course.next == null -> "open after ${counted(course.n, "seed")}: ${judgement.reason()}"
            ended != null -> "${judgement.verdict().words()}: $ended"
            else -> "${judgement.verdict().words()}: ${judgement.reason()}"
        }
    }

    private fun entry(course: Course): Map<String, Any?> {
        val estimate = course.judgement?.estimate()
        fun finite(value: Double?) = value?.takeIf { it.isFinite() }
        return linkedMapOf(
            "claim" to course.claim.text,
            "verdict" to course.judgement?.verdict()?.words(),
            "reason" to (course.ended ?: course.judgement?.reason()),
            "open" to course.isOpen,
            "look" to course.look + 1,
            "looks" to course.design.looks(),
            "level" to course.design.level(),
            "seeds" to course.seedsAt(course.n),
            "estimate" to finite(estimate?.value()),
            "low" to finite(estimate?.low()),
            "high" to finite(estimate?.high()),
        )
    }
}
