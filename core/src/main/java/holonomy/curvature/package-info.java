/** Curvature of a loss: operators on weight space, their spectra and traces, and the loss between and around points. */
@NullMarked
package holonomy.curvature;

import org.jspecify.annotations.NullMarked;
