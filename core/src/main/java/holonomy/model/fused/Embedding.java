package holonomy.model.fused;

import holonomy.model.Layout;
import java.util.Arrays;

/** x0 = E[token] + P[position] in feature-major order, a column for each place, and its derivative. */
final class Embedding {
    private final int width;
    private final int tokensAt;
    private final int positionsAt;
    private final int end;
    private final Places places;

    Embedding(Layout layout, int width, Places places) {
        this.width = width;
        this.places = places;
        tokensAt = layout.block("token_embedding").offset();
        positionsAt = layout.block("position_embedding").offset();
        end = positionsAt + layout.block("position_embedding").size();
    }

    /** The columns, and 0 in those that fill up. Modified: x [width][columns]. */
    void forward(float[] theta, float[][] x) {
        for (int place = 0; place < places.count(); place++) {
            int token = tokensAt + width * places.token(place);
            int position = positionsAt + width * places.position(place);
            for (int j = 0; j < width; j++) {
                x[j][place] = theta[token + j] + theta[position + j];
            }
        }
        for (int j = 0; j < width; j++) {
            Arrays.fill(x[j], places.count(), places.size(), 0f);
        }
    }

    /** Sets the embeddings' derivatives to 0. Modified: gradient. */
    void clear(float[] gradient) {
        Arrays.fill(gradient, tokensAt, end, 0f);
    }

    /** Adds to the embeddings' derivatives. Modified: gradient. */
    void backward(float[][] dx, float[] gradient) {
        for (int place = 0; place < places.count(); place++) {
            int token = tokensAt + width * places.token(place);
            int position = positionsAt + width * places.position(place);
            for (int j = 0; j < width; j++) {
                gradient[token + j] += dx[j][place];
                gradient[position + j] += dx[j][place];
            }
        }
    }
}
