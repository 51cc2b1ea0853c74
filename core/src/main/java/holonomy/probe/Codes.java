package holonomy.probe;

import java.util.Arrays;

/**
 * Sparse codes of n rows: row i has the latents {@code latent[start(i)] .. latent[start(i + 1) - 1]} active, ascending, with their values.
 *
 * <p>Filled row by row; not thread-safe while it is filled.
 */
public final class Codes {
    private final int[] starts;
    private int rows;
    private int[] latents;
    private float[] values;
    private int size;

    Codes(int rows, int expectedPerRow) {
        starts = new int[rows + 1];
        latents = new int[Math.max(16, rows * expectedPerRow)];
        values = new float[latents.length];
    }

    void add(int latent, float value) {
        if (size == latents.length) {
            latents = Arrays.copyOf(latents, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
        }
        latents[size] = latent;
        values[size++] = value;
    }

    void endRow() {
        starts[++rows] = size;
    }

    /** n. */
    public int rows() {
        return rows;
    }

    /** Index of the first entry of a row. */
    public int start(int row) {
        return starts[row];
    }

    /** Index after the last entry of a row. */
    public int end(int row) {
        return starts[row + 1];
    }

    /** The latent of an entry. */
    public int latent(int entry) {
        return latents[entry];
    }

    /** The value of an entry. */
    public float value(int entry) {
        return values[entry];
    }

    /** Active latents per row, mean over rows (L0). */
    public double meanActive() {
        return (double) size / rows;
    }

    /** Mean over rows of the sum of the values. */
    public double meanSum() {
        double sum = 0;
        for (int entry = 0; entry < size; entry++) {
            sum += values[entry];
        }
        return sum / rows;
    }

    /** As a dense matrix [n, h], row by row. */
    public float[] dense(int latentCount) {
        float[] result = new float[rows * latentCount];
        for (int row = 0; row < rows; row++) {
            for (int entry = start(row); entry < end(row); entry++) {
                result[row * latentCount + latents[entry]] = values[entry];
            }
        }
        return result;
    }
}
