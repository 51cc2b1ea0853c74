package holonomy.dsl

/** Names of columns that an axis of a sweep may not take from tables and figures of runs. */
internal object TakenColumns {
    /** What tells runs apart, the columns of every measure, and those that figures add. */
    val names: Set<String> by lazy {
        OF_RUNS + OF_FIGURES + measures.flatMap { m -> m.measure.columns().map { it.name() } }
    }

    private const val SOME = 9

    private val OF_RUNS = setOf("arm", "task", "m_max", "seed", "run")

    private val OF_FIGURES =
        setOf("bound", "drawn at", "lower", "mark", "mean", "median", "n", "operation", "series", "upper", "value")

    private val measures: List<MeasureHandle> =
        listOf(
            accuracy(1),
            trainingCurve(1),
            pairAccuracy(1),
            attentionEntropy(1),
            trajectorySpectrum(),
            subspaceDistance(SOME),
            headSpectra(SOME),
            cosineToFinal(SOME),
            decayControls(snapshots = SOME),
            commutators(1, SOME),
            converse(1, SOME, 1),
        )
}
