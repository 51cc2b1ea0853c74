/** Tables, tensors and canonical JSON as values, and the files that hold them. */
@NullMarked
package holonomy.data;

import org.jspecify.annotations.NullMarked;
