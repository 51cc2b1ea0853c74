package holonomy.model;

/** What a block of weights does in a model. */
public enum Role {
    TOKEN_EMBEDDING("token_embedding"),
    POSITION_EMBEDDING("position_embedding"),
    ATTENTION_NORM_GAIN("norm.weight"),
    ATTENTION_NORM_BIAS("norm.bias"),
    QUERY("W_Q"),
    QUERY_BIAS("b_Q"),
    KEY("W_K"),
    KEY_BIAS("b_K"),
    VALUE("W_V"),
    VALUE_BIAS("b_V"),
    OUTPUT("W_O"),
    OUTPUT_BIAS("b_O"),
    MLP_NORM_GAIN("mlp.norm.weight"),
    MLP_NORM_BIAS("mlp.norm.bias"),
    MLP_GATE("mlp.W_gate"),
    MLP_GATE_BIAS("mlp.b_gate"),
    MLP_IN("mlp.W_in"),
    MLP_IN_BIAS("mlp.b_in"),
    MLP_OUT("mlp.W_out"),
    MLP_OUT_BIAS("mlp.b_out"),
    FINAL_NORM_GAIN("final_norm.weight"),
    FINAL_NORM_BIAS("final_norm.bias"),
    HEAD("head.weight"),
    HEAD_BIAS("head.bias");

    private final String label;

    Role(String label) {
        this.label = label;
    }

    /** The name of such a block without its layer, for instance {@code W_Q} or {@code mlp.W_in}. */
    public String label() {
        return label;
    }

    /** The name of such a block, for instance {@code layers.0.W_Q}; outside the layers (-1) {@link #label()}. */
    public String in(int layer) {
        return layer < 0 ? label : "layers." + layer + "." + label;
    }
}
