/**
 * The transformer's forward and backward pass written out for the CPU in float32: dense matrix products by {@link
 * holonomy.product}, everything between them in passes over Java arrays. Activations are feature-major, [feature, column]; a column is one token of one sequence.
 * {@link holonomy.model.fused.OneToken} puts many sequences side by side ({@link holonomy.model.fused.Columns}), {@link
 * holonomy.model.fused.EveryToken} one behind the other, so that a head's matrices are slices.
 *
 * <p>The loops have the form that HotSpot's compiler turns into vector instructions: several arrays, one index, no offsets in it.
 */
@NullMarked
package holonomy.model.fused;

import org.jspecify.annotations.NullMarked;
