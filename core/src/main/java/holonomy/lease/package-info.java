/** Who may write: leases between processes and machines, without comparing their clocks. */
@NullMarked
package holonomy.lease;

import org.jspecify.annotations.NullMarked;
