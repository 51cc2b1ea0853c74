package holonomy.probe;

/**
 * The loss of a sparse autoencoder on a batch and its gradient, written out: after the encoder everything is sparse.
 *
 * <pre>
 *   L = 1/n sum_i (|e_i|^2 + l1 sum_j z_ij),   e = x^ - x,   g_i = 2 e_i / n
 *   dL/dD_j = sum_i z_ij g_i,  dL/db_dec = sum_i g_i,  u_ij = g_i . D_j + l1/n on active latents
 *   dL/dW_j = sum_i u_ij x_i,  dL/db_j = sum_i u_ij;  topk: x_i is x_i - b_dec there and dL/db_dec also - sum_ij u_ij W_j
 * </pre>
 *
 * <p>All in scaled units. The flat vector is W_enc [h, d], b_enc [h], D [h, d], b_dec [d], one after the other.
 */
final class SparseGradient {
    private final int width;
    private final int latents;
    private final int biasAt;
    private final int directionsAt;
    private final int outputAt;

    SparseGradient(int width, int latents) {
        this.width = width;
        this.latents = latents;
        biasAt = latents * width;
        directionsAt = biasAt + latents;
        outputAt = directionsAt + latents * width;
    }

    /** Length of the flat vector. */
    int parameters() {
        return outputAt + width;
    }

    /** The parts of a flat vector as a probe; copies. */
    SparseProbe probe(float[] theta, int k, float scale) {
        return new SparseProbe(
                width,
                latents,
                k,
                scale,
                java.util.Arrays.copyOfRange(theta, 0, biasAt),
                java.util.Arrays.copyOfRange(theta, biasAt, directionsAt),
                java.util.Arrays.copyOfRange(theta, directionsAt, outputAt),
                java.util.Arrays.copyOfRange(theta, outputAt, parameters()));
    }

    /** The flat vector of a probe. */
    float[] theta(SparseProbe probe) {
        float[] theta = new float[parameters()];
        System.arraycopy(probe.encoder(), 0, theta, 0, biasAt);
        System.arraycopy(probe.encoderBias(), 0, theta, biasAt, latents);
        System.arraycopy(probe.directions(), 0, theta, directionsAt, latents * width);
        System.arraycopy(probe.outputBias(), 0, theta, outputAt, width);
        return theta;
    }

    /**
     * Adds nothing to and reads nothing from outside its arguments.
     *
     * @param probe the probe that made the codes
     * @param x [n, d], scaled. Not modified.
     * @param codes of x
     * @param l1 weight of the sum of the values
     * @param gradient receives dL/dtheta. Modified.
     * @return L
     */
    double at(SparseProbe probe, float[] x, Codes codes, double l1, float[] gradient) {
        java.util.Arrays.fill(gradient, 0);
        int n = codes.rows();
        float[] error = new float[width];
        float[] input = new float[width];
        float pressure = (float) (l1 / n);
        double squares = 0;
        for (int row = 0; row < n; row++) {
            squares += error(probe, x, codes, row, error);
            for (int i = 0; i < width; i++) {
                error[i] *= 2f / n;
                gradient[outputAt + i] += error[i];
                input[i] = x[row * width + i] - (probe.k() > 0 ? probe.outputBias()[i] : 0);
            }
            for (int entry = codes.start(row); entry < codes.end(row); entry++) {
                add(probe, codes.latent(entry), codes.value(entry), error, input, pressure, gradient);
            }
        }
        return squares / n + l1 * codes.meanSum();
    }

    /** e = x^ - x of one row, and |e|^2. Modified: error. */
    private double error(SparseProbe probe, float[] x, Codes codes, int row, float[] error) {
        System.arraycopy(probe.outputBias(), 0, error, 0, width);
        for (int entry = codes.start(row); entry < codes.end(row); entry++) {
            probe.addDirection(codes.latent(entry), codes.value(entry), error, 0);
        }
        double squares = 0;
        for (int i = 0; i < width; i++) {
            error[i] -= x[row * width + i];
            squares += error[i] * error[i];
        }
        return squares;
    }

    private void add(
            SparseProbe probe, int j, float value, float[] error, float[] input, float pressure, float[] gradient) {
        int from = j * width;
        float u = pressure;
        for (int i = 0; i < width; i++) {
            u += error[i] * probe.directions()[from + i];
        }
        for (int i = 0; i < width; i++) {
            gradient[directionsAt + from + i] += value * error[i];
            gradient[from + i] += u * input[i];
        }
        gradient[biasAt + j] += u;
        if (probe.k() > 0) {
            for (int i = 0; i < width; i++) {
                gradient[outputAt + i] -= u * probe.encoder()[from + i];
            }
        }
    }

    /** Takes out of each direction's gradient the part along the direction: the norm is fixed. Modified: gradient. */
    void projectDirections(float[] theta, float[] gradient) {
        for (int j = 0; j < latents; j++) {
            int from = directionsAt + j * width;
            double dot = 0;
            for (int i = 0; i < width; i++) {
                dot += theta[from + i] * gradient[from + i];
            }
            for (int i = 0; i < width; i++) {
                gradient[from + i] -= (float) dot * theta[from + i];
            }
        }
    }

    /** Scales each direction to norm 1; one of norm 0 stays as it is. Modified: theta. */
    void normaliseDirections(float[] theta) {
        for (int j = 0; j < latents; j++) {
            int from = directionsAt + j * width;
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += theta[from + i] * theta[from + i];
            }
            if (squares > 0) {
                float factor = (float) (1 / Math.sqrt(squares));
                for (int i = 0; i < width; i++) {
                    theta[from + i] *= factor;
                }
            }
        }
    }
}
