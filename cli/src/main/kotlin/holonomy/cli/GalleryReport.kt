package holonomy.cli

import holonomy.claim.Family
import holonomy.data.Numbers.brief
import holonomy.dsl.ClaimDeclaration
import holonomy.gallery.Gallery
import holonomy.gallery.GalleryClaim
import holonomy.gallery.GalleryContent
import holonomy.gallery.GalleryExperiment
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.FAILED
import holonomy.laboratory.Home
import holonomy.laboratory.JudgedClaim
import holonomy.laboratory.MISSING
import holonomy.laboratory.interval
import holonomy.laboratory.scriptName
import holonomy.text.counted
import java.nio.file.Path

/** Puts the outcomes of a figure set onto one page, `index.html`. */
internal object GalleryReport {
    fun write(title: String, about: String, outcomes: List<ExperimentOutcome>, home: Home, page: Path): Path =
        Gallery.write(GalleryContent(title, about, outcomes.map { experiment(it, home, page) }, tried(outcomes)), page)

    /** How many claims were tried, and what stands among them; empty without any. */
    private fun tried(outcomes: List<ExperimentOutcome>): String {
        val places = outcomes.flatMap { it.places }
        return if (places.isEmpty()) "" else Family.words(places) + "."
    }

    private fun experiment(outcome: ExperimentOutcome, home: Home, page: Path): GalleryExperiment {
        val script = home.scriptOf(outcome.experiment.name)
        return GalleryExperiment(
            name = outcome.experiment.name,
            question = outcome.experiment.question,
            figures = outcome.drawn.map { (figure, exported) -> Gallery.figure(figure, exported, page) },
            claims = outcome.claims.map(::claim) + outcome.failed.map { (claim, reason) -> failed(claim, reason) },
            scriptName = script?.name ?: "",
            script = script?.readText() ?: "",
            cost =
                "${counted(outcome.experiment.requests.size, "run")}, ${brief(outcome.seconds / 60)} minutes of training on one core",
            failure = outcome.problems.joinToString("\n").ifEmpty { null },
            study = outcome.experiment.study.orEmpty(),
        )
    }

    private fun failed(claim: ClaimDeclaration, reason: String) =
        GalleryClaim(claim.text, claim.source, claim.published, MISSING, "", "", FAILED, reason)

    private fun claim(judged: JudgedClaim): GalleryClaim {
        val judgement = judged.judgement
        val estimate = judgement.estimate()
        return GalleryClaim(
            text = judgement.claim().text(),
            source = judgement.claim().source(),
            published = judgement.claim().published(),
            estimate = brief(estimate.value()),
            interval = "${interval(estimate)}, ${counted(estimate.n(), "seed")}".trimStart(',', ' '),
            nulls = judged.nulls,
            verdict = judged.verdict.words(),
            reason = listOfNotNull(judged.reason, judged.declared?.words).joinToString("; "),
        )
    }
}
