/** The geometry of a trajectory through weight space: Gram matrices, spectra, their nulls, subspaces. */
@NullMarked
package holonomy.geometry;

import org.jspecify.annotations.NullMarked;
