package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import java.util.Arrays;

/**
 * The last layer's norm, attention and residual sum, forward and backward, for the query of the token read out only. Keys and values are never made: with
 * the norm's weights {@link Folded} into W and c, per head
 *
 * <pre>
 *   scores_s = q' (W_K xhat_s + c_K) = (W_K'q)' xhat_s + what is the same for every s, which the softmax doesn't see
 *   mixed    = sum_s p_s (W_V xhat_s + c_V) = W_V (sum_s p_s xhat_s) + c_V
 * </pre>
 *
 * <p>so both products have one column per sequence instead of one per token.
 */
final class LastAttention implements AttentionBlock {
    private final Architecture model;
    private final Matrices weights;
    private final Shared shared;
    private final Columns columns;
    private final int width;
    private final int heads;
    private final Norm norm;
    private final Head head;
    /** xhat at the token read out and a row of ones, [d + 1, B]. */
    private final Matrix normed;
    /** The block's output, in the backward pass its derivative and then that of xhat at the token read out, [d, B]. */
    private final Matrix output;
    /** W_Q as [d, d + 1] and [d, d]; a head's W_K as [d/H, d]; a head's W_V as [d/H, d + 1] and [d/H, d]. */
    private final Matrix query;

    private final Matrix querySlopes;
    private final Matrix[] keys;
    private final Matrix[] values;
    private final Matrix[] valueSlopes;
    /** The derivative of the folded weights, and parts of it like theirs. */
    private final Matrix dweights;

    private final Matrix dquery;
    private final Matrix[] dkeys;
    private final Matrix[] dvalues;
    /** Queries and mixed values, in the backward pass their derivatives, [d, B] and [head] [d/H, B]. */
    private final Matrix queries;

    private final Matrix[] headQueries;
    private final Matrix mixed;
    private final Matrix[] headMixed;
    /** W_K'q and its derivative, [head] [d, B], and the mixed xhat with a row of ones, [d + 1, B]; without it also their derivative. */
    private final Matrix[] absorbed;

    private final Matrix[] mixtures;
    private final Matrix[] mixtureRows;
    /** xhat, [group]; W_K'q, the mixed xhat's derivative and the pattern, [group][head]. */
    private final Tile[] tokens;

    private final Tile[][] absorbedTiles;
    private final Tile[][] patterns;
    /** For one group [head]: derivatives of the mixed xhat and of the scores. */
    private final Tile[] dmixed;

    private final Tile[] dscores;
    private final Tile work;
    /** At one token the heads' patterns and derivatives of scores, and at one feature what they multiply in the derivative of xhat. */
    private final float[][] factors;

    private final float[][] others;
    private final float[] row;
    private final float[] exponents;

    LastAttention(NDManager manager, Architecture model, Matrices weights, Shared shared, Tiles tiles) {
        this.model = model;
        this.weights = weights;
        this.shared = shared;
        columns = tiles.columns;
        width = model.width();
        heads = model.heads();
        int features = width / heads;
        int sequences = columns.size(0);
        int batch = columns.batch();
        norm = new Norm(width, columns.count(), shared.scratch);
        head = new Head(1, columns.tokens(), width, sequences, model.causal());
        normed = new Matrix(manager, width + 1, batch);
        output = shared.output.as(width, batch);
        Matrix all = weights.attention.whole;
        query = all.rows(0, width);
        querySlopes = all.part(0, width, 0, width);
        keys = perHead(all, width, features, width);
        values = perHead(all, 2 * width, features, width + 1);
        valueSlopes = perHead(all, 2 * width, features, width);
        dweights = shared.weights.as(3 * width, width + 1);
        dquery = dweights.rows(0, width);
        dkeys = perHead(dweights, width, features, width);
        dvalues = perHead(dweights, 2 * width, features, width + 1);
        queries = new Matrix(manager, width, batch);
        headQueries = perHead(queries, 0, features, batch);
        mixed = new Matrix(manager, width, batch);
        headMixed = perHead(mixed, 0, features, batch);
        absorbed = new Matrix[heads];
        mixtures = new Matrix[heads];
        mixtureRows = new Matrix[heads];
        for (int h = 0; h < heads; h++) {
            absorbed[h] = new Matrix(manager, width, batch);
            mixtures[h] = new Matrix(manager, width + 1, batch);
            mixtureRows[h] = mixtures[h].rows(0, width);
        }
        tokens = new Tile[columns.groups()];
        Arrays.setAll(tokens, g -> new Tile(columns.tokens(), width, columns.size(g)));
        absorbedTiles = tiles.perHead(1, width);
        patterns = tiles.perHead(1, columns.tokens());
        dmixed = new Tile[heads];
        Arrays.setAll(dmixed, h -> new Tile(1, width, sequences));
        dscores = new Tile[heads];
        Arrays.setAll(dscores, h -> new Tile(1, columns.tokens(), sequences));
        work = new Tile(1, width, sequences);
        factors = new float[2 * heads][];
        others = new float[2 * heads][];
        row = new float[batch];
        exponents = new float[sequences];
    }

    /** The parts of a matrix that belong to the heads, one below the other from a row on. */
    private Matrix[] perHead(Matrix from, int firstRow, int rows, int columnCount) {
        Matrix[] parts = new Matrix[heads];
        Arrays.setAll(parts, h -> from.part(firstRow + h * rows, rows, 0, columnCount));
        return parts;
    }

    @Override
    public void forward(float[][] x, float[] theta, float[][] target) {
        norm.normalise(x, columns.count());
        takeTokens();
        shared.products.multiply(query, normed, queries);
        for (int h = 0; h < heads; h++) {
            shared.products.multiply(keys[h].transposed(), headQueries[h], absorbed[h]);
            for (int g = 0; g < columns.groups(); g++) {
                attend(g, h);
            }
            shared.products.multiply(values[h], mixtures[h], headMixed[h]);
        }
        weights.output.forward(mixed, target, theta, shared, output, row);
    }

    /** xhat token by token, and at the token read out as a matrix. */
    private void takeTokens() {
        for (int g = 0; g < columns.groups(); g++) {
            for (int t = 0; t < columns.tokens(); t++) {
                for (int j = 0; j < width; j++) {
                    System.arraycopy(norm.normed[j], columns.start(g, t), tokens[g].byFirst[t][j], 0, columns.size(g));
                }
            }
            for (int j = 0; j < width; j++) {
                normed.put(j, g * Columns.GROUP, tokens[g].byFirst[model.readout()][j], columns.size(g));
            }
        }
        putOnes(normed);
    }

    private void putOnes(Matrix matrix) {
        Arrays.fill(row, 1f);
        matrix.put(width, 0, row, columns.batch());
    }

    private void attend(int g, int h) {
        int n = columns.size(g);
        read(absorbed[h], g, absorbedTiles[g][h]);
        head.pattern(absorbedTiles[g][h], tokens[g], patterns[g][h], exponents, n);
        head.overKeys(patterns[g][h], tokens[g], work, n);
        write(work, mixtures[h], g);
        putOnes(mixtures[h]);
    }

    private void read(Matrix from, int g, Tile into) {
        for (int j = 0; j < width; j++) {
            from.get(j, g * Columns.GROUP, into.byFirst[0][j], columns.size(g));
        }
    }

    private void write(Tile from, Matrix to, int g) {
        for (int j = 0; j < width; j++) {
            to.put(j, g * Columns.GROUP, from.byFirst[0][j], columns.size(g));
        }
    }

    @Override
    public void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient) {
        weights.output.backward(mixed, dtarget, gradient, shared, output, mixed);
        for (int h = 0; h < heads; h++) {
            shared.products.multiply(headMixed[h], mixtures[h].transposed(), dvalues[h]);
            shared.products.multiply(valueSlopes[h].transposed(), headMixed[h], mixtureRows[h]);
        }
        float[][] dnormed = shared.scratch.matrix;
        for (int g = 0; g < columns.groups(); g++) {
            for (int h = 0; h < heads; h++) {
                attendBackward(g, h);
            }
            tokensBackward(g, dnormed);
        }
        queryBackward(dnormed);
        weights.attention.unfold(dweights, theta, gradient);
        norm.backward(dnormed, dx);
    }

    /** Leaves the derivatives of the mixed xhat, of the scores and of W_K'q in their places. */
    private void attendBackward(int g, int h) {
        int n = columns.size(g);
        read(mixtureRows[h], g, dmixed[h]);
        head.scoresBackward(patterns[g][h], dmixed[h], tokens[g], dscores[h], n);
        head.overKeys(dscores[h], tokens[g], work, n);
        write(work, absorbed[h], g);
    }

    /** xhat's derivative at token s, the sum over the heads of p_s dmixed + dscores_s W_K'q. Modified: dnormed. */
    private void tokensBackward(int g, float[][] dnormed) {
        int n = columns.size(g);
        for (int s = 0; s < columns.tokens(); s++) {
            for (int h = 0; h < heads; h++) {
                factors[2 * h] = patterns[g][h].byFirst[0][s];
                factors[2 * h + 1] = dscores[h].byFirst[0][s];
            }
            for (int j = 0; j < width; j++) {
                for (int h = 0; h < heads; h++) {
                    others[2 * h] = dmixed[h].byFirst[0][j];
                    others[2 * h + 1] = absorbedTiles[g][h].byFirst[0][j];
                }
                Rows.sumOfProducts(row, factors, others, 0, factors.length, false, n);
                System.arraycopy(row, 0, dnormed[j], columns.start(g, s), n);
            }
        }
    }

    /** Derivatives of W_Q and W_K; adds to xhat's what came through the query. Modified: dnormed. */
    private void queryBackward(float[][] dnormed) {
        for (int h = 0; h < heads; h++) {
            shared.products.multiply(headQueries[h], absorbed[h].transposed(), dkeys[h]);
            shared.products.multiply(keys[h], absorbed[h], headQueries[h]);
        }
        shared.products.multiply(queries, normed.transposed(), dquery);
        shared.products.multiply(querySlopes.transposed(), queries, output);
        for (int j = 0; j < width; j++) {
            for (int g = 0; g < columns.groups(); g++) {
                output.get(j, g * Columns.GROUP, row, columns.size(g));
                int start = columns.start(g, model.readout());
                for (int b = 0; b < columns.size(g); b++) {
                    dnormed[j][start + b] += row[b];
                }
            }
        }
    }

    @Override
    public void close() {
        for (Matrix matrix : new Matrix[] {normed, queries, mixed}) {
            matrix.close();
        }
        for (int h = 0; h < heads; h++) {
            absorbed[h].close();
            mixtures[h].close();
        }
    }
}
