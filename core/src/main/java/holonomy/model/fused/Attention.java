package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Transformer;
import org.jspecify.annotations.Nullable;

/** One layer's norm, attention and residual sum, forward and backward; in the last layer for the query of the token read out only. */
final class Attention implements AutoCloseable {
    private final Transformer model;
    private final Matrices weights;
    private final Shared shared;
    private final boolean trimmed;
    private final Columns keys;
    private final Columns queries;
    private final int features;
    private final float scale;
    private final Norm norm;
    private final Head head;
    private final HostArray normed;
    private final @Nullable HostArray lastNormed;
    private final HostArray mixed;
    /** Patterns [group][head], kept for the backward pass. */
    private final Tile[][] patterns;

    /** Queries times 1 / sqrt(d/H), keys and values, [group][head], kept as well. */
    private final Tile[][] q;

    private final Tile[][] k;
    private final Tile[][] v;

    Attention(NDManager manager, Transformer model, Matrices weights, Shared shared, boolean trimmed) {
        this.model = model;
        this.weights = weights;
        this.shared = shared;
        this.trimmed = trimmed;
        int width = model.width();
        keys = shared.columns;
        queries = trimmed ? new Columns(keys.batch(), 1) : keys;
        features = width / model.heads();
        scale = (float) (1 / Math.sqrt(features));
        norm = new Norm(
                width, keys.count(), weights.offset("norm.weight"), weights.offset("norm.bias"), shared.scratch);
        int sequences = Math.min(keys.batch(), Columns.GROUP);
        head = new Head(queries.tokens(), keys.tokens(), features, sequences, model.causal());
        normed = new HostArray(manager, width, keys.count());
        lastNormed = trimmed ? new HostArray(manager, width, queries.count()) : null;
        mixed = new HostArray(manager, width, queries.count());
        patterns = tiles(queries.tokens(), keys.tokens());
        q = tiles(queries.tokens(), features);
        k = tiles(keys.tokens(), features);
        v = tiles(keys.tokens(), features);
    }

    private Tile[][] tiles(int first, int second) {
        Tile[][] tiles = new Tile[keys.groups()][model.heads()];
        for (int g = 0; g < tiles.length; g++) {
            for (int h = 0; h < tiles[g].length; h++) {
                tiles[g][h] = new Tile(first, second, keys.size(g));
            }
        }
        return tiles;
    }

    /** Projections of the normed residual stream: q below its own columns, k and v below all. */
    private record Projections(Product q, Product kv, int key) implements AutoCloseable {
        @Override
        public void close() {
            q.close();
            if (kv != q) {
                kv.close();
            }
        }
    }

    /**
     * Adds the block's output to the residual stream at the query columns.
     *
     * @param x residual stream [d][columns]; read
     * @param target residual stream at the query columns, x itself unless trimmed. Modified.
     */
    void forward(float[][] x, float[] theta, float[][] target) {
        norm.forward(x, theta, normed);
        try (Projections from = project()) {
            readAll(from, theta);
        }
        attend();
        float[] row = shared.scratch.row(0);
        int bias = weights.offset("b_O");
        int n = queries.count();
        try (Product output = Product.of(weights.output.array(), mixed.array())) {
            for (int j = 0; j < model.width(); j++) {
                output.get(j, 0, row, n);
                Rows.shiftScale(row, theta[bias + j], 1, n);
                Rows.add(target[j], row, n);
            }
        }
    }

    private Projections project() {
        if (lastNormed == null) {
            Product all = Product.of(weights.attention.array(), normed.array());
            return new Projections(all, all, model.width());
        }
        float[] row = shared.scratch.row(0);
        for (int j = 0; j < model.width(); j++) {
            for (int g = 0; g < keys.groups(); g++) {
                normed.get(j, keys.start(g, model.readout()), row, keys.size(g));
                lastNormed.put(j, queries.start(g, 0), row, keys.size(g));
            }
        }
        return new Projections(
                Product.of(weights.query.array(), lastNormed.array()),
                Product.of(weights.keyValue.array(), normed.array()),
                0);
    }

    private void readAll(Projections from, float[] theta) {
        int width = model.width();
        read(from.q(), 0, queries, q, theta, weights.offset("b_Q"), scale);
        read(from.kv(), from.key(), keys, k, theta, weights.offset("b_K"), 1);
        read(from.kv(), from.key() + width, keys, v, theta, weights.offset("b_V"), 1);
    }

    private void read(Product from, int row, Columns columns, Tile[][] into, float[] theta, int bias, float factor) {
        for (int g = 0; g < columns.groups(); g++) {
            int n = columns.size(g);
            for (int feature = 0; feature < model.width(); feature++) {
                float[][] ofFeature = into[g][feature / features].bySecond[feature % features];
                for (int t = 0; t < columns.tokens(); t++) {
                    from.get(row + feature, columns.start(g, t), ofFeature[t], n);
                    Rows.shiftScale(ofFeature[t], theta[bias + feature], factor, n);
                }
            }
        }
    }

    private void attend() {
        int at = 0;
        for (int g = 0; g < keys.groups(); g++) {
            for (int h = 0; h < model.heads(); h++) {
                head.scores(q[g][h], k[g][h], patterns[g][h], keys.size(g));
                at = write(patterns[g][h], at, keys.size(g));
            }
        }
        try (Product powers = Product.exp(shared.scores)) {
            at = 0;
            for (int g = 0; g < keys.groups(); g++) {
                for (int h = 0; h < model.heads(); h++) {
                    at = read(powers, patterns[g][h], at, keys.size(g));
                    mix(g, h);
                }
            }
        }
    }

    private void mix(int g, int h) {
        int n = keys.size(g);
        head.normalise(patterns[g][h], n);
        head.overKeys(patterns[g][h], v[g][h], shared.dmixed, n);
        for (int j = 0; j < features; j++) {
            for (int t = 0; t < queries.tokens(); t++) {
                mixed.put(h * features + j, queries.start(g, t), shared.dmixed.byFirst[t][j], n);
            }
        }
    }

    private int write(Tile scores, int at, int n) {
        int row = at;
        for (int t = 0; t < queries.tokens(); t++) {
            for (int s = 0; s < head.seen(t); s++) {
                shared.scores.put(row++, 0, scores.byFirst[t][s], n);
            }
        }
        return row;
    }

    private int read(Product powers, Tile pattern, int at, int n) {
        int row = at;
        for (int t = 0; t < queries.tokens(); t++) {
            for (int s = 0; s < head.seen(t); s++) {
                powers.get(row++, 0, pattern.byFirst[t][s], n);
            }
        }
        return row;
    }

    /**
     * The derivative with respect to the residual stream before the layer, and to the layer's weights.
     *
     * @param dtarget derivative with respect to {@code target} of the forward pass, [d][query columns]
     * @param dx receives, added, the part that went through the block. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient) {
        int n = queries.count();
        HostArray output = trimmed ? shared.lastOutput : shared.output;
        for (int j = 0; j < model.width(); j++) {
            gradient[weights.offset("b_O") + j] = Rows.sum(dtarget[j], n);
            output.put(j, 0, dtarget[j], n);
        }
        set(output, mixed, gradient, weights.offset("W_O"));
        try (Product dmixed = Product.of(weights.output.transposed(), output.array())) {
            attendBackward(dmixed, gradient);
        }
        projectBackward(theta, dx, gradient);
    }

    private void attendBackward(Product dmixed, float[] gradient) {
        for (String bias : new String[] {"b_Q", "b_K", "b_V"}) {
            int at = weights.offset(bias);
            java.util.Arrays.fill(gradient, at, at + model.width(), 0f);
        }
        HostArray dq = trimmed ? shared.lastQuery : shared.attention;
        for (int g = 0; g < keys.groups(); g++) {
            int n = keys.size(g);
            for (int h = 0; h < model.heads(); h++) {
                read(dmixed, g, h);
                head.scoresBackward(patterns[g][h], shared.dmixed, v[g][h], shared.dscores, n);
                head.overQueries(patterns[g][h], shared.dmixed, shared.dv, n);
                head.overQueries(shared.dscores, q[g][h], shared.dk, n);
                head.overKeys(shared.dscores, k[g][h], shared.dq, n);
                write(shared.dq, dq, 0, queries, g, h, gradient, weights.offset("b_Q"), scale);
                write(shared.dk, shared.attention, model.width(), keys, g, h, gradient, weights.offset("b_K"), 1);
                write(shared.dv, shared.attention, 2 * model.width(), keys, g, h, gradient, weights.offset("b_V"), 1);
            }
        }
    }

    private void read(Product dmixed, int g, int h) {
        for (int t = 0; t < queries.tokens(); t++) {
            for (int j = 0; j < features; j++) {
                dmixed.get(h * features + j, queries.start(g, t), shared.dmixed.byFirst[t][j], queries.size(g));
            }
        }
    }

    private void write(
            Tile from, HostArray to, int row, Columns columns, int g, int h, float[] gradient, int bias, float factor) {
        int n = columns.size(g);
        for (int j = 0; j < features; j++) {
            int feature = h * features + j;
            float[] sum = shared.scratch.zeroed(0, n);
            for (int t = 0; t < columns.tokens(); t++) {
                float[] values = from.byFirst[t][j];
                if (factor != 1) {
                    Rows.shiftScale(values, 0, factor, n);
                }
                Rows.add(sum, values, n);
                to.put(row + feature, columns.start(g, t), values, n);
            }
            gradient[bias + feature] += Rows.sum(sum, n);
        }
    }

    private void projectBackward(float[] theta, float[][] dx, float[] gradient) {
        HostArray weight = trimmed ? weights.keyValue : weights.attention;
        HostArray derivative = trimmed ? shared.keyValue : shared.attention;
        Scratch scratch = shared.scratch;
        int width = model.width();
        try (Product dweight = Product.of(derivative.array(), normed.transposed());
                Product dnormed = Product.of(weight.transposed(), derivative.array())) {
            float[][] dy = scratch.read(dnormed, width, keys.count());
            int row = 0;
            if (lastNormed != null) {
                set(shared.lastQuery, lastNormed, gradient, weights.offset("W_Q"));
                addLast(dy);
            } else {
                dweight.copyRows(row, width, gradient, weights.offset("W_Q"));
                row += width;
            }
            dweight.copyRows(row, width, gradient, weights.offset("W_K"));
            dweight.copyRows(row + width, width, gradient, weights.offset("W_V"));
            norm.backward(dy, theta, dx, gradient);
        }
    }

    /** Adds what came through the last token's query. Modified: dy. */
    private void addLast(float[][] dy) {
        float[] row = shared.scratch.row(0);
        try (Product last = Product.of(weights.query.transposed(), shared.lastQuery.array())) {
            for (int j = 0; j < model.width(); j++) {
                for (int g = 0; g < keys.groups(); g++) {
                    last.get(j, queries.start(g, 0), row, keys.size(g));
                    int start = keys.start(g, model.readout());
                    for (int b = 0; b < keys.size(g); b++) {
                        dy[j][start + b] += row[b];
                    }
                }
            }
        }
    }

    private static void set(HostArray derivative, HostArray input, float[] gradient, int at) {
        try (Product product = Product.of(derivative.array(), input.transposed())) {
            product.copyTo(gradient, at);
        }
    }

    @Override
    public void close() {
        normed.close();
        if (lastNormed != null) {
            lastNormed.close();
        }
        mixed.close();
    }
}
