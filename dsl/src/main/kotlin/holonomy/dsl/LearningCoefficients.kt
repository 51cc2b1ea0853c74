package holonomy.dsl

import holonomy.data.Table
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.lines
import holonomy.statistic.LearningStudy
import holonomy.text.counted

/** A handle on the local learning coefficients of runs' ends; can be read inside `figure`. */
class LearningCoefficients internal constructor(private val runs: Runs, request: DerivedRequest, archive: Archive) {
    internal val coefficients: Table by archive.once { read(archive, request, LearningStudy.COEFFICIENTS) }
    internal val chains: Table by archive.once { read(archive, request, LearningStudy.CHAINS) }

    private fun read(archive: Archive, request: DerivedRequest, file: String): Table {
        runs.finished() // whoever reads the result reads all of the runs
        return archive.table(listOf(request), file)
    }

    internal val ids
        get() = runs.ids
}

/**
 * The local learning coefficient of each run's end on its training set, by [chains] chains of [draws] Langevin steps
 * after a burn-in: n/ln n times how far the loss rises where they wander, n the training set's size. Undefined where
 * the chains run away or tell different things. Computed after the runs, kept in the store.
 *
 * @param localisation gamma of the pull back to the end, 1 / weight^2
 * @param step eps of a Langevin step, weight^2
 */
fun ExperimentScope.learningCoefficients(
    runs: Runs,
    localisation: Double,
    step: Double,
    chains: Int,
    burnIn: Int,
    draws: Int,
): LearningCoefficients {
    val cost =
        runs.points.map {
            LearningStudy.sampler(it.request.spec(), localisation, step, chains, burnIn, draws).gradients()
        }
    val label = "learning coefficients of ${counted(runs.points.size, "run")}"
    val request =
        DerivedRequest(runs.points, label, cost.first() * runs.points.size) { stored, words ->
            LearningStudy(stored, localisation, step, chains, burnIn, draws, words)
        }
    return LearningCoefficients(runs, request, derive(listOf(request)))
}

/**
 * What each chain gives for the learning coefficient from draw to draw, a panel for each seed; the caption says what
 * all of them give together, or why that is undefined.
 */
fun learningCoefficient(coefficients: LearningCoefficients, caption: String = ""): Figure =
    lines(
            name = "learning-coefficient",
            title = "Local learning coefficient of the end, by the draws so far",
            table = LearningStudy.panels(coefficients.chains),
            x = Axis(LearningStudy.DRAW.name(), "draws", "Langevin steps after the burn-in"),
            y = Axis("value", "n beta times the mean rise of the loss"),
            colour = LearningStudy.CHAIN.name(),
            facet = Facet(LearningStudy.PANEL.name(), 3),
            legend = "chain",
            caption =
                listOf(LearningStudy.words(coefficients.coefficients), caption)
                    .filter { it.isNotEmpty() }
                    .joinToString(" "),
            size = Size.PANELS,
        )
        .with(sources = coefficients.ids)
