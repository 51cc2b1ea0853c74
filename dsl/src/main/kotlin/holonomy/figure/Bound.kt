package holonomy.figure

/**
 * What the cells of a column say of values that are bounds: a run that never got somewhere is known to need longer than
 * it had. Such a value is drawn as a triangle that points to where the unknown one is, and enters no mean.
 */
object Bound {
    /** A value. */
    const val NONE = ""

    /** The unknown value is at least this. */
    const val AT_LEAST = "at least"

    /** The unknown value is at most this. */
    const val AT_MOST = "at most"

    /** Not even a bound is known: nothing is drawn, and no mean of the others. */
    const val UNKNOWN = "unknown"

    /** Every kind of bound that is drawn. */
    internal val kinds = listOf(AT_LEAST, AT_MOST)

    /** What the legend says. */
    internal fun level(kind: String) = "never reached: $kind"
}
