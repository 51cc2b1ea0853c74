/** Intervals, exact tests and transforms over seeds. */
@NullMarked
package holonomy.stats;

import org.jspecify.annotations.NullMarked;
