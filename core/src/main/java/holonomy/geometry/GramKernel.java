package holonomy.geometry;

import java.util.Arrays;

/**
 * {@code g_ij = sum_d x_i[d] x_j[d]} with x_i = w_i - w_0, streamed over chunks of D.
 *
 * <p>A chunk is read as float32, [n, CHUNK], and turned tile by tile into rows of float64 over the snapshots, [TILE, n]. Every entry takes
 * four dimensions at a time, in their order: {@code g_ij += (x_i[d] x_j[d] + x_i[d+1] x_j[d+1]) + (x_i[d+2] x_j[d+2] + x_i[d+3] x_j[d+3])}. The inner
 * loop runs over snapshots and carries nothing from one to the next, so the compiler turns it into vector instructions, and no
 * entry's sum depends on which others are computed with it: any split into rows gives the same bits.
 */
final class GramKernel {
    /** Dimensions read at once, a multiple of TILE. */
    static final int CHUNK = 4096;

    /** Dimensions converted at once, a multiple of 4: the tile stays in the second-level cache. */
    private static final int TILE = 128;

    /** Rows of the result worked on at once: they stay in the first-level cache. */
    private static final int ROWS = 16;

    private GramKernel() {}

    /** Adds rows {@code from .. n - 1} of the lower triangle. Modifies those rows of {@code gram}, [n, n]. */
    static void addRows(Trajectory trajectory, String block, int from, double[][] gram) {
        int n = gram.length;
        long dimension = trajectory.dimension(block);
        int capacity = (int) Math.min(CHUNK, dimension);
        float[][] chunk = new float[n][capacity];
        double[][] tile = new double[TILE][n];
        for (long offset = 0; offset < dimension; offset += capacity) {
            int length = (int) Math.min(capacity, dimension - offset);
            for (int i = 0; i < n; i++) {
                trajectory.read(i, block, offset, chunk[i], length);
            }
            for (int first = 0; first < length; first += TILE) {
                int width = Math.min(TILE, length - first);
                displacements(chunk, first, width, tile);
                addTile(tile, (width + 3) / 4 * 4, from, gram);
            }
        }
    }

    /** tile[d][i] = w_i - w_0, zero beyond {@code width}. Modifies {@code tile}. */
    private static void displacements(float[][] chunk, int first, int width, double[][] tile) {
        float[] start = chunk[0];
        for (int i = 1; i < chunk.length; i++) {
            float[] snapshot = chunk[i];
            for (int d = 0; d < width; d++) {
                tile[d][i] = (double) snapshot[first + d] - start[first + d];
            }
        }
        for (int d = width; d < TILE; d++) {
            Arrays.fill(tile[d], 0);
        }
    }

    private static void addTile(double[][] x, int width, int from, double[][] gram) {
        for (int first = from; first < gram.length; first += ROWS) {
            int last = Math.min(first + ROWS, gram.length);
            for (int d = 0; d < width; d += 4) {
                for (int i = first; i < last; i++) {
                    addFour(x[d], x[d + 1], x[d + 2], x[d + 3], i, gram[i]);
                }
            }
        }
    }

    private static void addFour(double[] x0, double[] x1, double[] x2, double[] x3, int i, double[] row) {
        double a0 = x0[i];
        double a1 = x1[i];
        double a2 = x2[i];
        double a3 = x3[i];
        for (int j = 0; j <= i; j++) {
            row[j] += (a0 * x0[j] + a1 * x1[j]) + (a2 * x2[j] + a3 * x3[j]);
        }
    }
}
