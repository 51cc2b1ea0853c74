package holonomy.cli

import holonomy.dsl.ClaimDeclaration
import holonomy.dsl.Experiment
import holonomy.dsl.counted
import holonomy.experiment.Judgement
import holonomy.experiment.Numbers.brief
import holonomy.figure.Exported
import holonomy.figure.Figure
import holonomy.figure.Gallery
import holonomy.figure.GalleryClaim
import holonomy.figure.GalleryContent
import holonomy.figure.GalleryExperiment
import java.nio.file.Path

/**
 * What one experiment gave.
 *
 * @property drawn each figure that could be drawn, with its files
 * @property seconds training time of its runs, added up
 * @property problems what could not be drawn or judged, each in one line
 * @property failed the claims that could not be judged, each with the reason
 */
internal class ExperimentOutcome(
    val experiment: Experiment,
    val drawn: List<Pair<Figure, Exported>>,
    val judgements: List<Judgement>,
    val seconds: Double,
    val problems: List<String>,
    val failed: Map<ClaimDeclaration, String>,
)

/** Puts the outcomes of a figure set onto one page, `index.html`. */
internal object GalleryReport {
    fun write(title: String, about: String, outcomes: List<ExperimentOutcome>, home: Home, page: Path): Path =
        Gallery.write(GalleryContent(title, about, outcomes.map { experiment(it, home, page) }), page)

    private fun experiment(outcome: ExperimentOutcome, home: Home, page: Path): GalleryExperiment {
        val script = home.scriptOf(outcome.experiment.name)
        return GalleryExperiment(
            name = outcome.experiment.name,
            question = outcome.experiment.question,
            figures = outcome.drawn.map { (figure, exported) -> Gallery.figure(figure, exported, page) },
            claims = outcome.judgements.map(::claim) + outcome.failed.map { (claim, reason) -> failed(claim, reason) },
            scriptName = script?.name ?: "",
            script = script?.readText() ?: "",
            cost =
                "${counted(outcome.experiment.requests.size, "run")}, ${brief(outcome.seconds / 60)} minutes of training on one core",
            failure = outcome.problems.joinToString("\n").ifEmpty { null },
        )
    }

    private fun failed(claim: ClaimDeclaration, reason: String) =
        GalleryClaim(claim.text, claim.source, claim.published, MISSING, "", "", FAILED, reason)

    private fun claim(judgement: Judgement): GalleryClaim {
        val estimate = judgement.estimate()
        return GalleryClaim(
            text = judgement.claim().text(),
            source = judgement.claim().source(),
            published = judgement.claim().published(),
            estimate = brief(estimate.value()),
            interval = "${interval(estimate)}, ${counted(estimate.n(), "seed")}".trimStart(',', ' '),
            nulls =
                judgement.nulls().joinToString("; ") {
                    "${it.nullValue().name()} ${brief(it.value())} (${it.standing().name.lowercase()})"
                },
            verdict = judgement.verdict().words(),
            reason = judgement.reason(),
        )
    }
}
