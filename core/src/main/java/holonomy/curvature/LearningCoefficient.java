package holonomy.curvature;

import holonomy.data.UserError;
import holonomy.inference.Estimate;
import holonomy.inference.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/**
 * The local learning coefficient of a point w*, by Langevin steps with gradients of mini-batches (SGLD):
 *
 * <pre>
 *   lambda = n beta (E[L(w)] - L(w*)),   w ~ exp(-n beta L(w) - gamma/2 |w - w*|^2)
 *   w     &lt;- w - eps/2 (n beta g(w) + gamma (w - w*)) + N(0, eps)
 * </pre>
 *
 * <p>beta = 1 / ln n, n the size of the training set and never that of a batch. L(w*) is taken on each draw's own batch, so that the batches' spread, which n beta multiplies, falls out of the
 * difference. The step counts: on a quadratic with eigenvalues h the chain gives {@code 1/2 sum (n beta h / a) / (1 - eps a / 4)}, a = n beta h + gamma, and runs away from eps a = 4 on. Undefined where
 * the sampler says that its draws are not those of the distribution. Source: Lau and others, arXiv 2308.12108. Costs 2 gradients per draw, 1 per draw of the burn-in.
 *
 * @param inverseTemperature n beta, dimensionless
 * @param rises L(w) - L(w*) of each draw after burn-in, in nats [chains, draws]; NaN from a chain's first that is not finite on
 */
public record LearningCoefficient(double inverseTemperature, double[][] rises) {
    /** Above this split R-hat the halves of the chains don't tell the same. */
    public static final double MIXED = 1.1;

    /** The loss of a draw's batch. */
    public interface Loss {
        /** Loss at w [P] in nats. @param gradient receives its gradient [P]. Modified. */
        double at(double[] w, double[] gradient);
    }

    /**
     * How to sample.
     *
     * @param inverseTemperature n beta, dimensionless, see {@link #inverseTemperature}
     * @param localisation gamma, 1 / weight^2
     * @param step eps, weight^2
     * @param chains at least 2, for an interval
     * @param burnIn draws that count nowhere
     * @param draws draws of each chain, at least 4
     */
    public record Sampler(
            double inverseTemperature, double localisation, double step, int chains, int burnIn, int draws) {
        public Sampler {
            boolean positive = inverseTemperature > 0 && localisation >= 0 && step > 0;
            if (!positive || chains < 2 || burnIn < 0 || draws < 4) {
                throw new UserError(
                        "learning coefficient: expected an inverse temperature and a step above 0, a localisation of at"
                                + " least 0, 2 chains, a burn-in of at least 0 and 4 draws, found " + inverseTemperature
                                + ", " + step + ", " + localisation + ", " + chains + ", " + burnIn + " and " + draws);
            }
        }

        /** What it costs, in gradients of a batch. */
        public double gradients() {
            return chains * (burnIn + 2.0 * draws);
        }
    }

    /** n beta = n / ln n of n training sequences, at least 2. */
    public static double inverseTemperature(long n) {
        if (n < 2) {
            throw new UserError("learning coefficient: expected at least 2 training sequences, found " + n);
        }
        return n / Math.log(n);
    }

    /**
     * @param batches the loss of draw i, all chains' draws counted through; the same number gives the same batch
     * @param start w* [P]; not modified
     */
    public static LearningCoefficient of(
            LongFunction<Loss> batches, double[] start, Sampler sampler, RandomGenerator random) {
        double[][] rises = new double[sampler.chains][];
        Arrays.setAll(rises, chain -> chain(batches, chain, start, sampler, random));
        return new LearningCoefficient(sampler.inverseTemperature, rises);
    }

    /** L(w) - L(w*) of each draw after burn-in; NaN from the first that is not finite on. */
    private static double[] chain(
            LongFunction<Loss> batches, long chain, double[] start, Sampler sampler, RandomGenerator random) {
        double[] w = start.clone();
        double[] gradient = new double[w.length];
        double[] unread = new double[w.length];
        double[] rises = new double[sampler.draws];
        Arrays.fill(rises, Double.NaN);
        for (int i = -sampler.burnIn; i < sampler.draws; i++) {
            Loss loss = batches.apply(chain * (sampler.burnIn + sampler.draws) + sampler.burnIn + i);
            double here = loss.at(w, gradient);
            if (!Double.isFinite(here)) {
                return rises;
            }
            if (i >= 0) {
                rises[i] = here - loss.at(start, unread);
            }
            for (int d = 0; d < w.length; d++) {
                double force = sampler.inverseTemperature * gradient[d] + sampler.localisation * (w[d] - start[d]);
                w[d] += -sampler.step / 2 * force + Math.sqrt(sampler.step) * random.nextGaussian();
            }
        }
        return rises;
    }

    /** lambda of each chain. */
    public double[] chains() {
        return Arrays.stream(rises)
                .mapToDouble(chain -> inverseTemperature * mean(chain))
                .toArray();
    }

    /** What a chain's first draws alone give for lambda. @param draws at least 1 */
    public double after(int chain, int draws) {
        return inverseTemperature * mean(Arrays.copyOf(rises[chain], draws));
    }

    /** Whether a chain left the finite numbers. */
    public boolean diverged() {
        return Arrays.stream(chains()).anyMatch(x -> !Double.isFinite(x));
    }

    /** Split R-hat of the draws' losses: the root of their variance in all half-chains together over that inside them, 1 when mixed. */
    public double mixing() {
        List<double[]> halves = new ArrayList<>();
        for (double[] chain : rises) {
            halves.add(Arrays.copyOf(chain, chain.length / 2));
            halves.add(Arrays.copyOfRange(chain, chain.length / 2, chain.length));
        }
        int n = halves.get(0).length;
        double[] means = halves.stream().mapToDouble(half -> mean(half)).toArray();
        double inside =
                halves.stream().mapToDouble(half -> variance(half)).average().orElse(Double.NaN);
        return Math.sqrt((n - 1.0) / n + variance(means) / inside);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / (values.length - 1);
    }

    /** What is wrong with the draws, in words; empty if nothing is. */
    public String fault() {
        if (diverged()) {
            return "diverged: use a smaller step";
        }
        double mixing = mixing();
        return mixing < MIXED
                ? ""
                : String.format(java.util.Locale.ROOT, "not mixed (R-hat %.2f): draw longer chains", mixing);
    }

    /** lambda with its interval over chains; undefined where there is a {@link #fault}. */
    public Estimate value() {
        return Interval.studentT(fault().isEmpty() ? chains() : new double[] {Double.NaN, Double.NaN});
    }
}
