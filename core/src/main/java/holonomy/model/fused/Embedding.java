package holonomy.model.fused;

import holonomy.model.Layout;
import holonomy.task.Batch;
import java.util.Arrays;

/** x0 = E[token] + P[position] in feature-major order, and its derivative. */
final class Embedding {
    private final int width;
    private final int tokensAt;
    private final int positionsAt;
    private final int end;
    private final Columns columns;
    /** Per column the place in theta of its token's and of its position's first entry. */
    private final int[] token;

    private final int[] position;

    Embedding(Layout layout, int width, Columns columns) {
        this.width = width;
        this.columns = columns;
        tokensAt = layout.block("token_embedding").offset();
        positionsAt = layout.block("position_embedding").offset();
        end = positionsAt + layout.block("position_embedding").size();
        token = new int[columns.count()];
        position = new int[columns.count()];
    }

    /** Modified: x [width][columns]. */
    void forward(Batch batch, int first, float[] theta, float[][] x) {
        for (int g = 0; g < columns.groups(); g++) {
            for (int t = 0; t < columns.tokens(); t++) {
                for (int b = 0; b < columns.size(g); b++) {
                    int sequence = first + g * Columns.GROUP + b;
                    int i = columns.start(g, t) + b;
                    token[i] = tokensAt + width * batch.tokens()[sequence * batch.length() + t];
                    position[i] = positionsAt + width * t;
                }
            }
        }
        for (int j = 0; j < width; j++) {
            gather(theta, j, x[j]);
        }
    }

    private void gather(float[] theta, int j, float[] row) {
        for (int i = 0; i < token.length; i++) {
            row[i] = theta[token[i] + j] + theta[position[i] + j];
        }
    }

    /** Modified: gradient. */
    void backward(float[][] dx, float[] gradient) {
        Arrays.fill(gradient, tokensAt, end, 0f);
        for (int j = 0; j < width; j++) {
            scatter(dx[j], gradient, j);
        }
    }

    private void scatter(float[] row, float[] gradient, int j) {
        for (int i = 0; i < token.length; i++) {
            gradient[token[i] + j] += row[i];
        }
        for (int g = 0; g < columns.groups(); g++) {
            for (int t = 0; t < columns.tokens(); t++) {
                int start = columns.start(g, t);
                float sum = 0;
                for (int i = start; i < start + columns.size(g); i++) {
                    sum += row[i];
                }
                gradient[positionsAt + width * t + j] += sum;
            }
        }
    }
}
