package holonomy.probe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.UserError;

/** What makes the codes of a sparse autoencoder sparse. */
public sealed interface Sparsity {
    /** The rule as data. */
    ObjectNode spec();

    /** A few words for labels, for instance {@code top 16}. */
    String label();

    /** Fails where the rule can't work with this many latents. */
    default void check(int latents) {}

    /** {@code z = ReLU(W_enc x + b_enc)}, loss {@code |x^ - x|^2 + l1 sum z}: the form of arXiv 2602.10496's text. */
    record Relu(double l1) implements Sparsity {
        public Relu {
            if (!(l1 >= 0 && Double.isFinite(l1))) {
                throw new UserError("sparse probe: expected an L1 weight of at least 0, found " + l1);
            }
        }

        @Override
        public ObjectNode spec() {
            return JsonNodeFactory.instance.objectNode().put("kind", "relu").put("l1", l1);
        }

        @Override
        public String label() {
            return "ReLU, L1 " + l1;
        }
    }

    /**
     * {@link Relu} whose L1 weight is steered during the first two thirds of training until about {@code active} latents are active per row, and held
     * from then on: the paper states neither the weight nor the width.
     */
    record SteeredRelu(double active) implements Sparsity {
        public SteeredRelu {
            if (!(active > 0 && Double.isFinite(active))) {
                throw new UserError("sparse probe: expected a positive number of active latents, found " + active);
            }
        }

        @Override
        public void check(int latents) {
            if (active > latents) {
                throw new UserError("sparse probe: expected at most as many active latents as there are (" + latents
                        + "), found " + active);
            }
        }

        @Override
        public ObjectNode spec() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("kind", "steered-relu")
                    .put("active", active);
        }

        @Override
        public String label() {
            return "ReLU, about " + (active == Math.rint(active) ? String.valueOf((long) active) : active) + " active";
        }
    }

    /** z = the k largest of {@code W_enc (x - b_dec) + b_enc}, ties by lower index: the form of the published code. */
    record TopK(int k) implements Sparsity {
        public TopK {
            if (k < 1) {
                throw new UserError("sparse probe: expected to keep at least 1 latent, found k = " + k);
            }
        }

        @Override
        public void check(int latents) {
            if (k > latents) {
                throw new UserError("sparse probe: expected k of at most the number of latents (" + latents
                        + "), found k = " + k + "; use a smaller k or more latents");
            }
        }

        @Override
        public ObjectNode spec() {
            return JsonNodeFactory.instance.objectNode().put("kind", "topk").put("k", k);
        }

        @Override
        public String label() {
            return "top " + k;
        }
    }
}
