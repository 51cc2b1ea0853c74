package holonomy.model;

import holonomy.data.UserError;

/** A change made to the forward pass while it runs; the layers after it see the changed values. */
public sealed interface Patch {
    /**
     * Replaces what stands at a site.
     *
     * @param site where
     * @param values as the site's shape, row by row; not modified
     */
    record Replace(Site site, float[] values) implements Patch {}

    /**
     * Keeps the k largest entries of every attention row in every layer (ties by lower index) and divides by their sum.
     *
     * @param k entries kept, at least 1; T or more changes nothing
     */
    record TopAttention(int k) implements Patch {
        public TopAttention {
            if (k < 1) {
                throw new UserError(
                        "attention override: expected to keep at least 1 entry of each row, found k = " + k);
            }
        }

        /** Applies the override to rows of length {@code length}. Modified: values. */
        public void apply(float[] values, int length) {
            boolean[] kept = new boolean[length];
            for (int row = 0; row < values.length; row += length) {
                java.util.Arrays.fill(kept, false);
                double sum = 0;
                for (int i = 0; i < Math.min(k, length); i++) {
                    int best = largest(values, row, kept);
                    kept[best] = true;
                    sum += values[row + best];
                }
                for (int j = 0; j < length; j++) {
                    values[row + j] = kept[j] ? (float) (values[row + j] / sum) : 0f;
                }
            }
        }

        private static int largest(float[] values, int row, boolean[] taken) {
            int best = -1;
            for (int j = 0; j < taken.length; j++) {
                if (!taken[j] && (best < 0 || values[row + j] > values[row + best])) {
                    best = j;
                }
            }
            return best;
        }
    }
}
