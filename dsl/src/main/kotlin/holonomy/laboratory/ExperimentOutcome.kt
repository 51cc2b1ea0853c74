package holonomy.laboratory

import holonomy.dsl.ClaimDeclaration
import holonomy.dsl.Experiment
import holonomy.experiment.Judgement
import holonomy.figure.Exported
import holonomy.figure.Figure

/**
 * What one experiment gave.
 *
 * @property drawn each figure that could be drawn, with its files
 * @property seconds training time of its runs, added up
 * @property problems what could not be drawn or judged, each in one line
 * @property failed the claims that could not be judged, each with the reason
 */
class ExperimentOutcome(
    val experiment: Experiment,
    val drawn: List<Pair<Figure, Exported>>,
    val judgements: List<Judgement>,
    val seconds: Double,
    val problems: List<String>,
    val failed: Map<ClaimDeclaration, String>,
)
