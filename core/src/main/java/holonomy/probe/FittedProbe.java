package holonomy.probe;

import holonomy.data.Table;
import java.util.List;

/**
 * A trained sparse autoencoder with the record of its training.
 *
 * @param probe the autoencoder
 * @param history columns step, loss and l0 of the batch, and on held-out rows validation_loss, fvu (fraction of variance unexplained) and validation_l0; l1
 * @param latents columns latent, firing (share of held-out rows on which it is active), mean and variance of its value there
 * @param dead latents never active on held-out rows
 * @param warnings for people; empty if all is well
 */
public record FittedProbe(SparseProbe probe, Table history, Table latents, int dead, List<String> warnings) {
    /** A column of the history at its last row. */
    public double atEnd(String column) {
        return history.number(history.size() - 1, column);
    }
}
