package holonomy.analysis;

import holonomy.data.Dtype;

/**
 * How long a matrix's steps are beside the spacing of the numbers that store it: with stored weights w_td and u_td the distance from w_td (or w_t+1,d, whichever is
 * larger) to the next number of its type,
 *
 * <pre>{@code   r = sqrt( sum_td (w_t+1,d - w_td)^2 / sum_td u_td^2 ),   d over the weights that ever move, t over the steps in which one does.}</pre>
 *
 * <p>A true step s shorter than u is stored as u with probability s/u and else as 0: the stored square has the mean u s, of which u s - s^2 is rounding. Rounding is
 * more than the step itself where s is below u/2, and there r^2 = s/u is below 1/2. Steps longer than u carry rounding of u^2/6 at most about a quarter of
 * their square, and r is above 1. So r^2 <= 1/2 says that what is stored is more rounding than training: dimensions are those of noise, lengths are too long.
 *
 * <p>Dimensionless. Weights that never move say nothing of rounding (unused rows of an embedding), so they don't count.
 */
final class Rounding {
    /** r at and below which rounding is larger than the steps. */
    static final double LARGER_THAN_STEPS = Math.sqrt(.5);

    /** A matrix is looked at in at most so many pieces, evenly spread: cheap beside its Gram matrix, and as good. */
    private static final int PIECES = 16;

    private static final int PIECE = 4096;

    private Rounding() {}

    /** r of a block; NaN where nothing looked at moves. */
    static double stepsOverSpacing(FolderTrajectory path, String block) {
        long dimension = path.dimension(block);
        long pieces = Math.min(PIECES, (dimension + PIECE - 1) / PIECE);
        double[] moved = new double[path.snapshots()];
        double[] spaced = new double[path.snapshots()];
        for (long piece = 0; piece < pieces; piece++) {
            long offset = pieces == 1 ? 0 : piece * Math.max(dimension - PIECE, 0) / (pieces - 1);
            add(path, block, offset, (int) Math.min(PIECE, dimension - offset), moved, spaced);
        }
        double squares = 0;
        double spacings = 0;
        for (int t = 1; t < moved.length; t++) {
            squares += moved[t];
            spacings += moved[t] > 0 ? spaced[t] : 0;
        }
        return squares > 0 ? Math.sqrt(squares / spacings) : Double.NaN;
    }

    /** Adds a piece's squared steps and spacings to {@code moved[t]} and {@code spaced[t]}, t = 1 .. n - 1. Modifies both. */
    private static void add(
            FolderTrajectory path, String block, long offset, int length, double[] moved, double[] spaced) {
        double[] before = new double[length];
        double[] after = new double[length];
        boolean[] moves = new boolean[length];
        double[][] spacings = new double[moved.length][length];
        path.readStored(0, block, offset, before, length);
        for (int t = 1; t < moved.length; t++) {
            path.readStored(t, block, offset, after, length);
            for (int d = 0; d < length; d++) {
                double step = after[d] - before[d];
                moves[d] |= step != 0;
                moved[t] += step * step;
                double spacing = spacing(path.dtype(block), Math.max(Math.abs(before[d]), Math.abs(after[d])));
                spacings[t][d] = spacing * spacing;
            }
            double[] swap = before;
            before = after;
            after = swap;
        }
        for (int t = 1; t < moved.length; t++) {
            double[] row = spacings[t];
            spaced[t] += java.util.stream.IntStream.range(0, length)
                    .filter(d -> moves[d])
                    .mapToDouble(d -> row[d])
                    .sum();
        }
    }

    /** 2^(e - b) of a number with exponent e in a type with b fraction bits: the distance to the next one. */
    static double spacing(Dtype dtype, double magnitude) {
        int bits;
        int lowest;
        switch (dtype) {
            case F64 -> {
                bits = 52;
                lowest = Double.MIN_EXPONENT;
            }
            case F32 -> {
                bits = 23;
                lowest = Float.MIN_EXPONENT;
            }
            case BF16 -> {
                bits = 7;
                lowest = Float.MIN_EXPONENT;
            }
            case F16 -> {
                bits = 10;
                lowest = -14;
            }
            default -> throw new IllegalArgumentException(dtype + " is no floating-point type that is analysed");
        }
        return Math.scalb(1.0, Math.max(Math.getExponent(magnitude), lowest) - bits);
    }
}
