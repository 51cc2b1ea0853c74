/** What determines a run, and claims: executable statements of a source with their verdicts. */
@NullMarked
package holonomy.experiment;

import org.jspecify.annotations.NullMarked;
