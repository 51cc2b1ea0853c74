package holonomy.cli

import holonomy.dsl.FigureSet
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.Home
import holonomy.laboratory.RunOptions
import holonomy.store.Provenance

/** The page and the verdicts of a figure set, written into `out/PROFILE/` and, when publishing, into `figures/`. */
class FigureSetReport(private val set: FigureSet, private val home: Home) {
    internal fun write(outcomes: List<ExperimentOutcome>, options: RunOptions) {
        val profile = options.invocation.profile
        val folder = options.folder
        val page = GalleryReport.write(set.title, "${set.about} ${source(profile)}", outcomes, home, folder)
        ClaimsReport.write(outcomes, profile, folder, published = home.figures)
        options.display.say("Page: $page; verdicts: ${folder.resolve("CLAIMS.md")}")
        options.publish?.let { ClaimsReport.publish(outcomes, profile, it) }
    }

    private fun source(profile: String): String {
        val provenance = Provenance.collect(home.root)
        val revision = provenance.at("/git/revision").asText().take(REVISION)
        return "Profile $profile; Holonomy ${provenance.path("holonomy").asText()}${if (revision.isEmpty()) "" else " at $revision"}; " +
            "${provenance.path("cpu").asText()}; ${provenance.path("time").asText().take(DATE)}."
    }

    private companion object {
        const val REVISION = 10
        const val DATE = 10
    }
}
