package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.Role;
import holonomy.product.Matrix;
import java.util.List;

/**
 * Weight matrices that follow a norm, one below the other, with the norm's w and b and their own biases c folded in:
 *
 * <pre>
 *   f (W (w xhat + b) + c) = [f W diag(w) | f (W b + c)] [xhat; 1]
 * </pre>
 *
 * <p>so that products begin and end at xhat, and the derivatives of w, b and c come from the matrix's derivative instead of from passes over columns.
 */
final class Folded implements AutoCloseable {
    private final List<Part> parts;
    private final int features;
    /** Places in theta of w and b. */
    private final int weight;

    private final int bias;
    /** The folded matrix [rows, d + 1]. */
    final Matrix whole;
    /** Without its last column, [rows, d], a view. */
    final Matrix slopes;

    private final float[] row;
    private final float[] matrixRow;
    private final float[] ofWeight;
    private final float[] ofBias;

    /**
     * One matrix.
     *
     * @param matrix the block of W [rows, d]
     * @param bias c
     * @param factor f
     * @param inert nothing depends on what is added, W b + c
     */
    record Part(Block matrix, Bias bias, float factor, boolean inert) {
        static Part of(Layout layout, Role matrix, Role bias, int layer, float factor) {
            return new Part(layout.block(matrix.in(layer)), Bias.of(layout, bias, layer), factor, false);
        }

        Part madeInert() {
            return new Part(matrix, bias, factor, true);
        }
    }

    /**
     * @param gain the norm's w
     * @param shift its b
     */
    Folded(NDManager manager, Block gain, Block shift, List<Part> parts) {
        this.parts = parts;
        weight = gain.offset();
        bias = shift.offset();
        features = gain.size();
        int rows = parts.stream().mapToInt(part -> part.matrix().rows()).sum();
        whole = new Matrix(manager, rows, features + 1);
        slopes = whole.part(0, rows, 0, features);
        row = new float[features + 1];
        matrixRow = new float[features];
        ofWeight = new float[features];
        ofBias = new float[features];
    }

    /** Folds the weights as they are now. */
    void load(float[] theta) {
        readNorm(theta);
        int to = 0;
        for (Part part : parts) {
            int at = part.matrix().offset();
            int rows = part.matrix().rows();
            for (int i = 0; i < rows; i++) {
                System.arraycopy(theta, at + i * features, matrixRow, 0, features);
                row[features] = part.factor()
                        * (Rows.dot(matrixRow, ofBias, features) + part.bias().at(theta, i));
                Rows.scale(matrixRow, part.factor(), features);
                System.arraycopy(matrixRow, 0, row, 0, features);
                Rows.multiply(row, ofWeight, features);
                whole.put(to++, 0, row, features + 1);
            }
        }
    }

    private void readNorm(float[] theta) {
        System.arraycopy(theta, weight, ofWeight, 0, features);
        System.arraycopy(theta, bias, ofBias, 0, features);
    }

    /**
     * Sets the derivatives of W, c, w and b.
     *
     * @param derivative with respect to the folded matrix, [rows, d + 1]
     * @param gradient [P]. Modified.
     */
    void unfold(Matrix derivative, float[] theta, float[] gradient) {
        readNorm(theta);
        float[] dweight = new float[features];
        float[] dbias = new float[features];
        int from = 0;
        for (Part part : parts) {
            int at = part.matrix().offset();
            int rows = part.matrix().rows();
            for (int i = 0; i < rows; i++) {
                derivative.get(from++, 0, row, features + 1);
                Rows.scale(row, part.factor(), features + 1);
                float constant = part.inert() ? 0 : row[features];
                System.arraycopy(theta, at + i * features, matrixRow, 0, features);
                Rows.multiplyAdd(dweight, row, matrixRow, features);
                Rows.addScaled(dbias, matrixRow, constant, features);
                Rows.multiply(row, ofWeight, features);
                Rows.addScaled(row, ofBias, constant, features);
                System.arraycopy(row, 0, gradient, at + i * features, features);
                part.bias().set(gradient, i, constant);
            }
        }
        System.arraycopy(dweight, 0, gradient, weight, features);
        System.arraycopy(dbias, 0, gradient, bias, features);
    }

    @Override
    public void close() {
        whole.close();
    }
}
