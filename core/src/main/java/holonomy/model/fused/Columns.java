package holonomy.model.fused;

/**
 * Where token t of sequence b stands among the columns of an activation: sequences in groups, within a group token by token, so that one token's values
 * in a whole group lie side by side.
 *
 * @param batch B, sequences
 * @param tokens T, tokens per sequence
 */
record Columns(int batch, int tokens) {
    /** Sequences per group: long enough for vector loops, short enough for what a group's attention uses at once to stay in the cache. */
    static final int GROUP = 128;

    int count() {
        return batch * tokens;
    }

    int groups() {
        return (batch + GROUP - 1) / GROUP;
    }

    /** Sequences in a group. */
    int size(int group) {
        return Math.min(GROUP, batch - group * GROUP);
    }

    /** The column of a group's first sequence at token t. */
    int start(int group, int t) {
        return group * GROUP * tokens + t * size(group);
    }
}
