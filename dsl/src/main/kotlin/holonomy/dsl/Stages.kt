package holonomy.dsl

import holonomy.measure.Accuracy
import holonomy.run.Stage

/** The first snapshot at which the accuracy, mean over m, has reached [atLeast]. */
fun reaches(atLeast: Double, accuracy: AccuracyHandle): Stage = Stage.Reached(atLeast, accuracy.measure as Accuracy)

/** The first snapshot at or after [step]; the published stages are steps 2,000, 8,000 and 18,000. */
fun afterSteps(step: Long): Stage = Stage.Step(step)

/** The end of training. */
val endOfTraining: Stage = Stage.End()

/** Early, middle and late by accuracy: first at least .5, first at least .95, end. */
fun stagesByAccuracy(accuracy: AccuracyHandle): List<Stage> =
    listOf(reaches(.5, accuracy), reaches(.95, accuracy), endOfTraining)
