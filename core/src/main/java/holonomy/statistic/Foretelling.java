package holonomy.statistic;

import holonomy.claim.Sampling.Crossed;
import holonomy.claim.SeedValues;
import holonomy.data.UserError;
import holonomy.inference.Auroc;
import holonomy.inference.Estimate;
import holonomy.inference.RankInterval;
import holonomy.inference.Ranks;
import holonomy.inference.Scale;
import holonomy.statistic.RunPairs.Run;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How well an early number of a run foretells what comes of it. Which way the number points is taken from other runs, if they are given. Runs of one seed or one setting hang together: an interval is that of as many independent runs as there
 * are that share neither ({@link Independent}), and a difference of two such numbers leaves seeds and settings out whole.
 *
 * @param x what the early number is, and when it is read
 * @param y what is foretold
 * @param runs x of each run read before what y tells of, and y
 * @param fitted other runs, by which larger x count as more or as less of y; empty: as more
 * @param leftOut of how many runs it was too late, in words; empty where of none
 */
public record Foretelling(String x, String y, List<Run> runs, List<Run> fitted, String leftOut) {
    /** Fewer runs say nothing. */
    public static final int FEWEST = RankInterval.FEWEST;

    /** Ranks of numbers, 1 the least, ties the mean of theirs. */
    public static double[] ranks(double[] numbers) {
        return Ranks.of(numbers);
    }

    public Foretelling {
        runs = List.copyOf(runs);
        fitted = List.copyOf(fitted);
    }

    /** {@link Auroc} of d x for y = 1 against y = 0, dimensionless; d = 1 or -1 as the fitted runs have it. Interval: {@link Auroc#interval}. Undefined, with the reason in the label, where all runs have one outcome. */
    public SeedValues auroc() {
        for (Run run : concat(runs, fitted)) {
            if (run.y() != 0 && run.y() != 1 && !Double.isNaN(run.y())) {
                throw new UserError(
                        "AUROC of " + x + ": expected of each run whether (1) or not (0), found " + run.y() + " as " + y
                                + " in a run of seed " + run.seed() + "; for how much or when, take rankCorrelation");
            }
        }
        String label = "AUROC of " + x + " for " + y;
        List<Run> ones = where(runs, run -> run.y() == 1);
        List<Run> zeros = where(runs, run -> run.y() == 0);
        String counted = ones.size() + " of " + runs.size() + " with it";
        int m = Independent.of(ones);
        int n = Independent.of(zeros);
        return number(
                label,
                counted,
                new Kind(
                        Scale.LOGIT,
                        Foretelling::area,
                        .5,
                        Foretelling::inside,
                        (value, level) -> Auroc.interval(value, m, n, level)));
    }

    /** Spearman's rho of d x and y, dimensionless, d as for {@link #auroc}. Interval: {@link RankInterval}. */
    public SeedValues rankCorrelation() {
        int n = Independent.of(runs);
        return number(
                "rank correlation of " + x + " and " + y,
                runs.size() + " runs",
                new Kind(
                        Scale.CORRELATION,
                        RunPairs::rho,
                        0,
                        (value, of) -> RankInterval.within(value, of.size()),
                        (value, level) -> RankInterval.of(value, n, level)));
    }

    /**
     * A number of some runs.
     *
     * @param middle what it is where x says nothing
     * @param inside a value that stands at an end of the scale, half a step inside: a contrast takes it
     */
    private record Kind(
            Scale scale,
            ToDoubleFunction<List<Run>> number,
            double middle,
            ToDoubleBiFunction<Double, List<Run>> inside,
            Ends ends) {
        double of(List<Run> runs, boolean falling) {
            double value = number.applyAsDouble(runs);
            return falling ? 2 * middle - value : value;
        }
    }

    /** The same of the runs in which y is defined, the others counted as left out: when something comes is foretold of runs in which it does. */
    public Foretelling ofKnown() {
        Predicate<Run> known = run -> !Double.isNaN(run.y());
        List<Run> kept = where(runs, known);
        List<Run> others = where(fitted, known);
        String never = kept.size() == runs.size() ? "" : (runs.size() - kept.size()) + " left out, it never comes";
        String words = leftOut.isEmpty() || never.isEmpty() ? leftOut + never : leftOut + "; " + never;
        return new Foretelling(x, y, kept, others.isEmpty() ? fitted : others, words);
    }

    /** An interval of a value, by its level. */
    private interface Ends {
        Estimate of(double value, double level);
    }

    private SeedValues number(String label, String counted, Kind kind) {
        String why = undefined(kind.number);
        // A tie among the fitted runs says neither way: then larger counts as more.
        boolean falling = !fitted.isEmpty() && kind.number.applyAsDouble(fitted) < kind.middle;
        String way = fitted.isEmpty()
                ? ""
                : "; the " + (falling ? "smaller" : "larger") + ", the more, by " + fitted.size() + " other runs";
        String words = label + way + "; " + counted + (leftOut.isEmpty() ? "" : "; " + leftOut) + why;
        double value = why.isEmpty() ? kind.of(runs, falling) : Double.NaN;
        ToDoubleFunction<List<Run>> inside = of -> kind.inside.applyAsDouble(kind.of(of, falling), of);
        return crossed(words, kind.scale, runs, inside, level -> kind.ends.of(value, level), value);
    }

    /**
     * A number of runs, with that of all but a seed's and of all but a setting's.
     *
     * @param value of all runs; NaN where undefined: the label says why, and no seed is to blame
     * @param own null for the jackknife
     */
    static SeedValues crossed(
            String label,
            Scale scale,
            List<Run> runs,
            ToDoubleFunction<List<Run>> number,
            @Nullable DoubleFunction<Estimate> own,
            double value) {
        TreeMap<Long, Double> seeds = new TreeMap<>();
        TreeMap<String, Double> settings = new TreeMap<>();
        for (Run run : runs) {
            seeds.computeIfAbsent(
                    run.seed(), seed -> number.applyAsDouble(where(runs, other -> other.isWithout(seed))));
            settings.computeIfAbsent(
                    run.setting(),
                    setting -> number.applyAsDouble(
                            where(runs, other -> !other.setting().equals(setting))));
        }
        boolean defined = !Double.isNaN(value);
        Crossed sampling = new Crossed(defined ? number.applyAsDouble(runs) : value, seeds, settings, own);
        return new SeedValues(label, scale, defined ? seeds : new TreeMap<>(), sampling);
    }

    private String undefined(ToDoubleFunction<List<Run>> number) {
        if (runs.size() < FEWEST) {
            return "; undefined: " + runs.size() + " runs are left, fewer than " + FEWEST;
        }
        for (List<Run> each : List.of(runs, fitted)) {
            String which = each == runs ? "" : "of the runs that it is fitted on ";
            long missing =
                    each.stream().filter(run -> Double.isNaN(run.x() + run.y())).count();
            if (missing > 0) {
                return "; undefined: " + which + missing + " of " + each.size() + " have no such number";
            }
            if (!each.isEmpty() && Double.isNaN(number.applyAsDouble(each))) {
                return "; undefined: " + (each == runs ? "" : which) + "all " + each.size() + " have one "
                        + (same(each, Run::y) ? "outcome" : x);
            }
        }
        return "";
    }

    private static boolean same(Collection<Run> runs, ToDoubleFunction<Run> number) {
        return runs.stream().mapToDouble(number).distinct().count() == 1;
    }

    private static double inside(double area, List<Run> runs) {
        double ones = runs.stream().mapToDouble(Run::y).sum();
        double half = .5 / (ones * (runs.size() - ones));
        return Math.max(half, Math.min(1 - half, area));
    }

    static double area(List<Run> runs) {
        return Auroc.of(of(runs, Run::x), of(runs, Run::y));
    }

    private static double[] of(List<Run> runs, ToDoubleFunction<Run> number) {
        return runs.stream().mapToDouble(number).toArray();
    }

    static List<Run> where(List<Run> runs, Predicate<Run> condition) {
        return runs.stream().filter(condition).toList();
    }

    private static List<Run> concat(List<Run> one, List<Run> other) {
        return Stream.of(one, other).flatMap(List::stream).toList();
    }
}
