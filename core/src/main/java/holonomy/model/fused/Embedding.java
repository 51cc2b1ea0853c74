package holonomy.model.fused;

import holonomy.model.Layout;
import java.util.Arrays;

/** x0 = E[token] + P[position] in feature-major order, a column per pair, and its derivative. */
final class Embedding {
    private final int width;
    private final int tokensAt;
    private final int positionsAt;
    private final int end;
    private final Pairs pairs;

    Embedding(Layout layout, int width, Pairs pairs) {
        this.width = width;
        this.pairs = pairs;
        tokensAt = layout.block("token_embedding").offset();
        positionsAt = layout.block("position_embedding").offset();
        end = positionsAt + layout.block("position_embedding").size();
    }

    /** The pairs' columns, and 0 in those that fill up. Modified: x [width][pairs]. */
    void forward(float[] theta, float[][] x) {
        for (int pair = 0; pair < pairs.count(); pair++) {
            int token = tokensAt + width * pairs.token(pair);
            int position = positionsAt + width * pairs.position(pair);
            for (int j = 0; j < width; j++) {
                x[j][pair] = theta[token + j] + theta[position + j];
            }
        }
        for (int j = 0; j < width; j++) {
            Arrays.fill(x[j], pairs.count(), pairs.size(), 0f);
        }
    }

    /** Sets the embeddings' derivatives. Modified: gradient. */
    void backward(float[][] dx, float[] gradient) {
        Arrays.fill(gradient, tokensAt, end, 0f);
        for (int pair = 0; pair < pairs.count(); pair++) {
            int token = tokensAt + width * pairs.token(pair);
            int position = positionsAt + width * pairs.position(pair);
            for (int j = 0; j < width; j++) {
                gradient[token + j] += dx[j][pair];
                gradient[position + j] += dx[j][pair];
            }
        }
    }
}
