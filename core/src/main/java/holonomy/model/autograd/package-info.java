/** Networks by the engine's autograd: every architecture, every device, float32 and float64. */
@NullMarked
package holonomy.model.autograd;

import org.jspecify.annotations.NullMarked;
