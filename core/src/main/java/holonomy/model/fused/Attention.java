package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The norm, attention and residual sum of a layer that isn't the last, forward and backward, for every token. In the first layer xhat, q, k and v depend
 * on the pair of token and position alone: they are computed once per pair.
 */
final class Attention implements AttentionBlock {
    private final Architecture model;
    private final Matrices weights;
    private final Shared shared;
    private final Tiles tiles;
    private final @Nullable Pairs pairs;
    private final Columns columns;
    private final int features;
    private final Matrix dweights;
    private final Norm norm;
    private final Head head;
    private final Matrix normed;
    private final Matrix mixed;
    /** Per number of columns that are projected. */
    private final Map<Integer, Projected> views = new HashMap<>();
    /** Patterns [group], kept for the backward pass. */
    private final Tile[] patterns;

    /** Queries times 1 / sqrt(d/H), keys and values, [group], kept as well. */
    private final Tile[] q;

    private final Tile[] k;
    private final Tile[] v;
    private final float[] row;
    private final float[] exponents;

    /**
     * Matrices over the columns that are projected, each in the memory of one over all columns.
     *
     * @param normed xhat and a row of ones, [d + 1, columns]
     * @param attention q, k and v, in the backward pass their derivatives, [3d, columns]
     * @param dnormed derivative of xhat, [d, columns]
     */
    private record Projected(Matrix normed, Matrix attention, Matrix dnormed) {}

    /** @param pairs the first layer's columns; null in every other layer */
    Attention(
            NDManager manager,
            Architecture model,
            Matrices weights,
            Shared shared,
            Tiles tiles,
            @Nullable Pairs pairs) {
        this.model = model;
        this.weights = weights;
        this.shared = shared;
        this.tiles = tiles;
        this.pairs = pairs;
        int width = model.width();
        columns = tiles.columns;
        features = width / model.heads();
        dweights = shared.weights.as(3 * width, width + 1);
        norm = new Norm(width, columns.count(), shared.scratch);
        head = new Head(columns.tokens(), columns.tokens(), features, tiles.entries(0), model.causal());
        normed = new Matrix(manager, width + 1, columns.count());
        mixed = new Matrix(manager, width, columns.count());
        patterns = tiles.ofAllHeads(columns.tokens(), columns.tokens());
        q = tiles.ofAllHeads(columns.tokens(), features);
        k = tiles.ofAllHeads(columns.tokens(), features);
        v = tiles.ofAllHeads(columns.tokens(), features);
        row = new float[columns.count()];
        exponents = new float[tiles.entries(0)];
    }

    private Projected projected() {
        return views.computeIfAbsent(pairs == null ? columns.count() : pairs.size(), count -> {
            int width = model.width();
            return new Projected(
                    normed.as(width + 1, count), shared.attention.as(3 * width, count), shared.output.as(width, count));
        });
    }

    @Override
    public void forward(float[][] x, float[] theta, float[][] target) {
        Projected projected = projected();
        norm.forward(x, projected.normed());
        shared.products.multiply(weights.attention.whole, projected.normed(), projected.attention());
        if (pairs != null) {
            pairs.gather(projected.attention(), shared.attention);
        }
        int width = model.width();
        for (int g = 0; g < columns.groups(); g++) {
            int n = tiles.entries(g);
            read(shared.attention, 0, g, q[g]);
            read(shared.attention, width, g, k[g]);
            read(shared.attention, 2 * width, g, v[g]);
            head.pattern(q[g], k[g], patterns[g], exponents, n);
            head.overKeys(patterns[g], v[g], tiles.dmixed, n);
            write(tiles.dmixed, mixed, 0, g);
        }
        weights.output.forward(mixed, target, theta, shared, shared.output, row);
    }

    /** The rows of all heads from a row on. Modified: into. */
    private void read(Matrix from, int firstRow, int g, Tile into) {
        int n = columns.size(g);
        for (int h = 0; h < model.heads(); h++) {
            for (int j = 0; j < features; j++) {
                for (int t = 0; t < columns.tokens(); t++) {
                    from.get(firstRow + h * features + j, columns.start(g, t), into.byFirst[t][j], h * n, n);
                }
            }
        }
    }

    /** Likewise the other way. Modified: to. */
    private void write(Tile from, Matrix to, int firstRow, int g) {
        int n = columns.size(g);
        for (int h = 0; h < model.heads(); h++) {
            for (int j = 0; j < features; j++) {
                for (int t = 0; t < columns.tokens(); t++) {
                    to.put(firstRow + h * features + j, columns.start(g, t), from.byFirst[t][j], h * n, n);
                }
            }
        }
    }

    @Override
    public void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient) {
        weights.output.backward(mixed, dtarget, gradient, shared, shared.output, shared.mixed);
        attendBackward();
        projectBackward(theta, dx, gradient);
    }

    private void attendBackward() {
        int width = model.width();
        for (int g = 0; g < columns.groups(); g++) {
            int n = tiles.entries(g);
            read(shared.mixed, 0, g, tiles.dmixed);
            head.scoresBackward(patterns[g], tiles.dmixed, v[g], tiles.dscores, n);
            head.overQueries(patterns[g], tiles.dmixed, tiles.work, n);
            write(tiles.work, shared.attention, 2 * width, g);
            head.overQueries(tiles.dscores, q[g], tiles.work, n);
            write(tiles.work, shared.attention, width, g);
            head.overKeys(tiles.dscores, k[g], tiles.work, n);
            write(tiles.work, shared.attention, 0, g);
        }
    }

    private void projectBackward(float[] theta, float[][] dx, float[] gradient) {
        Projected projected = projected();
        if (pairs != null) {
            pairs.scatter(shared.attention, projected.attention());
        }
        shared.products.multiply(projected.attention(), projected.normed().transposed(), dweights);
        weights.attention.unfold(dweights, theta, gradient);
        shared.products.multiply(weights.attention.slopes.transposed(), projected.attention(), projected.dnormed());
        norm.backward(shared.scratch.read(projected.dnormed()), dx);
    }

    @Override
    public void close() {
        normed.close();
        mixed.close();
    }
}
