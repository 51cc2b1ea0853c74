package holonomy.model;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** A set of weight blocks that is snapshotted and analysed together. */
public enum WeightGroup {
    /** W_Q, W_K, W_V, W_O of every layer. */
    ATTENTION(EnumSet.of(Role.QUERY, Role.KEY, Role.VALUE, Role.OUTPUT)),
    /** mlp.W_in, mlp.W_out and, where the activation has one, mlp.W_gate of every layer; empty in an attention-only model. */
    MLP(EnumSet.of(Role.MLP_GATE, Role.MLP_IN, Role.MLP_OUT)),
    /** The token and position embeddings. */
    EMBEDDINGS(EnumSet.of(Role.TOKEN_EMBEDDING, Role.POSITION_EMBEDDING)),
    /** The attention and MLP matrices. */
    MATRICES(EnumSet.of(Role.QUERY, Role.KEY, Role.VALUE, Role.OUTPUT, Role.MLP_GATE, Role.MLP_IN, Role.MLP_OUT)),
    /** Every block. */
    ALL(EnumSet.allOf(Role.class));

    private final Set<Role> roles;

    WeightGroup(Set<Role> roles) {
        this.roles = roles;
    }

    /** Whether a model may have a block that is in both. */
    public boolean meets(WeightGroup other) {
        return !Collections.disjoint(roles, other.roles);
    }

    boolean holds(Block block) {
        return roles.contains(block.role());
    }
}
