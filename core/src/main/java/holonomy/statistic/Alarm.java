package holonomy.statistic;

import holonomy.claim.SeedValues;
import holonomy.data.Numbers;
import holonomy.data.UserError;
import holonomy.inference.RankInterval;
import holonomy.inference.Scale;
import holonomy.statistic.RunPairs.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How long before an event an early number, looked at several times, tells that it comes: with a threshold that few of those runs pass in which it doesn't come.
 *
 * @param x what the early number is
 * @param y what is foretold
 * @param runs that are judged
 * @param fitted other runs, which give the direction and the threshold
 * @param falsePositives largest share of the fitted runs without y that pass it at any look, 0 .. 1
 */
public record Alarm(String x, String y, List<Watched> runs, List<Watched> fitted, double falsePositives) {
    /**
     * A run, looked at several times before the event.
     *
     * @param run with the last x, and y: 1 or 0
     * @param steps of the looks, ascending, each before the event
     * @param x at each look; NaN where undefined
     * @param event its step; NaN where it never comes
     */
    public record Watched(Run run, List<Long> steps, List<Double> x, double event) {
        /** The first look beyond the threshold; NaN without one. */
        private double fires(double direction, double threshold) {
            for (int i = 0; i < steps.size(); i++) {
                if (direction * x.get(i) > threshold) {
                    return steps.get(i);
                }
            }
            return Double.NaN;
        }

        private double largest(double direction) {
            return x.stream().mapToDouble(each -> direction * each).max().orElse(Double.NEGATIVE_INFINITY);
        }

        private boolean isDefined() {
            return x.stream().noneMatch(each -> each.isNaN());
        }
    }

    public Alarm {
        runs = List.copyOf(runs);
        fitted = List.copyOf(fitted);
        if (!(falsePositives >= 0 && falsePositives < 1)) {
            throw new UserError(
                    "lead of " + x + ": expected a share of false positives of at least 0 and below 1, found "
                            + Numbers.brief(falsePositives));
        }
    }

    /**
     * {@code 1 - t/T}, t the first look with d x above the threshold and T the event's step, 0 in a run that never passes it; mean over the runs with y = 1, dimensionless. The threshold is the (floor(alpha n) + 1)-th largest
     * of the fitted n runs without y, each counted with its largest look; d is 1 or -1 by their AUROC at the last look. Interval: jackknife over seeds and over settings. Undefined, with the reason in the label, where fitted or judged runs
     * have one outcome.
     */
    public SeedValues lead() {
        List<Run> last = fitted.stream().map(Watched::run).toList();
        double direction = Foretelling.area(last) < .5 ? -1 : 1;
        List<Watched> without = fitted.stream().filter(run -> run.run.y() == 0).toList();
        List<Double> largest = new ArrayList<>(
                without.stream().map(run -> run.largest(direction)).toList());
        largest.sort(Collections.reverseOrder());
        String why = undefined(last, without.size());
        double threshold = why.isEmpty() ? largest.get((int) Math.floor(falsePositives * largest.size())) : Double.NaN;
        List<Run> leads = runs.stream()
                .filter(run -> run.run.y() == 1)
                .map(run -> led(run, direction, threshold))
                .toList();
        long missed = leads.stream().filter(run -> run.x() == 0).count();
        long all = runs.stream().filter(run -> run.run.y() == 0).count();
        long fired = runs.stream()
                .filter(run -> run.run.y() == 0 && Double.isFinite(run.fires(direction, threshold)))
                .count();
        String counted = "; fires in " + (leads.size() - missed) + " of " + leads.size() + " with it and " + fired
                + " of " + all + " without";
        String label = "lead of " + x + " over " + y + " at " + Numbers.brief(falsePositives) + " false positives"
                + (why.isEmpty() ? counted : why);
        double value = why.isEmpty() ? mean(leads) : Double.NaN;
        return Foretelling.crossed(label, Scale.IDENTITY, leads, Alarm::mean, null, value);
    }

    private static Run led(Watched watched, double direction, double threshold) {
        double fires = watched.fires(direction, threshold);
        Run run = watched.run;
        return new Run(
                run.seed(),
                run.setting(),
                run.partners(),
                Double.isNaN(fires) ? 0 : 1 - fires / watched.event,
                run.y());
    }

    private String undefined(List<Run> last, int without) {
        long with = runs.stream().filter(run -> run.run.y() == 1).count();
        if (with < RankInterval.FEWEST) {
            return "; undefined: " + with + " runs with it are left, fewer than " + RankInterval.FEWEST;
        }
        if (without == 0 || without == last.size()) {
            return "; undefined: of the runs that it is fitted on all " + last.size() + " have one outcome";
        }
        boolean defined =
                Arrays.asList(runs, fitted).stream().flatMap(List::stream).allMatch(Watched::isDefined);
        return defined ? "" : "; undefined: a run has no such number at a look";
    }

    private static double mean(List<Run> runs) {
        return Reduction.MEAN.of(runs.stream().mapToDouble(Run::x).toArray());
    }
}
