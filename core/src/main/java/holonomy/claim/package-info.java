/** Claims: executable statements of a source, how they are judged, alone and as a family, and their verdicts. */
@NullMarked
package holonomy.claim;

import org.jspecify.annotations.NullMarked;
