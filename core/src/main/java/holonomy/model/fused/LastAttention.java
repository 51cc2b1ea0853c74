package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Transformer;
import holonomy.product.Matrix;
import java.util.Arrays;

/**
 * The last layer's norm, attention and residual sum, forward and backward, for the query of the token read out only. Keys and values are never made:
 * with y = LN(x) = w xhat + b, per head
 *
 * <pre>
 *   scores_s = q' (W_K y_s + b_K) = (w W_K'q)' xhat_s + what is the same for every s and drops out of the softmax
 *   mixed    = sum_s p_s (W_V y_s + b_V) = W_V (w sum_s p_s xhat_s + b) + b_V
 * </pre>
 *
 * <p>so both products have one column per sequence instead of one per token. The derivative of b_K is 0, as no pattern depends on it.
 */
final class LastAttention implements AttentionBlock {
    private final Transformer model;
    private final Matrices weights;
    private final Shared shared;
    private final Columns columns;
    private final int width;
    private final int features;
    private final float scale;
    private final Norm norm;
    private final Head head;
    /** LN(x) at the token read out and the block's output, [d, B]. */
    private final Matrix normed;

    private final Matrix output;
    /** The queries times 1 / sqrt(d/H) and the mixed values, [d, B], in the backward pass their derivatives; a head has d/H rows. */
    private final Stacked queries;

    private final Stacked mixed;
    /** W_K'q and the mixed LN(x), [H d, B], in the backward pass their derivatives; a head has d rows. */
    private final Stacked absorbed;

    private final Stacked mixtures;
    /** xhat, [group]; w W_K'q, mixed xhat (in the backward pass its derivative) and pattern, [group][head]. */
    private final Tile[] tokens;

    private final Tile[][] absorbedTiles;
    private final Tile[][] mixedTiles;
    private final Tile[][] patterns;
    /** The scores' derivatives, [head]. */
    private final Tile[] dscores;

    private final Tile dabsorbed;
    /** At one token the heads' patterns and derivatives of scores, and at one feature what they multiply in the derivative of xhat. */
    private final float[][] factors;

    private final float[][] others;
    private final float[] row;
    private final float[] exponents;
    /** Derivatives of w and b of the norm, summed up on the way. */
    private final float[] dweight;

    private final float[] dbias;

    LastAttention(NDManager manager, Transformer model, Matrices weights, Shared shared) {
        this.model = model;
        this.weights = weights;
        this.shared = shared;
        columns = shared.columns;
        width = model.width();
        features = width / model.heads();
        scale = (float) (1 / Math.sqrt(features));
        norm = new Norm(
                width, columns.count(), weights.offset("norm.weight"), weights.offset("norm.bias"), shared.scratch);
        int sequences = columns.size(0);
        int batch = columns.batch();
        head = new Head(1, columns.tokens(), width, sequences, model.causal());
        normed = new Matrix(manager, width, batch);
        output = shared.output.as(width, batch);
        queries = new Stacked(manager, width, batch, model.heads());
        mixed = new Stacked(manager, width, batch, model.heads());
        absorbed = new Stacked(manager, model.heads() * width, batch, model.heads());
        mixtures = new Stacked(manager, model.heads() * width, batch, model.heads());
        tokens = new Tile[columns.groups()];
        Arrays.setAll(tokens, g -> new Tile(columns.tokens(), width, columns.size(g)));
        absorbedTiles = shared.tiles(1, width);
        mixedTiles = shared.tiles(1, width);
        patterns = shared.tiles(1, columns.tokens());
        dscores = new Tile[model.heads()];
        Arrays.setAll(dscores, h -> new Tile(1, columns.tokens(), sequences));
        dabsorbed = new Tile(1, width, sequences);
        factors = new float[2 * model.heads()][];
        others = new float[2 * model.heads()][];
        row = new float[batch];
        exponents = new float[sequences];
        dweight = new float[width];
        dbias = new float[width];
    }

    @Override
    public void forward(float[][] x, float[] theta, float[][] target) {
        norm.normalise(x, columns.count());
        takeTokens();
        query(theta);
        for (int h = 0; h < model.heads(); h++) {
            shared.products.multiply(weights.keys[h].transposed(), queries.parts[h], absorbed.parts[h]);
        }
        for (int g = 0; g < columns.groups(); g++) {
            for (int h = 0; h < model.heads(); h++) {
                attend(g, h, theta);
            }
        }
        for (int h = 0; h < model.heads(); h++) {
            shared.products.multiply(weights.values[h], mixtures.parts[h], mixed.parts[h]);
        }
        shift(mixed.whole, theta, weights.offset("b_V"), 1);
        shared.products.multiply(weights.output, mixed.whole, output);
        int bias = weights.offset("b_O");
        for (int j = 0; j < width; j++) {
            output.get(j, 0, row, columns.batch());
            Rows.addShifted(target[j], row, theta[bias + j], columns.batch());
        }
    }

    private void takeTokens() {
        for (int g = 0; g < columns.groups(); g++) {
            for (int t = 0; t < columns.tokens(); t++) {
                for (int j = 0; j < width; j++) {
                    System.arraycopy(norm.normed[j], columns.start(g, t), tokens[g].byFirst[t][j], 0, columns.size(g));
                }
            }
        }
    }

    private void query(float[] theta) {
        for (int j = 0; j < width; j++) {
            for (int g = 0; g < columns.groups(); g++) {
                System.arraycopy(tokens[g].byFirst[model.readout()][j], 0, row, g * Columns.GROUP, columns.size(g));
            }
            norm.affine(j, row, theta, columns.batch());
            normed.put(j, 0, row, columns.batch());
        }
        shared.products.multiply(weights.query, normed, queries.whole);
        shift(queries.whole, theta, weights.offset("b_Q"), scale);
    }

    /** Every row becomes factor (row + its bias). Modified: rows. */
    private void shift(Matrix rows, float[] theta, int bias, float factor) {
        for (int j = 0; j < width; j++) {
            rows.get(j, 0, row, columns.batch());
            Rows.shiftScale(row, theta[bias + j], factor, columns.batch());
            rows.put(j, 0, row, columns.batch());
        }
    }

    private void attend(int g, int h, float[] theta) {
        int n = columns.size(g);
        float[][] ofHead = absorbedTiles[g][h].byFirst[0];
        for (int j = 0; j < width; j++) {
            absorbed.parts[h].get(j, g * Columns.GROUP, ofHead[j], n);
            Rows.shiftScale(ofHead[j], 0, norm.weight(theta, j), n);
        }
        head.pattern(absorbedTiles[g][h], tokens[g], patterns[g][h], exponents, n);
        head.overKeys(patterns[g][h], tokens[g], mixedTiles[g][h], n);
        for (int j = 0; j < width; j++) {
            System.arraycopy(mixedTiles[g][h].byFirst[0][j], 0, row, 0, n);
            norm.affine(j, row, theta, n);
            mixtures.parts[h].put(j, g * Columns.GROUP, row, n);
        }
    }

    @Override
    public void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient) {
        int batch = columns.batch();
        for (int j = 0; j < width; j++) {
            gradient[weights.offset("b_O") + j] = Rows.sum(dtarget[j], batch);
            output.put(j, 0, dtarget[j], batch);
        }
        shared.set(output, mixed.whole, gradient, weights.offset("W_O"));
        valuesBackward(gradient);
        Arrays.fill(dweight, 0f);
        Arrays.fill(dbias, 0f);
        float[][] dnormed = shared.scratch.matrix;
        for (int g = 0; g < columns.groups(); g++) {
            for (int h = 0; h < model.heads(); h++) {
                attendBackward(g, h, theta);
            }
            tokensBackward(g, dnormed);
        }
        queryBackward(gradient);
        normedBackward(theta, dnormed);
        for (int j = 0; j < width; j++) {
            norm.set(j, dweight[j], dbias[j], gradient);
        }
        norm.backward(dnormed, dx);
    }

    /** Leaves the mixtures' derivative in their place. */
    private void valuesBackward(float[] gradient) {
        shared.products.multiply(weights.output.transposed(), output, mixed.whole);
        for (int j = 0; j < width; j++) {
            mixed.whole.get(j, 0, row, columns.batch());
            gradient[weights.offset("b_V") + j] = Rows.sum(row, columns.batch());
        }
        for (int h = 0; h < model.heads(); h++) {
            int at = weights.offset("W_V") + h * features * width;
            shared.set(mixed.parts[h], mixtures.parts[h], gradient, at);
            shared.products.multiply(weights.values[h].transposed(), mixed.parts[h], mixtures.parts[h]);
        }
    }

    /** Leaves the derivatives of the mixed xhat, of the scores and of W_K'q in their places. */
    private void attendBackward(int g, int h, float[] theta) {
        int n = columns.size(g);
        float[][] ofMixed = mixedTiles[g][h].byFirst[0];
        for (int j = 0; j < width; j++) {
            mixtures.parts[h].get(j, g * Columns.GROUP, row, n);
            dweight[j] += Rows.dot(row, ofMixed[j], n);
            dbias[j] += Rows.sum(row, n);
            Rows.shiftScale(row, 0, norm.weight(theta, j), n);
            System.arraycopy(row, 0, ofMixed[j], 0, n);
        }
        head.scoresBackward(patterns[g][h], mixedTiles[g][h], tokens[g], dscores[h], n);
        head.overKeys(dscores[h], tokens[g], dabsorbed, n);
        for (int j = 0; j < width; j++) {
            float[] derivative = dabsorbed.byFirst[0][j];
            absorbed.parts[h].get(j, g * Columns.GROUP, row, n);
            dweight[j] += Rows.dot(row, derivative, n);
            Rows.shiftScale(derivative, 0, norm.weight(theta, j), n);
            absorbed.parts[h].put(j, g * Columns.GROUP, derivative, n);
        }
    }

    /** xhat's derivative at token s, sum over the heads of p_s dmixed + dscores_s w W_K'q. Modified: dnormed. */
    private void tokensBackward(int g, float[][] dnormed) {
        int n = columns.size(g);
        for (int s = 0; s < columns.tokens(); s++) {
            for (int h = 0; h < model.heads(); h++) {
                factors[2 * h] = patterns[g][h].byFirst[0][s];
                factors[2 * h + 1] = dscores[h].byFirst[0][s];
            }
            for (int j = 0; j < width; j++) {
                for (int h = 0; h < model.heads(); h++) {
                    others[2 * h] = mixedTiles[g][h].byFirst[0][j];
                    others[2 * h + 1] = absorbedTiles[g][h].byFirst[0][j];
                }
                Rows.sumOfProducts(row, factors, others, 0, factors.length, n);
                System.arraycopy(row, 0, dnormed[j], columns.start(g, s), n);
            }
        }
    }

    /** Leaves the derivative of LN(x) at the token read out in the output's place. */
    private void queryBackward(float[] gradient) {
        for (int h = 0; h < model.heads(); h++) {
            int at = weights.offset("W_K") + h * features * width;
            shared.set(queries.parts[h], absorbed.parts[h], gradient, at);
            shared.products.multiply(weights.keys[h], absorbed.parts[h], queries.parts[h]);
        }
        int bias = weights.offset("b_Q");
        for (int j = 0; j < width; j++) {
            queries.whole.get(j, 0, row, columns.batch());
            Rows.shiftScale(row, 0, scale, columns.batch());
            gradient[bias + j] = Rows.sum(row, columns.batch());
            queries.whole.put(j, 0, row, columns.batch());
        }
        int keys = weights.offset("b_K");
        Arrays.fill(gradient, keys, keys + width, 0f);
        shared.set(queries.whole, normed, gradient, weights.offset("W_Q"));
        shared.products.multiply(weights.query.transposed(), queries.whole, output);
    }

    /** Adds what came through the query. Modified: dnormed. */
    private void normedBackward(float[] theta, float[][] dnormed) {
        for (int j = 0; j < width; j++) {
            for (int g = 0; g < columns.groups(); g++) {
                int n = columns.size(g);
                output.get(j, g * Columns.GROUP, row, n);
                dweight[j] += Rows.dot(row, tokens[g].byFirst[model.readout()][j], n);
                dbias[j] += Rows.sum(row, n);
                Rows.shiftScale(row, 0, norm.weight(theta, j), n);
                int start = columns.start(g, model.readout());
                for (int b = 0; b < n; b++) {
                    dnormed[j][start + b] += row[b];
                }
            }
        }
    }

    @Override
    public void close() {
        normed.close();
        for (Stacked stacked : new Stacked[] {queries, mixed, absorbed, mixtures}) {
            stacked.whole.close();
        }
    }
}
