package holonomy.model;

import holonomy.data.UserError;

/**
 * From a residual stream x [d] to logits, as a model with a norm before its head computes them, in float64:
 *
 * <pre>
 *   logits(x) = f (W (gain * (x - mean x) / s(x) + bias) + b),   s(x) = sqrt(var x + 1e-5)
 *   part(p | x) = f W (gain * (p - mean p) / s(x))               of a summand p of x
 * </pre>
 *
 * <p>Of an RMS norm nothing is taken off and s(x) = sqrt(mean x^2 + 1e-5): mean and var x are replaced by 0 and mean x^2, and there is no bias. With s held at what the whole stream has it is affine, so the parts of x's summands and {@code f (W bias + b)} add up to the logits.
 */
public final class Unembedding {
    /** As the networks have it. */
    private static final double EPSILON = 1e-5;

    private final float[] theta;
    private final int classes;
    private final int width;
    private final int gain;
    /** Where the norm's bias begins; -1 for an RMS norm, which takes no mean off either. */
    private final int shift;

    private final int matrix;
    private final int bias;
    /** f, the factor on the logits. */
    private final double factor;

    private Unembedding(float[] theta, int classes, int width, int[] offsets, double factor) {
        this.factor = factor;
        this.theta = theta;
        this.classes = classes;
        this.width = width;
        gain = offsets[0];
        shift = offsets[1];
        matrix = offsets[2];
        bias = offsets[3];
    }

    /**
     * That of a model at some weights.
     *
     * @param theta [P]; kept, not modified
     * @throws UserError for a model without a norm before its head
     */
    public static Unembedding of(Model model, float[] theta) {
        require(model);
        Layout layout = model.layout();
        Block head = layout.find(Role.HEAD, -1).orElseGet(() -> layout.block(Role.TOKEN_EMBEDDING.in(-1)));
        int[] offsets = {
            layout.block(Role.FINAL_NORM_GAIN.in(-1)).offset(),
            layout.find(Role.FINAL_NORM_BIAS, -1).map(Block::offset).orElse(-1),
            head.offset(),
            layout.find(Role.HEAD_BIAS, -1).map(Block::offset).orElse(-1)
        };
        double factor = model instanceof Architecture transformer
                ? (float) transformer.design().logitScale()
                : 1;
        return new Unembedding(theta, model.classes(), model.width(), offsets, factor);
    }

    /** Makes sure that a model has a norm before its head. */
    public static void require(Model model) {
        if (model.layout().find(Role.FINAL_NORM_GAIN, -1).isEmpty()) {
            throw new UserError("logit lens: expected a model with a norm before its head, found " + model.label()
                    + "; measure it along runs of one that has");
        }
    }

    /** logits(x), [C]. @param x [d]. Not modified. */
    public double[] logits(double[] x) {
        double[] normed = scaled(x, spread(x));
        for (int i = 0; i < width && shift >= 0; i++) {
            normed[i] += theta[shift + i];
        }
        double[] logits = times(normed);
        for (int c = 0; c < classes && bias >= 0; c++) {
            logits[c] += factor * theta[bias + c];
        }
        return logits;
    }

    /** part(p | x), [C]. @param p [d]. Not modified. @param whole x [d]. Not modified. */
    public double[] part(double[] p, double[] whole) {
        return times(scaled(p, spread(whole)));
    }

    private double[] scaled(double[] v, double by) {
        double mean = mean(v);
        double[] scaled = new double[width];
        for (int i = 0; i < width; i++) {
            scaled[i] = theta[gain + i] * (v[i] - mean) / by;
        }
        return scaled;
    }

    private double spread(double[] x) {
        double mean = mean(x);
        double squares = 0;
        for (double value : x) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / width + EPSILON);
    }

    private double mean(double[] v) {
        if (shift < 0) {
            return 0;
        }
        double sum = 0;
        for (double value : v) {
            sum += value;
        }
        return sum / width;
    }

    private double[] times(double[] v) {
        double[] product = new double[classes];
        for (int c = 0; c < classes; c++) {
            double sum = 0;
            for (int i = 0; i < width; i++) {
                sum += theta[matrix + c * width + i] * v[i];
            }
            product[c] = factor * sum;
        }
        return product;
    }
}
