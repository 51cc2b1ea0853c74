package holonomy.statistic;

import holonomy.claim.Claim;
import holonomy.claim.Sampling;
import holonomy.claim.SeedValues;
import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.data.UserError;
import holonomy.inference.KaplanMeier;
import holonomy.inference.Scale;
import holonomy.measure.Accuracy;
import holonomy.measure.GrokRule;
import holonomy.measure.Measure;
import holonomy.measure.SetColumn;
import holonomy.task.PairTask;
import holonomy.task.Stream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/** When runs on pairs generalise, in optimiser steps, and how well. */
public record Grokking(Accuracy measure) {
    private static final double HALF = .5;
    private static final double MEMORISED = .95;
    private static final double NOT_YET = .3;

    /** Where a set of given sequences is asked for all of them, no draw is made. */
    private static final Stream WHOLE = Stream.of(0, "whole sets");

    private static final RowNumber ACCURACY = RowNumber.of(Accuracy.ACCURACY);

    /** The rows of one of the two sets of pairs. */
    public Table rows(RunSet runs, PairTask.Part part) {
        Table all = runs.table(measure);
        Table rows = all.where(row -> isOf(part, row));
        if (rows.size() == 0 && all.size() > 0) {
            throw new UserError("generalisation: expected accuracy on the evaluation set '" + part.label() + "', found "
                    + all.rows().stream().map(SetColumn::name).distinct().toList() + "; take runs on pairs");
        }
        return rows;
    }

    private static boolean isOf(PairTask.Part part, Row row) {
        return SetColumn.name(row).equals(part.label());
    }

    /** Accuracy over the steps, by run. */
    private Map<String, Curve> curves(RunSet runs, PairTask.Part part) {
        Map<String, Curve> curves = new LinkedHashMap<>();
        Rows.byRun(rows(runs, part)).forEach((run, rows) -> curves.put(run, curve(rows)));
        return curves;
    }

    private static Curve curve(List<Row> rows) {
        return Curve.of(rows, ACCURACY, Reduction.MEAN);
    }

    private static double step(Curve curve, GrokRule rule) {
        long[] steps =
                curve.points().stream().mapToLong(point -> (long) point.step()).toArray();
        return rule.step(steps, curve.values()).stream()
                .asDoubleStream()
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The step of generalisation by run; NaN in a run that never gets there. */
    public Map<String, Double> steps(RunSet runs, GrokRule rule) {
        return Rows.reduced(Rows.byRun(rows(runs, PairTask.Part.TEST)), rows -> step(curve(rows), rule));
    }

    /** The step of generalisation. */
    public RunNumber step(GrokRule rule) {
        return new RunNumber("step, " + rule.words(), Scale.IDENTITY, runs -> steps(runs, rule)).grained(this::spacing);
    }

    /** Norm of all weights at the step of generalisation, in weight units; undefined in a run that never gets there. */
    public RunNumber normWhere(GrokRule rule) {
        return new RunNumber("weight norm where it groks", Scale.LOG, runs -> {
            Map<String, Double> steps = steps(runs, rule);
            Map<String, Double> norms = new LinkedHashMap<>();
            norms(runs).forEach((run, norm) -> norms.put(run, norm.at(steps.get(run))));
            return norms;
        });
    }

    /** Norm of all weights at the last evaluation, in weight units: R of a run that is held at it. */
    public RunNumber lastNorm() {
        return new RunNumber("weight norm at the end", Scale.LOG, runs -> {
            Map<String, Double> norms = new LinkedHashMap<>();
            norms(runs).forEach((run, norm) -> norms.put(run, norm.last()));
            return norms;
        });
    }

    private Map<String, Curve> norms(RunSet runs) {
        Map<String, Curve> norms = new LinkedHashMap<>();
        Rows.byRun(rows(runs, PairTask.Part.TEST))
                .forEach((run, rows) ->
                        norms.put(run, Curve.of(rows, RowNumber.of(Accuracy.WEIGHT_NORM), Reduction.MEAN)));
        return norms;
    }

    /** Steps between evaluations. */
    double spacing(RunSet runs) {
        return Rows.spacing(rows(runs, PairTask.Part.TEST));
    }

    /** The first evaluation with half of the test set right; undefined in a run that never gets there. */
    public RunNumber halfStep() {
        return new RunNumber("step of test accuracy .5", Scale.IDENTITY, runs -> {
                    Map<String, Double> steps = new LinkedHashMap<>();
                    curves(runs, PairTask.Part.TEST).forEach((run, curve) -> steps.put(run, half(curve)));
                    return steps;
                })
                .grained(this::spacing);
    }

    private static double half(Curve curve) {
        return curve.firstStep(point -> point.value() >= HALF);
    }

    /** A column of the accuracy's rows at the last evaluation: the norm of the weights, the training accuracy. */
    public RunNumber atEnd(String label, Table.Column column, Scale scale) {
        return RunNumber.of(
                label,
                scale,
                measure,
                row -> isOf(PairTask.Part.TRAIN, row),
                Curve.number(RowNumber.of(column), Reduction.MEAN, Curve::last));
    }

    /** Share of the runs that generalise by the end: 1 or 0. */
    public RunNumber groks(GrokRule rule) {
        return new RunNumber("share of runs that grok", Scale.OUTCOME, runs -> outcomes(steps(runs, rule)));
    }

    /** 1 for a run whose number is finite, else 0. */
    static Map<String, Double> outcomes(Map<String, Double> numbers) {
        Map<String, Double> outcomes = new LinkedHashMap<>();
        numbers.forEach((run, number) -> outcomes.put(run, Double.isFinite(number) ? 1.0 : 0.0));
        return outcomes;
    }

    /** Accuracy on all training pairs at the end, dimensionless. */
    public RunNumber finalTrainAccuracy() {
        return RunNumber.of(
                        "accuracy on all training pairs at the end",
                        Scale.LOGIT,
                        measure,
                        row -> isOf(PairTask.Part.TRAIN, row),
                        rows -> curve(rows).last())
                .grained(runs -> 1.0 / fewestPairs(runs));
    }

    private static double fewestPairs(RunSet runs) {
        return runs.members().stream()
                .flatMap(run -> run.spec().task().evaluationSets().stream())
                .filter(set -> set.name().equals(PairTask.Part.TRAIN.label()))
                .mapToDouble(set -> set.sample(WHOLE, Integer.MAX_VALUE).size())
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** What is known of a step that a run never came to, by run: it is at least the run's last. */
    public Map<String, Bounded> never(RunSet runs) {
        Map<String, Bounded> never = new LinkedHashMap<>();
        curves(runs, PairTask.Part.TEST)
                .forEach((run, curve) -> never.put(run, new Bounded(curve.end(), Bounded.Bound.AT_LEAST)));
        return never;
    }

    /** The step of generalisation, by run; at least the last one for a run that never gets there (censored). */
    public Map<String, Bounded> bounds(RunSet runs, GrokRule rule) {
        Map<String, Bounded> never = never(runs);
        Map<String, Bounded> bounds = new LinkedHashMap<>();
        steps(runs, rule).forEach((run, step) -> bounds.put(run, Bounded.orElse(step, never.get(run))));
        return bounds;
    }

    /** {@link #bounds} by seed. */
    public Map<Long, Bounded> boundsBySeed(RunSet runs, GrokRule rule) {
        Map<String, Bounded> bounds = bounds(runs, rule);
        Map<Long, Bounded.Bound> kinds = new TreeMap<>();
        runs.members().forEach(run -> kinds.put(run.seed(), bounds.get(run.id()).bound()));
        Map<Long, Bounded> bySeed = new TreeMap<>();
        restricted(runs, rule).bySeed().forEach((seed, step) -> bySeed.put(seed, new Bounded(step, kinds.get(seed))));
        return bySeed;
    }

    /** {@link #bounds} as numbers, a bound counting as a value: min(T, S), per seed. */
    private SeedValues restricted(RunSet runs, GrokRule rule) {
        Map<String, Bounded> bounds = bounds(runs, rule);
        return runs.perSeed("step (never: the last step)", Scale.IDENTITY, run -> bounds.get(run.id())
                .value());
    }

    /** Steps by which runs generalise later than the plain runs of the same seeds: {@code min(T, S) - min(T_plain, S)}, S the number of steps. */
    public SeedValues delay(RunSet runs, RunSet plain, GrokRule rule) {
        return paired("steps later than the plain run (never: the last step)", runs, plain, rule, (t, base) -> t - base)
                .grained(Math.max(spacing(runs), spacing(plain)));
    }

    /** {@link #delay} as a share of the plain run's own step, dimensionless. */
    public SeedValues relativeDelay(RunSet runs, RunSet plain, GrokRule rule) {
        SeedValues delay = paired(
                "delay over the plain run's step (never: the last step)", runs, plain, rule, (t, base) -> t / base - 1);
        double coarser = Math.max(spacing(runs), spacing(plain));
        Map<Long, Double> base = restricted(plain, rule).bySeed();
        double grain = delay.bySeed().entrySet().stream()
                .mapToDouble(seed ->
                        coarser / base.getOrDefault(seed.getKey(), Double.NaN) * Math.max(1, 1 + seed.getValue()))
                .max()
                .orElse(0);
        return delay.grained(grain);
    }

    private SeedValues paired(String label, RunSet runs, RunSet plain, GrokRule rule, DoubleBinaryOperator number) {
        SeedValues base = restricted(plain, rule);
        SeedValues own = restricted(runs, rule);
        SortedMap<Long, Double> values = new TreeMap<>(own.bySeed());
        values.replaceAll(
                (seed, step) -> number.applyAsDouble(step, base.bySeed().getOrDefault(seed, Double.NaN)));
        return new SeedValues(label, Scale.IDENTITY, values, Sampling.paired(own, base, number));
    }

    /** {@link #delay} by seed with what is known of it; a seed without a plain run is left out. */
    public Map<Long, Bounded> boundedDelay(RunSet runs, RunSet plain, GrokRule rule) {
        Map<Long, Bounded> base = boundsBySeed(plain, rule);
        Map<Long, Bounded> delays = new TreeMap<>();
        boundsBySeed(runs, rule).forEach((seed, step) -> {
            if (base.containsKey(seed)) {
                delays.put(seed, step.minus(base.get(seed)));
            }
        });
        return delays;
    }

    /**
     * Standard deviation over seeds of the step of generalisation, n - 1 in the denominator, mean over sets of runs of which each generalised; NaN without one.
     */
    public double spread(Collection<? extends RunSet> sets, GrokRule rule) {
        return Reduction.MEAN.of(sets.stream()
                .map(runs -> boundsBySeed(runs, rule).values())
                .filter(steps -> steps.stream().allMatch(step -> step.bound() == Bounded.Bound.NONE))
                .mapToDouble(steps ->
                        deviation(steps.stream().mapToDouble(Bounded::value).toArray()))
                .toArray());
    }

    private static double deviation(double[] values) {
        double mean = Reduction.MEAN.of(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / Math.max(1, values.length - 1));
    }

    /** The condition that in every seed at least one of two sets generalises: where neither does, their difference is unknown, not 0. */
    public Claim.Condition decided(RunSet one, RunSet other) {
        Map<Long, Double> first = groks(GrokRule.THREE_AT_98).of(one).bySeed();
        Map<Long, Double> second = groks(GrokRule.THREE_AT_98).of(other).bySeed();
        List<Long> seeds = first.keySet().stream().filter(second::containsKey).toList();
        long there = seeds.stream()
                .filter(seed -> first.get(seed) == 1 || second.get(seed) == 1)
                .count();
        return new Claim.Condition(
                "in every seed one of the two arms groks", there == seeds.size(), there + " of " + seeds.size());
    }

    /**
     * The condition that something done to runs costs them a delay in every seed: only then can an arm that does less of it tell what is needed.
     *
     * @param atLeast smallest delay as a share of the plain run's own step; a run that never generalises counts with its last step
     */
    public Claim.Condition delays(RunSet runs, RunSet plain, String what, double atLeast) {
        double least = Reduction.LEAST.of(
                relativeDelay(runs, plain, GrokRule.THREE_AT_98).values());
        return new Claim.Condition(
                what + " delays by at least " + Numbers.brief(atLeast) + " of the plain run's step in every seed",
                least >= atLeast,
                "least " + Numbers.brief(least));
    }

    /** The condition that every run generalises: three evaluations in a row at .98. */
    public Claim.Condition grokked(RunSet runs) {
        Collection<Double> steps = steps(runs, GrokRule.THREE_AT_98).values();
        long there = steps.stream().filter(Double::isFinite).count();
        return new Claim.Condition(
                "every run groks (three evaluations at .98)", there == steps.size(), there + " of " + steps.size());
    }

    /** The first evaluation with half of the test set right, per seed; infinite in a run that never gets there. */
    SeedValues halfRight(RunSet runs) {
        Map<String, Curve> curves = curves(runs, PairTask.Part.TEST);
        return runs.perSeed("step of test accuracy .5", Scale.IDENTITY, run -> {
            double step = half(curves.get(run.id()));
            return Double.isNaN(step) ? Double.POSITIVE_INFINITY : step;
        });
    }

    /** Whether a row's moment belongs to memorisation in its run: training accuracy at least .95, test accuracy below .3 (arXiv 2602.16746). */
    public Predicate<Row> memorising(RunSet runs) {
        Map<String, Curve> train = curves(runs, PairTask.Part.TRAIN);
        Map<String, Curve> test = curves(runs, PairTask.Part.TEST);
        return row -> train.get(row.text(RunSet.RUN)).at(row.number(Measure.STEP)) >= MEMORISED
                && test.get(row.text(RunSet.RUN)).at(row.number(Measure.STEP)) < NOT_YET;
    }

    /**
     * Share of runs that have not generalised yet (Kaplan and Meier), a run that never does kept as censored: columns runs, step, value. A step function:
     * each evaluation's value, and the one that held until the step before.
     *
     * @param group which runs go together, by their rows
     */
    public Table notYet(RunSet runs, Function<Row, String> group, GrokRule rule) {
        Table.Builder table = Table.builder(List.of(Table.text("runs"), Measure.STEP, Measure.VALUE));
        Rows.by(rows(runs, PairTask.Part.TEST).rows(), group).forEach((name, rows) -> {
            KaplanMeier survival = survival(
                    Rows.by(rows, row -> row.text(RunSet.RUN)).values().stream()
                            .map(Grokking::curve)
                            .toList(),
                    rule);
            rows.stream()
                    .mapToLong(row -> (long) row.number(Measure.STEP))
                    .flatMap(step -> LongStream.of(step - 1, step))
                    .filter(step -> step >= 0)
                    .distinct()
                    .sorted()
                    .forEach(step -> table.row(name, step, survival.survival(step)));
        });
        return table.build();
    }

    private static KaplanMeier survival(List<Curve> curves, GrokRule rule) {
        double[] times = new double[curves.size()];
        boolean[] there = new boolean[curves.size()];
        for (int i = 0; i < times.length; i++) {
            double step = step(curves.get(i), rule);
            there[i] = Double.isFinite(step);
            times[i] = there[i] ? step : curves.get(i).end();
        }
        return KaplanMeier.of(times, there);
    }
}
