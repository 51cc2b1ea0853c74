package holonomy.cli

import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.Home
import holonomy.laboratory.RunOptions

/** The page of each experiment of a command, `index.html` beside its pictures: how `holonomy run` ends. */
internal object ExperimentPages {
    fun write(outcomes: List<ExperimentOutcome>, options: RunOptions) {
        val home = Home.detect()
        val profile = options.invocation.profile
        for (outcome in outcomes.filter { it.drawn.isNotEmpty() || it.claims.isNotEmpty() }) {
            val name = outcome.experiment.name
            val folder = options.folder.resolve(name)
            val page = GalleryReport.write(name, "Profile $profile.", listOf(outcome), home, folder)
            options.display.say("$name: page $page, everything in $folder")
        }
    }
}
