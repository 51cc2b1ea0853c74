/** What is computed from several finished runs together. */
@NullMarked
package holonomy.study;

import org.jspecify.annotations.NullMarked;
