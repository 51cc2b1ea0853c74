package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Transformer;
import holonomy.product.Matrix;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The norm, attention and residual sum of a layer that isn't the last, forward and backward, for every token. In the first layer LN(x), q, k and v depend
 * on the pair of token and position alone: they are computed once per pair.
 */
final class Attention implements AttentionBlock {
    private final Transformer model;
    private final Matrices weights;
    private final Shared shared;
    private final @Nullable Pairs pairs;
    private final Columns columns;
    private final int features;
    private final float scale;
    private final Norm norm;
    private final Head head;
    private final Matrix normed;
    private final Matrix mixed;
    /** Per number of columns that are projected. */
    private final Map<Integer, Projected> views = new HashMap<>();
    /** Patterns [group][head], kept for the backward pass. */
    private final Tile[][] patterns;

    /** Queries times 1 / sqrt(d/H), keys and values, [group][head], kept as well. */
    private final Tile[][] q;

    private final Tile[][] k;
    private final Tile[][] v;
    private final float[] row;
    private final float[] exponents;

    /**
     * Matrices over the columns that are projected, each in the memory of one over all columns.
     *
     * @param normed LN(x), [d, columns]
     * @param attention q, k and v, in the backward pass their derivatives, [3d, columns]
     * @param dnormed derivative of normed
     */
    private record Projected(Matrix normed, Matrix attention, Matrix dnormed) {}

    /** @param pairs the first layer's columns; null in every other layer */
    Attention(NDManager manager, Transformer model, Matrices weights, Shared shared, @Nullable Pairs pairs) {
        this.model = model;
        this.weights = weights;
        this.shared = shared;
        this.pairs = pairs;
        int width = model.width();
        columns = shared.columns;
        features = width / model.heads();
        scale = (float) (1 / Math.sqrt(features));
        norm = new Norm(
                width, columns.count(), weights.offset("norm.weight"), weights.offset("norm.bias"), shared.scratch);
        head = new Head(columns.tokens(), columns.tokens(), features, columns.size(0), model.causal());
        normed = new Matrix(manager, width, columns.count());
        mixed = new Matrix(manager, width, columns.count());
        patterns = shared.tiles(columns.tokens(), columns.tokens());
        q = shared.tiles(columns.tokens(), features);
        k = shared.tiles(columns.tokens(), features);
        v = shared.tiles(columns.tokens(), features);
        row = new float[columns.count()];
        exponents = new float[columns.size(0)];
    }

    private Projected projected() {
        return views.computeIfAbsent(pairs == null ? columns.count() : pairs.size(), count -> {
            int width = model.width();
            return new Projected(
                    normed.as(width, count), shared.attention.as(3 * width, count), shared.output.as(width, count));
        });
    }

    @Override
    public void forward(float[][] x, float[] theta, float[][] target) {
        Projected projected = projected();
        norm.forward(x, theta, projected.normed());
        shared.products.multiply(weights.attention, projected.normed(), projected.attention());
        if (pairs != null) {
            pairs.gather(projected.attention(), shared.attention);
        }
        int width = model.width();
        read(0, q, theta, weights.offset("b_Q"), scale);
        read(width, k, theta, weights.offset("b_K"), 1);
        read(2 * width, v, theta, weights.offset("b_V"), 1);
        for (int g = 0; g < columns.groups(); g++) {
            for (int h = 0; h < model.heads(); h++) {
                head.pattern(q[g][h], k[g][h], patterns[g][h], exponents, columns.size(g));
                head.overKeys(patterns[g][h], v[g][h], shared.dmixed, columns.size(g));
                writeMixed(g, h);
            }
        }
        int bias = weights.offset("b_O");
        shared.products.multiply(weights.output, mixed, shared.output);
        for (int j = 0; j < width; j++) {
            shared.output.get(j, 0, row, columns.count());
            Rows.addShifted(target[j], row, theta[bias + j], columns.count());
        }
    }

    private void read(int firstRow, Tile[][] into, float[] theta, int bias, float factor) {
        for (int g = 0; g < columns.groups(); g++) {
            int n = columns.size(g);
            for (int feature = 0; feature < model.width(); feature++) {
                float[][] ofFeature = into[g][feature / features].bySecond[feature % features];
                for (int t = 0; t < columns.tokens(); t++) {
                    shared.attention.get(firstRow + feature, columns.start(g, t), ofFeature[t], n);
                    Rows.shiftScale(ofFeature[t], theta[bias + feature], factor, n);
                }
            }
        }
    }

    private void writeMixed(int g, int h) {
        for (int j = 0; j < features; j++) {
            for (int t = 0; t < columns.tokens(); t++) {
                mixed.put(h * features + j, columns.start(g, t), shared.dmixed.byFirst[t][j], columns.size(g));
            }
        }
    }

    @Override
    public void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient) {
        for (int j = 0; j < model.width(); j++) {
            gradient[weights.offset("b_O") + j] = Rows.sum(dtarget[j], columns.count());
            shared.output.put(j, 0, dtarget[j], columns.count());
        }
        shared.set(shared.output, mixed, gradient, weights.offset("W_O"));
        shared.products.multiply(weights.output.transposed(), shared.output, shared.mixed);
        attendBackward(gradient);
        projectBackward(theta, dx, gradient);
    }

    private void attendBackward(float[] gradient) {
        int width = model.width();
        for (String bias : new String[] {"b_Q", "b_K", "b_V"}) {
            int at = weights.offset(bias);
            Arrays.fill(gradient, at, at + width, 0f);
        }
        for (int g = 0; g < columns.groups(); g++) {
            int n = columns.size(g);
            for (int h = 0; h < model.heads(); h++) {
                readDerivative(g, h);
                head.scoresBackward(patterns[g][h], shared.dmixed, v[g][h], shared.dscores, n);
                head.overQueries(patterns[g][h], shared.dmixed, shared.dv, n);
                head.overQueries(shared.dscores, q[g][h], shared.dk, n);
                head.overKeys(shared.dscores, k[g][h], shared.dq, n);
                write(shared.dq, 0, g, h, gradient, weights.offset("b_Q"), scale);
                write(shared.dk, width, g, h, gradient, weights.offset("b_K"), 1);
                write(shared.dv, 2 * width, g, h, gradient, weights.offset("b_V"), 1);
            }
        }
    }

    private void readDerivative(int g, int h) {
        for (int t = 0; t < columns.tokens(); t++) {
            for (int j = 0; j < features; j++) {
                shared.mixed.get(h * features + j, columns.start(g, t), shared.dmixed.byFirst[t][j], columns.size(g));
            }
        }
    }

    private void write(Tile from, int firstRow, int g, int h, float[] gradient, int bias, float factor) {
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
                shared.attention.put(firstRow + feature, columns.start(g, t), values, n);
            }
            gradient[bias + feature] += Rows.sum(sum, n);
        }
    }

    private void projectBackward(float[] theta, float[][] dx, float[] gradient) {
        Projected projected = projected();
        if (pairs != null) {
            pairs.scatter(shared.attention, projected.attention());
        }
        int width = model.width();
        shared.products.multiply(weights.attention.transposed(), projected.attention(), projected.dnormed());
        shared.products.multiply(projected.attention(), projected.normed().transposed(), shared.weights);
        shared.weights.getRows(0, width, gradient, weights.offset("W_Q"));
        shared.weights.getRows(width, width, gradient, weights.offset("W_K"));
        shared.weights.getRows(2 * width, width, gradient, weights.offset("W_V"));
        norm.backward(shared.scratch.read(projected.dnormed()), theta, dx, gradient);
    }

    @Override
    public void close() {
        normed.close();
        mixed.close();
    }
}
