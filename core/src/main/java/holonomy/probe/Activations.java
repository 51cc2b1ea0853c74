package holonomy.probe;

/** Many rows of float32 activations [n, d], in the order they were recorded; thread-safe for reading. */
public interface Activations {
    /** n. */
    int count();

    /** d. */
    int width();

    /**
     * Reads one row.
     *
     * @param into receives d numbers from index {@code at}. Modified.
     */
    void read(int row, float[] into, int at);

    /** Rows {@code from .. from + length - 1} as one array [length, d]. */
    default float[] rows(int from, int length) {
        float[] result = new float[length * width()];
        for (int i = 0; i < length; i++) {
            read(from + i, result, i * width());
        }
        return result;
    }

    /** Activations in memory. */
    static Activations of(float[] values, int width) {
        if (width < 1 || values.length % width != 0) {
            throw new IllegalArgumentException(
                    "activations: expected whole rows of width " + width + ", found " + values.length + " numbers");
        }
        return new Activations() {
            @Override
            public int count() {
                return values.length / width;
            }

            @Override
            public int width() {
                return width;
            }

            @Override
            public void read(int row, float[] into, int at) {
                System.arraycopy(values, row * width, into, at, width);
            }
        };
    }
}
