/** Intervals, exact tests and transforms over seeds. */
@NullMarked
package holonomy.inference;

import org.jspecify.annotations.NullMarked;
