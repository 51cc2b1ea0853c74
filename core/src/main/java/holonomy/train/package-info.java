/** The training recipe and its loop: optimisers, schedules, snapshots, the seam for measures. */
@NullMarked
package holonomy.train;

import org.jspecify.annotations.NullMarked;
