package holonomy.dsl

import holonomy.measure.Measures

/** Names of columns that an axis of a sweep may not take from tables and figures of runs. */
internal object TakenColumns {
    /** What tells runs apart, the columns of every measure, and those that figures add. */
    val names: Set<String> by lazy { OF_RUNS + OF_FIGURES + Measures.columns().map { it.name() } }

    private val OF_RUNS = setOf("arm", "task", "m_max", "seed", "run")

    private val OF_FIGURES =
        setOf("bound", "drawn at", "lower", "mark", "mean", "median", "n", "operation", "series", "upper", "value")
}
