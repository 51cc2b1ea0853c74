package holonomy.probe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.UserError;
import holonomy.train.Optimizer;

/**
 * The recipe of a sparse autoencoder.
 *
 * @param sparsity what makes its codes sparse
 * @param latents h
 * @param optimizer by default AdamW; its steps are followed by scaling every direction to norm 1
 * @param steps optimiser steps
 * @param batch rows per step
 */
public record ProbeTraining(Sparsity sparsity, int latents, Optimizer optimizer, int steps, int batch) {
    /** Bumped by hand whenever the same activations and recipe would give other weights. */
    public static final int SEMANTICS = 1;

    public ProbeTraining {
        if (latents < 1 || steps < 1 || batch < 1) {
            throw new UserError("sparse probe: expected at least 1 latent, 1 step and 1 row per step, found " + latents
                    + ", " + steps + " and " + batch);
        }
        sparsity.check(latents);
    }

    /** The recipe as data. */
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("semantics", SEMANTICS).put("latents", latents).put("steps", steps);
        node.put("batch", batch).set("sparsity", sparsity.spec());
        node.set("optimizer", optimizer.spec());
        return node;
    }
}
