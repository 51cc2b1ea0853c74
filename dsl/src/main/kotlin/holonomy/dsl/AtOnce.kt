package holonomy.dsl

import holonomy.cli.runHere

/**
 * Runs an experiment outside the launcher (plain `kotlin x.main.kts`): quick profile, store and pictures in the working
 * folder.
 */
internal fun runAtOnce(experiment: Experiment) {
    runHere(listOf(experiment))
}
