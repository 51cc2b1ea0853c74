/** Sparse autoencoders and linear probes of recorded activations, their attribution and their ablation through the network. */
@NullMarked
package holonomy.probe;

import org.jspecify.annotations.NullMarked;
