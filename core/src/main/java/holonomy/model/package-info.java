/** The transformer as a pure function of (weights, tokens), on DJL. */
@NullMarked
package holonomy.model;

import org.jspecify.annotations.NullMarked;
