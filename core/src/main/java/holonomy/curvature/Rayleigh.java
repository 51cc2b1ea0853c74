package holonomy.curvature;

import holonomy.geometry.Orthonormal;
import holonomy.model.Block;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * {@code q(v) = v'Av / v'v} of a direction, beside the same of random directions that have v's length in each block and a uniform direction inside it: what a direction gets for
 * where its weights lie.
 *
 * @param quotient q(v); NaN for v = 0
 * @param random q of the random directions
 */
public record Rayleigh(double quotient, double[] random) {
    /**
     * @param direction v [P]; not modified
     * @param blocks whose lengths the random directions keep; outside them they are 0
     * @param draws number of random directions, each a product
     */
    public static Rayleigh of(
            SymmetricOperator a, double[] direction, List<Block> blocks, int draws, RandomGenerator random) {
        double[] quotients = new double[draws];
        for (int i = 0; i < draws; i++) {
            quotients[i] = quotient(a, like(direction, blocks, random));
        }
        return new Rayleigh(quotient(a, direction), quotients);
    }

    /** v'Av / v'v; NaN for v = 0. */
    public static double quotient(SymmetricOperator a, double[] v) {
        return Orthonormal.dot(v, a.times(v)) / Orthonormal.dot(v, v);
    }

    private static double[] like(double[] direction, List<Block> blocks, RandomGenerator random) {
        double[] drawn = new double[direction.length];
        for (Block block : blocks) {
            Part part = new Part(List.of(block));
            double[] own = Lanczos.gaussian(block.size(), random);
            double scale = Orthonormal.norm(part.of(direction)) / Orthonormal.norm(own);
            for (int i = 0; i < own.length; i++) {
                drawn[block.offset() + i] = scale * own[i];
            }
        }
        return drawn;
    }

    /** q(v) over the mean of the random ones, dimensionless; NaN where that is not above 0, so that it is no ratio. */
    public double anisotropy() {
        double mean = Arrays.stream(random).average().orElse(Double.NaN);
        return mean > 0 ? quotient / mean : Double.NaN;
    }

    /** The share of random directions, v counted among them, whose quotient is at least v's: a one-sided p-value. */
    public double exceeded() {
        long above = Arrays.stream(random).filter(q -> q >= quotient).count();
        return Double.isNaN(quotient) ? Double.NaN : (above + 1.0) / (random.length + 1);
    }

    /**
     * v as a code reads it that wrote its blocks down in another order than the one they are read in: values of {@code order}'s blocks, one after the other, taken for those of
     * {@code blocks}. Published quotients dot gradients with such directions; shown beside the true ones.
     *
     * @param blocks the blocks as they are read; {@code order} holds the same ones
     */
    public static double[] misread(double[] v, List<Block> blocks, List<Block> order) {
        return new Part(blocks).in(v.length, new Part(order).of(v));
    }
}
