package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Answers;
import holonomy.model.Architecture;
import holonomy.model.Design;
import holonomy.model.Layout;
import holonomy.model.Role;
import holonomy.model.Targets;
import holonomy.product.Matrix;
import java.util.Arrays;
import java.util.List;

/**
 * Final norm and classes at the positions that are asked, the cross-entropy and its derivative, {@link #COLUMNS} positions at a time: however many are
 * asked, the logits of no more than those exist. A tied head is the token embedding.
 */
final class Logits implements AutoCloseable {
    /** Positions whose logits exist at once. */
    static final int COLUMNS = 256;
    /** Their number is rounded up to a multiple of it; what fills up is 0 and asked nothing. */
    private static final int STEP = 32;

    private final int classes;
    private final Shared shared;
    private final Folded weights;
    private final Matrix dweights;
    private final Norm norm;
    private final Scratch scratch;
    private final Piece[] pieces = new Piece[COLUMNS / STEP];
    private final Matrix normed;
    private final Matrix logits;
    private final Matrix dnormed;
    /** Residual stream at a piece's positions and its derivative, [d][columns]. */
    private final float[][] x;

    private final float[][] dx;
    private final CrossEntropy crossEntropy;

    /**
     * Matrices over a piece's columns, in the memory of the largest's.
     *
     * @param normed xhat and a row of ones [d + 1, columns]
     * @param logits [C, columns], or [columns, C]
     * @param dnormed derivative of xhat [d, columns]
     */
    private record Piece(Matrix normed, Matrix logits, Matrix byPosition, Matrix dnormed) {}

    Logits(NDManager manager, Architecture model, Shared shared) {
        this.shared = shared;
        Layout layout = model.layout();
        int width = model.width();
        classes = model.classes();
        crossEntropy = new CrossEntropy(classes, COLUMNS);
        Role head = model.design().head() == Design.Head.TIED ? Role.TOKEN_EMBEDDING : Role.HEAD;
        weights = new Folded(
                manager,
                layout.block(Role.FINAL_NORM_GAIN.in(-1)),
                layout.block(Role.FINAL_NORM_BIAS.in(-1)),
                List.of(Folded.Part.of(
                        layout, head, Role.HEAD_BIAS, -1, (float) model.design().logitScale())));
        dweights = shared.weights.as(classes, width + 1);
        scratch = new Scratch(width, COLUMNS);
        norm = new Norm(width, COLUMNS, scratch);
        normed = new Matrix(manager, width + 1, COLUMNS);
        logits = new Matrix(manager, classes, COLUMNS);
        dnormed = new Matrix(manager, width, COLUMNS);
        x = new float[width][COLUMNS];
        dx = new float[width][COLUMNS];
    }

    void load(float[] theta) {
        weights.load(theta);
    }

    private Piece piece(int count) {
        int size = Math.max(1, (count + STEP - 1) / STEP);
        if (pieces[size - 1] == null) {
            int columns = size * STEP;
            pieces[size - 1] = new Piece(
                    normed.as(normed.rows(), columns),
                    logits.as(classes, columns),
                    logits.as(columns, classes),
                    dnormed.as(dnormed.rows(), columns));
        }
        return pieces[size - 1];
    }

    /** xhat at the positions from {@code first} on. */
    private Piece norm(float[][] stream, Asked asked, int first, int count) {
        Piece piece = piece(count);
        for (int j = 0; j < x.length; j++) {
            for (int i = 0; i < count; i++) {
                x[j][i] = stream[j][asked.columns()[first + i]];
            }
            Arrays.fill(x[j], count, piece.normed().columns(), 0f);
        }
        norm.forward(x, piece.normed());
        return piece;
    }

    /** Writes the logits [asked, C] of a residual stream. Modified: result, from {@code at} on. */
    void read(float[][] stream, Asked asked, float[] result, int at) {
        for (int first = 0; first < asked.count(); first += COLUMNS) {
            int count = Math.min(COLUMNS, asked.count() - first);
            Piece piece = norm(stream, asked, first, count);
            shared.products.multiply(piece.normed().transposed(), weights.whole.transposed(), piece.byPosition());
            piece.byPosition().getRows(0, count, result, at + first * classes);
        }
    }

    /** Adds the cross-entropies to the sums of their groups, in nats. Modified: sums [G]. */
    void crossEntropies(float[][] stream, Asked asked, Targets targets, double[] sums) {
        for (int first = 0; first < asked.count(); first += COLUMNS) {
            int count = Math.min(COLUMNS, asked.count() - first);
            Piece piece = norm(stream, asked, first, count);
            shared.products.multiply(weights.whole, piece.normed(), piece.logits());
            addCosts(piece, asked, targets, first, count, sums);
        }
    }

    /** Counts what the logits say to the targets: the largest logit is the answer, ties by lower index. Modified: answers. */
    void answer(float[][] stream, Asked asked, Targets targets, Answers answers) {
        for (int first = 0; first < asked.count(); first += COLUMNS) {
            int count = Math.min(COLUMNS, asked.count() - first);
            Piece piece = norm(stream, asked, first, count);
            shared.products.multiply(weights.whole, piece.normed(), piece.logits());
            int[] best = crossEntropy.best(piece.logits());
            double[] costs = crossEntropy.of(piece.logits(), asked, targets, first, count);
            for (int i = 0; i < count; i++) {
                answers.add(best[i] == targets.classes()[asked.targets()[first + i]], costs[i]);
            }
        }
    }

    private void addCosts(Piece piece, Asked asked, Targets targets, int first, int count, double[] sums) {
        double[] costs = crossEntropy.of(piece.logits(), asked, targets, first, count);
        for (int i = 0; i < count; i++) {
            sums[targets.groups()[asked.targets()[first + i]]] += costs[i];
        }
    }

    /**
     * {@link #crossEntropies(float[][], Asked, Targets, double[])}, and the derivative of the loss.
     *
     * @param dstream receives, added, that with respect to the stream. Modified, as are sums [G] and gradient [P].
     */
    void backward(
            float[][] stream,
            Asked asked,
            Targets targets,
            double[] sums,
            float[] theta,
            float[][] dstream,
            float[] gradient) {
        int first = 0;
        do {
            int count = Math.min(COLUMNS, asked.count() - first);
            Piece piece = norm(stream, asked, first, count);
            shared.products.multiply(weights.whole, piece.normed(), piece.logits());
            addCosts(piece, asked, targets, first, count, sums);
            crossEntropy.derivative(piece.logits(), asked, targets, first, count);
            if (first == 0) {
                shared.products.multiply(piece.logits(), piece.normed().transposed(), dweights);
            } else {
                shared.products.multiplyAdd(piece.logits(), piece.normed().transposed(), dweights);
            }
            shared.products.multiply(weights.slopes.transposed(), piece.logits(), piece.dnormed());
            addTo(dstream, asked, first, count, piece);
            first += COLUMNS;
        } while (first < asked.count());
        weights.unfold(dweights, theta, gradient);
    }

    private void addTo(float[][] dstream, Asked asked, int first, int count, Piece piece) {
        for (float[] ofFeature : dx) {
            Arrays.fill(ofFeature, 0f);
        }
        norm.backward(scratch.read(piece.dnormed()), dx);
        for (int j = 0; j < dx.length; j++) {
            for (int i = 0; i < count; i++) {
                dstream[j][asked.columns()[first + i]] += dx[j][i];
            }
        }
    }

    @Override
    public void close() {
        weights.close();
        for (Matrix matrix : new Matrix[] {normed, logits, dnormed}) {
            matrix.close();
        }
    }
}
