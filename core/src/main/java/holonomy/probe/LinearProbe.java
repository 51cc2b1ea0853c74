package holonomy.probe;

import java.util.Arrays;

/**
 * A linear classifier: the class of x is the largest of {@code W x + b}.
 *
 * @param classes C
 * @param weights W [C, d], row by row
 * @param bias b [C]
 */
public record LinearProbe(int classes, float[] weights, float[] bias) {
    /** Trains linear classifiers: the seam between our own logistic regression and a library's dense layer. */
    public interface Fitter {
        /** As results name it; part of their identity. */
        String name();

        /**
         * Minimises the mean cross-entropy of softmax(W x + b).
         *
         * @param rows [n, d], each feature of mean 0 and standard deviation 1. Not modified.
         * @param labels [n], 0 .. C-1. Not modified.
         */
        LinearProbe fit(float[] rows, int[] labels, int classes, long seed);
    }

    /** Share of rows [n, d] whose class it names (ties by lower index); dimensionless. */
    public double accuracy(float[] rows, int[] labels) {
        int d = weights.length / classes;
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                double score = bias[c];
                for (int j = 0; j < d; j++) {
                    score += (double) weights[c * d + j] * rows[i * d + j];
                }
                if (score > largest) {
                    largest = score;
                    best = c;
                }
            }
            right += best == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    /** Share of the most frequent label; dimensionless. */
    public static double majority(int[] labels) {
        int[] counts = new int[Arrays.stream(labels).max().orElseThrow() + 1];
        for (int label : labels) {
            counts[label]++;
        }
        return (double) Arrays.stream(counts).max().orElseThrow() / labels.length;
    }

    /**
     * The directions that tell classes apart, in the features before scaling: rows W_c / deviation less their mean, [C][d]. They span at most C-1
     * dimensions, for adding one vector to every W_c changes nothing.
     */
    public double[][] directions(double[] deviations) {
        int d = deviations.length;
        double[][] rows = new double[classes][d];
        for (int j = 0; j < d; j++) {
            double mean = 0;
            for (int c = 0; c < classes; c++) {
                mean += weights[c * d + j] / (double) classes;
            }
            for (int c = 0; c < classes; c++) {
                rows[c][j] = (weights[c * d + j] - mean) / deviations[j];
            }
        }
        return rows;
    }
}
