package holonomy.geometry;

import java.util.Arrays;

/**
 * A vector of weight space that is zero outside one range: {@code v[offset + i] = values[i]}.
 *
 * <p>Directions of different blocks have disjoint ranges; they never fill the rest of the parameter vector with zeros.
 */
record Direction(int offset, double[] values) {
    int end() {
        return offset + values.length;
    }

    double dot(double[] vector) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * vector[offset + i];
        }
        return sum;
    }

    double dot(float[] vector) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * vector[offset + i];
        }
        return sum;
    }

    double dot(Direction other) {
        int from = Math.max(offset, other.offset);
        int to = Math.min(end(), other.end());
        double sum = 0;
        for (int d = from; d < to; d++) {
            sum += values[d - offset] * other.values[d - other.offset];
        }
        return sum;
    }

    /** vector[d - origin] += factor * this[d]. Modifies {@code vector}. */
    void addTo(double[] vector, double factor, int origin) {
        for (int i = 0; i < values.length; i++) {
            vector[offset + i - origin] += factor * values[i];
        }
    }

    Direction moved(int by) {
        return new Direction(offset + by, values);
    }

    boolean overlaps(Direction other) {
        return Math.max(offset, other.offset) < Math.min(end(), other.end());
    }

    /** All values in a vector of this dimension [dimension]. */
    double[] dense(int dimension) {
        double[] vector = new double[dimension];
        System.arraycopy(values, 0, vector, offset, values.length);
        return vector;
    }

    /** Same range and values, by content. */
    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Direction direction
                && offset == direction.offset
                && Arrays.equals(values, direction.values);
    }

    @Override
    public int hashCode() {
        return 31 * offset + Arrays.hashCode(values);
    }
}
