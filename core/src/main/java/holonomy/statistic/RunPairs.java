package holonomy.statistic;

import holonomy.claim.Sampling;
import holonomy.claim.Sampling.Shared;
import holonomy.claim.SeedValues;
import holonomy.data.UserError;
import holonomy.inference.LeastSquares;
import holonomy.inference.RankInterval;
import holonomy.inference.Ranks;
import holonomy.inference.Scale;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Two numbers of every run, and how one goes with the other. Runs of one seed hang together, so seeds are resampled whole.
 *
 * @param x what the first number is
 * @param y what the second one is
 */
public record RunPairs(String x, String y, List<Run> runs) {
    /**
     * Both numbers of one run.
     *
     * @param setting what is the same in runs that differ in nothing but their seed
     * @param partners other seeds whose data or paths it is made with
     * @param x NaN where undefined
     * @param y NaN where undefined
     */
    public record Run(long seed, String setting, Set<Long> partners, double x, double y) {
        boolean isWithout(long other) {
            return seed != other && !partners.contains(other);
        }
    }

    public RunPairs {
        runs = List.copyOf(runs);
    }

    /**
     * Spearman's rho over all runs, dimensionless. Where each seed has one run that shares nothing, {@link RankInterval}, else the jackknife that leaves a seed out with
     * all its runs, on Fisher's z scale, where a rho of exactly 1 counts as half a step of ranks less. The value shown of a seed is rho without it. Undefined where a number of any run is, or one of the two is the same in all.
     *
     * @throws UserError of fewer than {@link RankInterval#FEWEST} runs
     */
    public SeedValues rankCorrelation() {
        SeedValues values = correlated();
        return values.labelled(values.label() + "; " + new Reordered(runs).words());
    }

    /** {@link #rankCorrelation} without the permutation test in its label. */
    SeedValues correlated() {
        String label = "rank correlation of " + x + " and " + y;
        requireEnough(label);
        return correlation(label, RunPairs::rho);
    }

    /**
     * What rho is where seeds say nothing and settings all: its mean over all reorderings of the seeds' y within the settings, {@code sum_s n_s (mean rx_s - mean rx)(mean ry_s -
     * mean ry) / sqrt(SS_rx SS_ry)} over settings s, with ranks r. 0 where all runs have one setting.
     */
    public SeedValues bySettingsAlone() {
        return correlation("rank correlation of " + x + " and " + y + " by settings alone", RunPairs::bySettings);
    }

    /**
     * Exponent b of {@code y = a x^b} over the runs of each seed, dimensionless, by least squares on logarithms. Undefined where a number of a run is, or isn't positive, or a seed's
     * runs have one x.
     */
    public SeedValues exponent() {
        return slope("exponent of " + y + " on " + x, run -> Math.log(run.x));
    }

    /**
     * Rate a of {@code y = c exp(a x)} over the runs of each seed, per unit of x, by least squares on y's logarithm. Undefined where a number of a run is, or its y isn't positive, or a
     * seed's runs have one x.
     */
    public SeedValues rate() {
        return slope("exponential rate of " + y + " in " + x, Run::x);
    }

    private SeedValues slope(String label, ToDoubleFunction<Run> along) {
        TreeMap<Long, Double> slopes = new TreeMap<>();
        for (long seed : seeds()) {
            List<Run> own = runs.stream().filter(run -> run.seed == seed).toList();
            double slope = LeastSquares.slope(of(own, along), of(own, run -> Math.log(run.y)));
            slopes.put(seed, Double.isFinite(slope) ? slope : Double.NaN);
        }
        Map<Long, Set<Long>> partners = runs.stream()
                .collect(Collectors.toMap(
                        Run::seed, run -> run.partners, (one, other) -> new TreeSet<>(union(one, other))));
        return SeedValues.of(label, slopes).sharing(partners);
    }

    private static Set<Long> union(Set<Long> one, Set<Long> other) {
        Set<Long> both = new TreeSet<>(one);
        both.addAll(other);
        return both;
    }

    private SeedValues correlation(String label, ToDoubleFunction<List<Run>> number) {
        TreeMap<Long, Double> without = new TreeMap<>();
        TreeMap<Long, Double> shown = new TreeMap<>();
        for (long seed : seeds()) {
            List<Run> others = where(run -> run.isWithout(seed));
            double left = number.applyAsDouble(others);
            boolean defined = where(run -> run.seed == seed).stream().noneMatch(run -> Double.isNaN(run.x + run.y));
            without.put(seed, RankInterval.within(left, others.size()));
            shown.put(seed, defined ? left : Double.NaN);
        }
        double value = number.applyAsDouble(runs);
        Shared shared = new Shared(RankInterval.within(value, runs.size()), without);
        boolean apart = without.size() == runs.size()
                && runs.stream().allMatch(run -> run.partners.stream().noneMatch(without::containsKey));
        Sampling sampling = apart ? new Sampling.Ranked(value, shared) : shared;
        return new SeedValues(label, Scale.CORRELATION, shown, sampling);
    }

    private void requireEnough(String label) {
        if (runs.size() < RankInterval.FEWEST) {
            throw new UserError(label + ": expected at least " + RankInterval.FEWEST + " runs, found " + runs.size()
                    + ": four runs fall into one order by chance once in 24, so a correlation of so few says nothing;"
                    + " add seeds, or values of an axis");
        }
    }

    private List<Run> where(Predicate<Run> condition) {
        return runs.stream().filter(condition).toList();
    }

    private Set<Long> seeds() {
        return runs.stream().map(Run::seed).collect(Collectors.toCollection(TreeSet::new));
    }

    private static double[] of(List<Run> runs, ToDoubleFunction<Run> number) {
        return runs.stream().mapToDouble(number).toArray();
    }

    static double rho(List<Run> runs) {
        return Ranks.spearman(of(runs, Run::x), of(runs, Run::y));
    }

    static double bySettings(List<Run> runs) {
        double rho = rho(runs);
        if (Double.isNaN(rho)) {
            return rho;
        }
        double[] rx = centred(Ranks.of(of(runs, Run::x)));
        double[] ry = centred(Ranks.of(of(runs, Run::y)));
        Map<String, double[]> sums = new TreeMap<>();
        for (int i = 0; i < rx.length; i++) {
            double[] sum = sums.computeIfAbsent(runs.get(i).setting, setting -> new double[3]);
            sum[0] += rx[i];
            sum[1] += ry[i];
            sum[2]++;
        }
        double between = sums.values().stream()
                .mapToDouble(sum -> sum[0] * sum[1] / sum[2])
                .sum();
        return between / Math.sqrt(squares(rx) * squares(ry));
    }

    private static double[] centred(double[] ranks) {
        double mean = (ranks.length + 1) / 2.0;
        return Arrays.stream(ranks).map(rank -> rank - mean).toArray();
    }

    private static double squares(double[] values) {
        return Arrays.stream(values).map(value -> value * value).sum();
    }
}
