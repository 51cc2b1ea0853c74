package holonomy.geometry;

import holonomy.inference.Quantiles;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.ContinuousDistribution;

/**
 * The energy share of a vector in a subspace that is random inside each block: {@code rho^2 = sum_b e_b X_b}, {@code X_b ~ Beta(k_b/2, (d_b - k_b)/2)} independent,
 * with e_b = |v_b|^2/|v|^2 the vector's energy in block b. What lies outside the blocks counts in |v|^2 only.
 *
 * <p>It takes away the book-keeping part of an alignment: a vector with much energy where the basis lives projects well onto any
 * basis there. The mean is exact; quantiles come from X_b drawn once and used for every vector.
 */
public final class BlockMatchedNull {
    /** Draws that give quantiles to about 1 % of the spread. */
    public static final int STANDARD_DRAWS = 20_000;

    /**
     * A range of weights and the number of basis directions in it.
     *
     * @param offset first weight
     * @param length d_b
     * @param directions k_b
     */
    public record Block(int offset, int length, int directions) {}

    private final List<Block> blocks;
    private final double[][] shares;

    private BlockMatchedNull(List<Block> blocks, double[][] shares) {
        this.blocks = blocks;
        this.shares = shares;
    }

    /** The null of a basis: its directions, taken together by the range they live in. */
    public static BlockMatchedNull of(Subspace basis, int draws, RandomGenerator random) {
        Map<Long, Block> blocks = new LinkedHashMap<>();
        for (Direction direction : basis.directions()) {
            long range = (long) direction.offset() << 32 | direction.values().length;
            blocks.merge(
                    range,
                    new Block(direction.offset(), direction.values().length, 1),
                    (a, b) -> new Block(a.offset, a.length, a.directions + 1));
        }
        return of(List.copyOf(blocks.values()), draws, random);
    }

    /** The null of these blocks, which must not overlap. */
    public static BlockMatchedNull of(List<Block> blocks, int draws, RandomGenerator random) {
        if (draws < 1) {
            throw new IllegalArgumentException("number of draws is " + draws + ", expected at least 1");
        }
        double[][] shares = new double[blocks.size()][draws];
        for (int b = 0; b < shares.length; b++) {
            draw(blocks.get(b), shares[b], random);
        }
        return new BlockMatchedNull(List.copyOf(blocks), shares);
    }

    public List<Block> blocks() {
        return blocks;
    }

    /** e_b = |v_b|^2/|v|^2, [blocks]; dimensionless, NaN for v = 0. */
    public double[] energies(double[] v) {
        double all = square(v, 0, v.length);
        return blocks.stream()
                .mapToDouble(b -> square(v, b.offset, b.offset + b.length) / all)
                .toArray();
    }

    /** E[rho^2] = sum_b e_b k_b/d_b, exactly. */
    public double mean(double[] energies) {
        double sum = 0;
        for (int b = 0; b < energies.length; b++) {
            sum += energies[b] * blocks.get(b).directions / blocks.get(b).length;
        }
        return sum;
    }

    /** Draws of rho^2 for a vector with these energies, [draws]. */
    public double[] draws(double[] energies) {
        double[] sums = new double[shares.length == 0 ? 0 : shares[0].length];
        for (int b = 0; b < shares.length; b++) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += energies[b] * shares[b][i];
            }
        }
        return sums;
    }

    /** Mean (exact), quantiles and mean rho (from the draws) for a vector. */
    public NullEnergy energy(double[] v) {
        double[] energies = energies(v);
        double[] draws = draws(energies);
        double[] ends = Quantiles.of(draws, .025, .975);
        return new NullEnergy(
                mean(energies),
                ends[0],
                ends[1],
                Arrays.stream(draws).map(Math::sqrt).average().orElseThrow());
    }

    private static void draw(Block block, double[] into, RandomGenerator random) {
        if (block.directions == block.length) {
            Arrays.fill(into, 1);
            return;
        }
        ContinuousDistribution.Sampler sampler = BetaDistribution.of(
                        block.directions / 2.0, (block.length - block.directions) / 2.0)
                .createSampler(random::nextLong);
        Arrays.setAll(into, i -> sampler.sample());
    }

    private static double square(double[] v, int from, int to) {
        double sum = 0;
        for (int d = from; d < to; d++) {
            sum += v[d] * v[d];
        }
        return sum;
    }
}
