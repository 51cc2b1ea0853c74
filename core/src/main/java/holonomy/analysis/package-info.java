/** Snapshots that someone else trained: folders of safetensors files as trajectories, and what can be said of them. */
@NullMarked
package holonomy.analysis;

import org.jspecify.annotations.NullMarked;
