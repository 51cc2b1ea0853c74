package holonomy.task;

import java.util.random.RandomGenerator;

/**
 * One random sequence: the Philox blocks of a key with the sequence's index in the high half of the counter.
 *
 * <p>The derived draws (bounded integers, doubles, Gaussians) are defined here and not inherited from the JDK, whose algorithms may
 * change between versions: the same sequence is the same numbers on every machine. Not thread-safe.
 */
public final class RandomSequence implements RandomGenerator {
    private static final double DOUBLE_UNIT = 0x1.0p-53;

    private final long key;
    private final long index;
    private final int[] block = new int[4];
    private long next;
    private int used = 4;
    private double spareGaussian = Double.NaN;

    RandomSequence(long key, long index) {
        this.key = key;
        this.index = index;
    }

    @Override
    public int nextInt() {
        if (used == block.length) {
            Philox.block(key, next++, index, block);
            used = 0;
        }
        return block[used++];
    }

    @Override
    public long nextLong() {
        long high = nextInt();
        return (high << 32) | (nextInt() & 0xFFFFFFFFL);
    }

    /** Uniform in 0 .. bound - 1, exactly (multiply and reject, Lemire 2019). */
    @Override
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound < 1: " + bound);
        }
        long product = (nextInt() & 0xFFFFFFFFL) * bound;
        long rejectBelow = (0x1_0000_0000L - bound) % bound;
        while ((product & 0xFFFFFFFFL) < rejectBelow) {
            product = (nextInt() & 0xFFFFFFFFL) * bound;
        }
        return (int) (product >>> 32);
    }

    /** Uniform in [0, 1), a multiple of 2^-53. */
    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * DOUBLE_UNIT;
    }

    /** Standard normal, by Box and Muller, with StrictMath so that every machine agrees. */
    @Override
    public double nextGaussian() {
        if (!Double.isNaN(spareGaussian)) {
            double spare = spareGaussian;
            spareGaussian = Double.NaN;
            return spare;
        }
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        double angle = 2 * Math.PI * nextDouble();
        spareGaussian = radius * StrictMath.sin(angle);
        return radius * StrictMath.cos(angle);
    }
}
