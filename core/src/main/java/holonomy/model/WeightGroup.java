package holonomy.model;

/** A set of weight blocks that is snapshotted and analysed together. */
public enum WeightGroup {
    /** W_Q, W_K, W_V, W_O of every layer. */
    ATTENTION {
        @Override
        boolean holds(Block block) {
            return block.shortName().startsWith("W_");
        }
    },
    /** mlp.W_in and mlp.W_out of every layer; empty in an attention-only model. */
    MLP {
        @Override
        boolean holds(Block block) {
            return block.shortName().startsWith("mlp.W_");
        }
    },
    /** The attention and MLP matrices. */
    MATRICES {
        @Override
        boolean holds(Block block) {
            return ATTENTION.holds(block) || MLP.holds(block);
        }
    },
    /** Every block. */
    ALL {
        @Override
        boolean holds(Block block) {
            return true;
        }
    };

    abstract boolean holds(Block block);
}
