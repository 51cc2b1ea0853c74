/** The run store: what is kept of runs, checked when it is read, damaged entries set apart; published tables beside figures. */
@NullMarked
package holonomy.store;

import org.jspecify.annotations.NullMarked;
