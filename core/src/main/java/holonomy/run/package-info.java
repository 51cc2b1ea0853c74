/** The run store and the runner: what is trained, where it is kept, what is reused. */
@NullMarked
package holonomy.run;

import org.jspecify.annotations.NullMarked;
