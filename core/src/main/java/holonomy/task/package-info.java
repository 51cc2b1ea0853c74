/** Synthetic problems whose batches are pure functions of (seed, stream, index). */
@NullMarked
package holonomy.task;

import org.jspecify.annotations.NullMarked;
