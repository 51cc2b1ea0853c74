/** What may be done to a training from outside: its gradients and steps filtered, its weights kicked. */
@NullMarked
package holonomy.intervention;

import org.jspecify.annotations.NullMarked;
