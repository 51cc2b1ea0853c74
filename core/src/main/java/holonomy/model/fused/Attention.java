package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Transformer;
import holonomy.product.Matrix;
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
    private final Matrix normed;
    private final @Nullable Matrix lastNormed;
    private final Matrix mixed;
    /** The block's output at the query columns, and the derivative of the mixed values. */
    private final Matrix output;

    private final Matrix dmixed;
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
        normed = new Matrix(manager, width, keys.count());
        lastNormed = trimmed ? new Matrix(manager, width, queries.count()) : null;
        mixed = new Matrix(manager, width, queries.count());
        output = trimmed ? shared.lastOutput : shared.output;
        dmixed = trimmed ? shared.lastMixed : shared.mixed;
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

    /**
     * Adds the block's output to the residual stream at the query columns.
     *
     * @param x residual stream [d][columns]; read
     * @param target residual stream at the query columns, x itself unless trimmed. Modified.
     */
    void forward(float[][] x, float[] theta, float[][] target) {
        norm.forward(x, theta, normed);
        project();
        readAll(theta);
        attend();
        float[] row = shared.scratch.row(0);
        int bias = weights.offset("b_O");
        int n = queries.count();
        shared.products.multiply(weights.output, mixed, output);
        for (int j = 0; j < model.width(); j++) {
            output.get(j, 0, row, n);
            Rows.shiftScale(row, theta[bias + j], 1, n);
            Rows.add(target[j], row, n);
        }
    }

    /** Projects the normed residual stream: q at the query columns, k and v at all. */
    private void project() {
        if (lastNormed == null) {
            shared.products.multiply(weights.attention, normed, shared.attention);
            return;
        }
        float[] row = shared.scratch.row(0);
        for (int j = 0; j < model.width(); j++) {
            for (int g = 0; g < keys.groups(); g++) {
                normed.get(j, keys.start(g, model.readout()), row, keys.size(g));
                lastNormed.put(j, queries.start(g, 0), row, keys.size(g));
            }
        }
        shared.products.multiply(weights.query, lastNormed, shared.lastQuery);
        shared.products.multiply(weights.keyValue, normed, shared.keyValue);
    }

    private void readAll(float[] theta) {
        int width = model.width();
        read(trimmed ? shared.lastQuery : shared.attention, 0, queries, q, theta, weights.offset("b_Q"), scale);
        read(shared.attention, width, keys, k, theta, weights.offset("b_K"), 1);
        read(shared.attention, 2 * width, keys, v, theta, weights.offset("b_V"), 1);
    }

    private void read(Matrix from, int row, Columns columns, Tile[][] into, float[] theta, int bias, float factor) {
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
        for (int j = 0; j < model.width(); j++) {
            gradient[weights.offset("b_O") + j] = Rows.sum(dtarget[j], n);
            output.put(j, 0, dtarget[j], n);
        }
        shared.set(output, mixed, gradient, weights.offset("W_O"));
        shared.products.multiply(weights.output.transposed(), output, dmixed);
        attendBackward(gradient);
        projectBackward(theta, dx, gradient);
    }

    private void attendBackward(float[] gradient) {
        for (String bias : new String[] {"b_Q", "b_K", "b_V"}) {
            int at = weights.offset(bias);
            java.util.Arrays.fill(gradient, at, at + model.width(), 0f);
        }
        Matrix dq = trimmed ? shared.lastQuery : shared.attention;
        for (int g = 0; g < keys.groups(); g++) {
            int n = keys.size(g);
            for (int h = 0; h < model.heads(); h++) {
                readDerivative(g, h);
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

    private void readDerivative(int g, int h) {
        for (int t = 0; t < queries.tokens(); t++) {
            for (int j = 0; j < features; j++) {
                dmixed.get(h * features + j, queries.start(g, t), shared.dmixed.byFirst[t][j], queries.size(g));
            }
        }
    }

    private void write(
            Tile from, Matrix to, int row, Columns columns, int g, int h, float[] gradient, int bias, float factor) {
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
        Matrix weight = trimmed ? weights.keyValue : weights.attention;
        Matrix derivative = trimmed ? shared.keyValue : shared.attention;
        shared.products.multiply(weight.transposed(), derivative, shared.output);
        float[][] dy = shared.scratch.read(shared.output);
        if (lastNormed != null) {
            shared.set(shared.lastQuery, lastNormed, gradient, weights.offset("W_Q"));
            addLast(dy);
        }
        int width = model.width();
        Matrix dweight = shared.weights.as(derivative.rows(), width);
        shared.products.multiply(derivative, normed.transposed(), dweight);
        int row = 0;
        if (!trimmed) {
            dweight.getRows(row, width, gradient, weights.offset("W_Q"));
            row += width;
        }
        dweight.getRows(row, width, gradient, weights.offset("W_K"));
        dweight.getRows(row + width, width, gradient, weights.offset("W_V"));
        norm.backward(dy, theta, dx, gradient);
    }

    /** Adds what came through the last token's query. Modified: dy. */
    private void addLast(float[][] dy) {
        float[] row = shared.scratch.row(0);
        shared.products.multiply(weights.query.transposed(), shared.lastQuery, output);
        for (int j = 0; j < model.width(); j++) {
            for (int g = 0; g < keys.groups(); g++) {
                output.get(j, queries.start(g, 0), row, keys.size(g));
                int start = keys.start(g, model.readout());
                for (int b = 0; b < keys.size(g); b++) {
                    dy[j][start + b] += row[b];
                }
            }
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
