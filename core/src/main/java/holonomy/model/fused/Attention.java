package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Transformer;
import org.jspecify.annotations.Nullable;

/** One layer's norm, attention and residual sum, forward and backward; in the last layer for the last token's query only. */
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

    private @Nullable Projections projections;

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
        head = new Head(queries.tokens(), keys.tokens(), features, sequences);
        normed = new HostArray(manager, width, keys.count());
        lastNormed = trimmed ? new HostArray(manager, width, queries.count()) : null;
        mixed = new HostArray(manager, width, queries.count());
        patterns = new Tile[keys.groups()][model.heads()];
        for (Tile[] ofGroup : patterns) {
            for (int h = 0; h < ofGroup.length; h++) {
                ofGroup[h] = new Tile(queries.tokens(), keys.tokens(), sequences);
            }
        }
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
        release();
        norm.forward(x, theta, normed);
        projections = project();
        attend(theta, projections);
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
                normed.get(j, keys.start(g, keys.tokens() - 1), row, keys.size(g));
                lastNormed.put(j, queries.start(g, 0), row, keys.size(g));
            }
        }
        return new Projections(
                Product.of(weights.query.array(), lastNormed.array()),
                Product.of(weights.keyValue.array(), normed.array()),
                0);
    }

    private void attend(float[] theta, Projections from) {
        int at = 0;
        for (int g = 0; g < keys.groups(); g++) {
            for (int h = 0; h < model.heads(); h++) {
                Tile scores = patterns[g][h];
                readQuery(from, theta, g, h);
                readKey(from, theta, g, h);
                head.scores(shared.q, shared.k, scores, keys.size(g));
                at = write(scores, at, keys.size(g));
            }
        }
        try (Product powers = Product.exp(shared.scores)) {
            at = 0;
            for (int g = 0; g < keys.groups(); g++) {
                for (int h = 0; h < model.heads(); h++) {
                    at = read(powers, patterns[g][h], at, keys.size(g));
                    mix(from, theta, g, h);
                }
            }
        }
    }

    private void mix(Projections from, float[] theta, int g, int h) {
        int n = keys.size(g);
        head.normalise(patterns[g][h], n);
        readValue(from, theta, g, h);
        head.overKeys(patterns[g][h], shared.v, shared.dmixed, n);
        for (int t = 0; t < queries.tokens(); t++) {
            for (int j = 0; j < features; j++) {
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

    private void readQuery(Projections from, float[] theta, int g, int h) {
        read(from.q(), 0, queries, g, h, shared.q, theta, weights.offset("b_Q"), scale);
    }

    private void readKey(Projections from, float[] theta, int g, int h) {
        read(from.kv(), from.key(), keys, g, h, shared.k, theta, weights.offset("b_K"), 1);
    }

    private void readValue(Projections from, float[] theta, int g, int h) {
        read(from.kv(), from.key() + model.width(), keys, g, h, shared.v, theta, weights.offset("b_V"), 1);
    }

    private void read(
            Product from, int row, Columns columns, int g, int h, Tile into, float[] theta, int bias, float factor) {
        int n = columns.size(g);
        for (int t = 0; t < columns.tokens(); t++) {
            for (int j = 0; j < features; j++) {
                float[] values = into.byFirst[t][j];
                int feature = h * features + j;
                from.get(row + feature, columns.start(g, t), values, n);
                Rows.shiftScale(values, theta[bias + feature], factor, n);
            }
        }
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
        try (Product dmixed = Product.of(weights.output.transposed(), output.array());
                Projections from = java.util.Objects.requireNonNull(projections)) {
            attendBackward(dmixed, from, theta, gradient);
        } finally {
            projections = null;
        }
        projectBackward(theta, dx, gradient);
    }

    private void attendBackward(Product dmixed, Projections from, float[] theta, float[] gradient) {
        for (String bias : new String[] {"b_Q", "b_K", "b_V"}) {
            int at = weights.offset(bias);
            java.util.Arrays.fill(gradient, at, at + model.width(), 0f);
        }
        HostArray dq = trimmed ? shared.lastQuery : shared.attention;
        for (int g = 0; g < keys.groups(); g++) {
            int n = keys.size(g);
            for (int h = 0; h < model.heads(); h++) {
                readQuery(from, theta, g, h);
                readKey(from, theta, g, h);
                readValue(from, theta, g, h);
                read(dmixed, g, h);
                head.scoresBackward(patterns[g][h], shared.dmixed, shared.v, shared.dscores, n);
                head.overQueries(patterns[g][h], shared.dmixed, shared.dv, n);
                head.overQueries(shared.dscores, shared.q, shared.dk, n);
                head.overKeys(shared.dscores, shared.k, shared.dq, n);
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
        for (int t = 0; t < columns.tokens(); t++) {
            for (int j = 0; j < features; j++) {
                float[] values = from.byFirst[t][j];
                int feature = h * features + j;
                if (factor != 1) {
                    Rows.shiftScale(values, 0, factor, n);
                }
                gradient[bias + feature] += Rows.sum(values, n);
                to.put(row + feature, columns.start(g, t), values, n);
            }
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
                    int start = keys.start(g, keys.tokens() - 1);
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

    /** Frees what a forward pass keeps for a backward pass. */
    void release() {
        if (projections != null) {
            projections.close();
            projections = null;
        }
    }

    @Override
    public void close() {
        release();
        normed.close();
        if (lastNormed != null) {
            lastNormed.close();
        }
        mixed.close();
    }
}
