package holonomy.model;

/**
 * A place in the forward pass that can be recorded or replaced.
 *
 * @param kind what is there
 * @param layer 0 .. L-1; for the residual stream also -1, the embeddings
 */
public record Site(Kind kind, int layer) {
    /** What stands at a site. */
    public enum Kind {
        /** Attention pattern [B, H, T, T] after the softmax: row t holds the weights that token t gives to tokens 0 .. t. */
        ATTENTION,
        /** Residual stream [B, T, d] after the layer, before the next norm. */
        RESIDUAL
    }

    /** Attention pattern [B, H, T, T] of a layer. */
    public static Site attention(int layer) {
        return new Site(Kind.ATTENTION, layer);
    }

    /** Residual stream [B, T, d] after a layer; -1 for the embeddings. */
    public static Site residual(int layer) {
        return new Site(Kind.RESIDUAL, layer);
    }

    /** Fails for a site that the model does not have. */
    public void check(Model model) {
        int least = kind == Kind.RESIDUAL ? -1 : 0;
        if (model.layers() == 0 || layer < least || layer >= model.layers()) {
            throw new holonomy.data.UserError(
                    "site: the model has no " + kind.name().toLowerCase(java.util.Locale.ROOT) + " at layer " + layer
                            + (model.layers() == 0
                                    ? "; it has no layers"
                                    : "; expected " + least + ".." + (model.layers() - 1)));
        }
    }

    /** Number of values that stand there for so many sequences. */
    public int size(Model model, int batch) {
        int t = model.length();
        return kind == Kind.ATTENTION ? batch * model.heads() * t * t : batch * t * model.width();
    }
}
