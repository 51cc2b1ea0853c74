/** Measures how long things take, each beside the floor it can't go below. */
@NullMarked
package holonomy.bench;

import org.jspecify.annotations.NullMarked;
