package holonomy.curvature;

import holonomy.data.UserError;
import holonomy.geometry.Orthonormal;
import holonomy.model.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * What a push of one block of weights costs, {@code L(theta + sigma |theta_b| u) - L(theta)}: along v's part in the block, u = v_b / |v_b|, against it, and in random directions of the block that are orthogonal to
 * v_b and to each other.
 *
 * <p>Published (arXiv 2602.23696, its code; spec/backbone.md, 4.23) the push is a share of the block's root mean square, {@code 1 / sqrt(size)} of a share of its length: none at all.
 *
 * @param along nats
 * @param against nats
 * @param random nats; each both ways, mean
 */
public record LossPush(double along, double against, double[] random) {
    /**
     * @param loss of weights [P]
     * @param theta [P]; not modified
     * @param v [P]; not modified, not 0 in the block
     * @param sigma share of the block's length, above 0
     * @param draws number of random directions, fewer than the block has weights
     */
    public static LossPush of(
            ToDoubleFunction<double[]> loss,
            double[] theta,
            double[] v,
            Block block,
            double sigma,
            int draws,
            RandomGenerator random) {
        Part part = new Part(List.of(block));
        if (draws < 1 || draws >= block.size() || !(sigma > 0 && Double.isFinite(sigma))) {
            throw new UserError("push of block '" + block.name() + "': expected 1 to " + (block.size() - 1)
                    + " random directions and a share of its length above 0, found " + draws + " and " + sigma);
        }
        double[] own = unit(part.of(v));
        if (Double.isNaN(own[0])) {
            throw new IllegalArgumentException("push of block '" + block.name() + "': the direction is 0 there");
        }
        double far = sigma * Orthonormal.norm(part.of(theta));
        double here = loss.applyAsDouble(theta);
        ToDoubleFunction<double[]> pushed =
                u -> loss.applyAsDouble(LossCurvature.moved(theta, part.in(theta.length, u), far)) - here;
        List<double[]> taken = new ArrayList<>(List.of(own));
        double[] others = new double[draws];
        for (int i = 0; i < draws; i++) {
            double[] u = Lanczos.gaussian(own.length, random);
            Orthonormal.without(u, taken);
            u = unit(u);
            taken.add(u);
            others[i] = (pushed.applyAsDouble(u) + pushed.applyAsDouble(negative(u))) / 2;
        }
        return new LossPush(pushed.applyAsDouble(own), pushed.applyAsDouble(negative(own)), others);
    }

    /** Mean of both ways along v: what curvature makes of it. */
    public double bothWays() {
        return (along + against) / 2;
    }

    private static double[] unit(double[] v) {
        double length = Orthonormal.norm(v);
        return Arrays.stream(v).map(x -> x / length).toArray();
    }

    private static double[] negative(double[] v) {
        return Arrays.stream(v).map(x -> -x).toArray();
    }
}
