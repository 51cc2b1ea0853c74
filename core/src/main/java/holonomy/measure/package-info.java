/** What is measured along a training; each measure fills its own table. */
@NullMarked
package holonomy.measure;

import org.jspecify.annotations.NullMarked;
