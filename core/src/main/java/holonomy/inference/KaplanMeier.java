package holonomy.inference;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * The Kaplan-Meier curve {@code S(t) = prod_{t_i <= t} (1 - d_i/n_i)} of the time to an event, with runs that never got there kept as censored: d_i events among
 * n_i runs still waiting at t_i. A run censored at a time of events counts as waiting then.
 */
public final class KaplanMeier {
    /**
     * The curve just after a time of events.
     *
     * @param time in the times' unit
     * @param survival S(time)
     * @param hazard sum d/(n (n - d)) up to here: Greenwood's variance of ln S
     */
    public record Point(double time, double survival, double hazard) {}

    private final List<Point> points;
    private final int n;

    private KaplanMeier(List<Point> points, int n) {
        this.points = points;
        this.n = n;
    }

    /**
     * The curve of these runs.
     *
     * @param times time of the event, or of the last look at a run that has not had it, [n]. Not modified.
     * @param happened whether the event was seen, [n]. Not modified.
     */
    public static KaplanMeier of(double[] times, boolean[] happened) {
        if (times.length != happened.length || Arrays.stream(times).anyMatch(Double::isNaN)) {
            throw new IllegalArgumentException("survival curve of " + times.length + " times and " + happened.length
                    + " outcomes: expected one of each per run, no time undefined (censor it instead)");
        }
        double[] events = IntStream.range(0, times.length)
                .filter(i -> happened[i])
                .mapToDouble(i -> times[i])
                .sorted()
                .distinct()
                .toArray();
        Point[] points = new Point[events.length];
        double survival = 1;
        double hazard = 0;
        for (int k = 0; k < events.length; k++) {
            double t = events[k];
            double waiting = Arrays.stream(times).filter(time -> time >= t).count();
            double deaths = IntStream.range(0, times.length)
                    .filter(i -> happened[i] && times[i] == t)
                    .count();
            survival *= 1 - deaths / waiting;
            hazard += deaths / (waiting * (waiting - deaths));
            points[k] = new Point(t, survival, hazard);
        }
        return new KaplanMeier(List.of(points), times.length);
    }

    /** The curve's steps, ascending in time. */
    public List<Point> points() {
        return points;
    }

    /** S(t): the share of runs without the event by t. */
    public double survival(double time) {
        double survival = 1;
        for (Point point : points) {
            if (point.time > time) {
                break;
            }
            survival = point.survival;
        }
        return survival;
    }

    /**
     * The median time, the first with S at most 1/2, with Brookmeyer and Crowley's interval on the log(-log) scale: the times whose curve is
     * compatible with 1/2. The value is NaN if fewer than half of the runs got there; the upper end is then infinite.
     */
    public Estimate median() {
        double median = first(.5);
        double z = NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + Interval.LEVEL) / 2);
        double low = points.stream()
                .filter(p -> lower(p, z) <= .5)
                .mapToDouble(Point::time)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
        double high = points.stream()
                .filter(p -> lower(p, -z) <= .5)
                .mapToDouble(Point::time)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
        return new Estimate(median, low, high, n, Interval.LEVEL, "Kaplan-Meier median, log-log interval");
    }

    private double first(double level) {
        return points.stream()
                .filter(p -> p.survival <= level + 1e-12)
                .mapToDouble(Point::time)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** S^exp(z se), se the standard error of log(-log S): the lower end for z above 0, the upper below. */
    private static double lower(Point point, double z) {
        if (point.survival == 0) {
            return 0;
        }
        double error = Math.sqrt(point.hazard) / Math.abs(Math.log(point.survival));
        return Math.pow(point.survival, Math.exp(z * error));
    }
}
