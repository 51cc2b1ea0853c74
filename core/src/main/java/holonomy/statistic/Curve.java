package holonomy.statistic;

import holonomy.data.Table.Row;
import holonomy.measure.Measure;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A number over the steps of one run.
 *
 * @param points one per moment, ascending in step
 */
public record Curve(List<Point> points) {
    /** A moment: optimiser step, and the number at it. */
    public record Point(double step, double value) {}

    public Curve {
        points = List.copyOf(points);
    }

    /** The number of each moment's rows, reduced to one (pairs of batches, numbers of markers, heads). */
    public static Curve of(List<Row> rows, RowNumber number, Reduction overMoment) {
        Map<Double, List<Row>> moments = rows.stream()
                .collect(Collectors.groupingBy(row -> row.number(Measure.STEP), TreeMap::new, Collectors.toList()));
        return new Curve(moments.entrySet().stream()
                .map(moment -> new Point(moment.getKey(), overMoment.of(moment.getValue(), number)))
                .toList());
    }

    /** One number of a curve as a number of a run's rows. */
    static RowsNumber number(RowNumber number, Reduction overMoment, Function<Curve, Double> of) {
        return rows -> of.apply(of(rows, number, overMoment));
    }

    /** The moments that satisfy a condition. */
    public Curve where(Predicate<Point> condition) {
        return new Curve(points.stream().filter(condition).toList());
    }

    /** The first number; NaN without any. */
    public double first() {
        return points.isEmpty() ? Double.NaN : points.get(0).value();
    }

    /** The last number; NaN without any. */
    public double last() {
        return points.isEmpty() ? Double.NaN : points.get(points.size() - 1).value();
    }

    /** The step of the last moment; NaN without any. */
    public double end() {
        return points.isEmpty() ? Double.NaN : points.get(points.size() - 1).step();
    }

    /** The number at the latest moment up to a step; NaN before the first one. */
    public double at(double step) {
        return where(point -> point.step() <= step).last();
    }

    /** The first step at which a condition holds; NaN if it never does. */
    public double firstStep(Predicate<Point> condition) {
        return points.stream().filter(condition).findFirst().map(Point::step).orElse(Double.NaN);
    }

    /** The numbers, in order. */
    public double[] values() {
        return points.stream().mapToDouble(Point::value).toArray();
    }

    /** All numbers, reduced. */
    public double reduced(Reduction reduction) {
        return reduction.of(values());
    }
}
