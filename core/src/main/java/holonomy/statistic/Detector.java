package holonomy.statistic;

import holonomy.claim.SeedValues;
import holonomy.inference.LeastSquares;
import holonomy.inference.Scale;
import holonomy.measure.Accuracy;
import holonomy.measure.GrokRule;
import holonomy.task.PairTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A signal that fires once in a run.
 *
 * @param name label in tables and figures
 * @param steps the step at which it fires by run; NaN in a run in which it doesn't
 * @param spacing steps between the moments at which it looks
 */
public record Detector(String name, Function<RunSet, Map<String, Double>> steps, ToDoubleFunction<RunSet> spacing) {
    /** The published rule: median D above 10 times its first three records' median (at least .1) and above {@code least}, from the third record on. */
    public static Detector defectOnset(CommutatorNumbers numbers, String form, double least) {
        return new Detector(
                "D, " + form.replace(" float32", ""),
                runs -> Rows.reduced(
                        Rows.byRun(numbers.rows(runs, form)), rows -> onset(CommutatorNumbers.defects(rows), least)),
                runs -> Rows.spacing(numbers.rows(runs, form)));
    }

    private static double onset(Curve defects, double least) {
        List<Curve.Point> records = defects.points();
        double[] first = Arrays.copyOf(defects.values(), Math.min(3, records.size()));
        double baseline = Math.max(.1, Reduction.MEDIAN.of(first));
        return new Curve(records.subList(Math.min(2, records.size()), records.size()))
                .firstStep(record -> record.value() > 10 * baseline && record.value() > least);
    }

    /** Train accuracy .99. */
    public static Detector trainAccuracy(Grokking pairs) {
        return first("train .99", pairs, Accuracy.ACCURACY, curve -> curve.firstStep(point -> point.value() >= .99));
    }

    /** Detectors that need no geometry (control D7): training accuracy, training loss, |g| and |theta|. */
    public static List<Detector> trivial(Grokking pairs) {
        return List.of(
                trainAccuracy(pairs),
                first(
                        "loss / 10",
                        pairs,
                        Accuracy.LOSS,
                        curve -> curve.firstStep(point -> point.value() <= .1 * curve.first())),
                first("|g| / 5", pairs, Accuracy.GRADIENT_NORM, Detector::fallToFifth),
                first(
                        "|theta| / 2",
                        pairs,
                        Accuracy.WEIGHT_NORM,
                        curve -> curve.firstStep(point -> point.value() <= .5 * curve.first())));
    }

    private static Detector first(
            String name, Grokking pairs, holonomy.data.Table.Column column, ToDoubleFunction<Curve> fires) {
        return new Detector(
                name,
                runs -> Rows.reduced(
                        Rows.byRun(pairs.rows(runs, PairTask.Part.TRAIN)),
                        rows -> fires.applyAsDouble(Curve.of(rows, RowNumber.of(column), Reduction.MEAN))),
                pairs::spacing);
    }

    /** First step at which a norm is at most a fifth of the largest so far. */
    private static double fallToFifth(Curve norm) {
        double largest = Double.NEGATIVE_INFINITY;
        for (Curve.Point point : norm.points()) {
            largest = Math.max(largest, Double.isFinite(point.value()) ? point.value() : 0);
            if (point.value() <= .2 * largest) {
                return point.step();
            }
        }
        return Double.NaN;
    }

    /** 1 where it fires, 0 where it doesn't: on a task that is not generalised, its false positives. */
    public RunNumber fired() {
        return new RunNumber("share of runs in which '" + name + "' fires", Scale.OUTCOME, runs -> {
            Map<String, Double> outcomes = new LinkedHashMap<>();
            Map<String, Double> fired = Grokking.outcomes(steps.apply(runs));
            runs.members().forEach(run -> outcomes.put(run.id(), fired.getOrDefault(run.id(), 0.0)));
            return outcomes;
        });
    }

    /** The step at which it fires; in a run in which it doesn't, that of the last evaluation: {@code min(t, S)}. */
    public RunNumber firing(Grokking pairs) {
        return new RunNumber("step at which '" + name + "' fires (never: the last step)", Scale.IDENTITY, runs -> {
                    Map<String, Double> fired = steps.apply(runs);
                    Map<String, Double> numbers = new LinkedHashMap<>();
                    pairs.never(runs)
                            .forEach((run, never) -> numbers.put(
                                    run,
                                    Bounded.orElse(fired.getOrDefault(run, Double.NaN), never)
                                            .value()));
                    return numbers;
                })
                .grained(runs -> coarser(runs, pairs));
    }

    /** Steps from it to test accuracy .90; undefined where either never happens. */
    public RunNumber lead(Grokking pairs) {
        return new RunNumber("steps from '" + name + "' to test accuracy .90", Scale.IDENTITY, runs -> {
                    Map<String, Double> leads = new LinkedHashMap<>();
                    onsets(runs, pairs).forEach((run, onset) -> leads.put(run, onset.lead()));
                    return leads;
                })
                .grained(runs -> coarser(runs, pairs));
    }

    /** {@link #lead} as a share of the step of test accuracy .90, dimensionless. */
    public RunNumber leadShare(Grokking pairs) {
        return new RunNumber("lead of '" + name + "' over the step of test accuracy .90", Scale.IDENTITY, runs -> {
                    Map<String, Double> shares = new LinkedHashMap<>();
                    onsets(runs, pairs).forEach((run, onset) -> shares.put(run, onset.lead() / onset.grok()));
                    return shares;
                })
                .grained(runs -> coarser(runs, pairs)
                        / onsets(runs, pairs).values().stream()
                                .mapToDouble(Onset::grok)
                                .min()
                                .orElse(Double.NaN));
    }

    private double coarser(RunSet runs, Grokking pairs) {
        return Math.max(spacing.applyAsDouble(runs), pairs.spacing(runs));
    }

    /**
     * When it fires, and when test accuracy reaches .90.
     *
     * @param step NaN where it doesn't fire
     * @param grok NaN where that never happens
     */
    public record Onset(long seed, double step, double grok) {
        double lead() {
            return grok - step;
        }

        boolean isFinite() {
            return Double.isFinite(step) && Double.isFinite(grok);
        }

        /** Whether both happen, and it doesn't fire at once. */
        public boolean isComplete() {
            return isFinite() && step > 0;
        }
    }

    /** Both steps, by run. */
    public Map<String, Onset> onsets(RunSet runs, Grokking pairs) {
        Map<String, Double> fired = steps.apply(runs);
        Map<String, Double> groks = pairs.steps(runs, GrokRule.FIRST_AT_90);
        Map<String, Onset> onsets = new LinkedHashMap<>();
        for (RunSet.Member run : runs.members()) {
            double step = fired.getOrDefault(run.id(), Double.NaN);
            onsets.put(run.id(), new Onset(run.seed(), step, groks.getOrDefault(run.id(), Double.NaN)));
        }
        return onsets;
    }

    /** {@link #lead} by run with what is known of it: where one of the two never happens a bound, where neither does nothing. */
    public Map<String, Bounded> boundedLeads(RunSet runs, Grokking pairs) {
        Map<String, Bounded> there = pairs.bounds(runs, GrokRule.FIRST_AT_90);
        Map<String, Bounded> never = pairs.never(runs);
        Map<String, Double> fired = steps.apply(runs);
        Map<String, Bounded> leads = new LinkedHashMap<>();
        for (RunSet.Member run : runs.members()) {
            double onset = fired.getOrDefault(run.id(), Double.NaN);
            leads.put(run.id(), there.get(run.id()).minus(Bounded.orElse(onset, never.get(run.id()))));
        }
        return leads;
    }

    /**
     * Exponent b of {@code lead = a T^b} over sets of runs, per seed, by least squares on logarithms: T the step of test accuracy .90. Runs without onset or T, or
     * with a lead of at most 0, can't enter; where lead is nearly T, b is near 1 whatever the detector (control D8).
     */
    public SeedValues leadExponent(List<? extends RunSet> sets, Grokking pairs) {
        return exponent("exponent of lead on grok step, " + name, sets, pairs, Onset::lead);
    }

    /** Exponent b of {@code onset = a T^b}, as {@link #leadExponent}: 0 where the onset doesn't know when the network will grok. */
    public SeedValues onsetExponent(List<? extends RunSet> sets, Grokking pairs) {
        return exponent("exponent of onset on grok step, " + name, sets, pairs, Onset::step);
    }

    private SeedValues exponent(
            String label, List<? extends RunSet> sets, Grokking pairs, ToDoubleFunction<Onset> number) {
        Map<Long, List<Onset>> bySeed = new TreeMap<>();
        for (RunSet runs : sets) {
            onsets(runs, pairs).values().forEach(onset -> bySeed.computeIfAbsent(
                            onset.seed(), seed -> new ArrayList<>())
                    .add(onset));
        }
        TreeMap<Long, Double> slopes = new TreeMap<>();
        bySeed.forEach((seed, onsets) -> {
            List<Onset> entering = onsets.stream()
                    .filter(onset -> onset.isFinite() && number.applyAsDouble(onset) > 0)
                    .toList();
            slopes.put(
                    seed,
                    LeastSquares.slope(
                            entering.stream()
                                    .mapToDouble(onset -> Math.log(onset.grok()))
                                    .toArray(),
                            entering.stream()
                                    .mapToDouble(onset -> Math.log(number.applyAsDouble(onset)))
                                    .toArray()));
        });
        return SeedValues.of(label, slopes);
    }

    @Override
    public String toString() {
        return name;
    }
}
