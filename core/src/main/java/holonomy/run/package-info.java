/** The runner: what is trained, resumed, forked, derived, and what is reused from the store. */
@NullMarked
package holonomy.run;

import org.jspecify.annotations.NullMarked;
