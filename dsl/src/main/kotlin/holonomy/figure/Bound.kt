package holonomy.figure

import holonomy.data.Table
import holonomy.statistic.Bounded

/**
 * What a value stands for: a run that never got somewhere is known to need longer than it had. Such a value is drawn as
 * a triangle that points to where the unknown one is, and enters no mean; of an unknown one nothing is drawn.
 */
internal typealias Bound = Bounded.Bound

/** What a cell says of the row's value; tables hold the word. */
internal fun Table.Row.bound(column: String): Bound = text(column).let { word -> Bound.entries.first { "$it" == word } }

/** What the legend says. */
internal val Bound.level: String
    get() = "never reached: $this"
