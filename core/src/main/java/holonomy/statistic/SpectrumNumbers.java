package holonomy.statistic;

import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.geometry.Centring;
import holonomy.geometry.Statistic;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.TrajectorySpectrum;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Numbers of the spectra of paths: of one statistic, centred, mean over blocks; dimensionless. A series is {@link TrajectorySpectrum#MEASURED} or a null of the path.
 */
public record SpectrumNumbers(TrajectorySpectrum measure, Statistic statistic) {
    private static final RowNumber VALUE = RowNumber.of(Measure.VALUE);

    /** The rows of all windows of these matrices; of all matrices if none is given. */
    public Table rows(RunSet runs, String series, Set<String> matrices) {
        return runs.table(measure).where(is(series, matrices));
    }

    /** The rows of each run's last window. */
    public Table atEnd(RunSet runs, String series) {
        return Rows.atLast(rows(runs, series, Set.of()), Measure.SNAPSHOTS);
    }

    /** Mean over layers of some rows: columns seed, m_max, matrix, step, statistic, value. */
    public Table overLayers(Table rows) {
        return Cells.of(rows, RunSet.SEED, RunSet.MOST_MARKERS, Measure.MATRIX, Measure.STEP, Measure.STATISTIC)
                .mean(Measure.VALUE);
    }

    private Predicate<Row> is(String series, Set<String> matrices) {
        return row -> row.text(Measure.STATISTIC).equals(statistic.label())
                && row.text(Measure.SERIES).equals(series)
                && row.text(TrajectorySpectrum.CENTRING).equals(Centring.CENTRED.label())
                && (matrices.isEmpty() || matrices.contains(row.text(Measure.MATRIX)));
    }

    /** Mean over layers and matrices at the end of training. */
    public RunNumber atEnd(String label, String series, Set<String> matrices) {
        return number(label, scale(), series, matrices, rows -> {
            double last = Reduction.MOST.of(rows, RowNumber.of(Measure.SNAPSHOTS));
            return RowsNumber.of(VALUE, Reduction.MEAN)
                    .where(row -> row.number(Measure.SNAPSHOTS) == last)
                    .of(rows);
        });
    }

    /** Share of the training, 0..1, after which it stays within {@code margin} of its final value. */
    public RunNumber settledAfter(String series, double margin) {
        return number(
                        "share of training until " + statistic.label() + " stays within " + Numbers.brief(margin)
                                + " of its final value",
                        Scale.LOGIT,
                        series,
                        Set.of(),
                        Curve.number(VALUE, Reduction.MEAN, curve -> settled(curve, margin))
                                .meanOver(block()))
                .grained(runs -> Rows.spacingShare(rows(runs, series, Set.of())));
    }

    private static double settled(Curve curve, double margin) {
        double away = curve.where(point -> Math.abs(point.value() - curve.last()) > margin)
                .end();
        return curve.firstStep(point -> !(point.step() <= away)) / curve.end();
    }

    /**
     * Mean over layers and matrices of the path up to a step of each seed: of the last window that ends by then.
     *
     * @param steps by seed, for instance when the seed's run grokked; a seed without one, or without a window by then, has no number
     */
    public RunNumber upTo(String label, String series, SortedMap<Long, Double> steps) {
        return cut(label, scale(), series, steps, Curve::last);
    }

    /** {@link #upTo} less the first window's. */
    public RunNumber growthUpTo(String label, String series, SortedMap<Long, Double> steps) {
        return cut(label, Scale.IDENTITY, series, steps, curve -> curve.last() - curve.first());
    }

    private RunNumber cut(
            String label, Scale scale, String series, SortedMap<Long, Double> steps, Function<Curve, Double> of) {
        RowsNumber number = Curve.number(VALUE, Reduction.MEAN, of)
                .where(row -> row.number(Measure.STEP)
                        <= steps.getOrDefault(Long.valueOf(row.text(RunSet.SEED)), Double.NaN));
        return number(label, scale, series, Set.of(), number.meanOver(block()));
    }

    private static Function<Row, String> block() {
        return row -> row.text(Measure.BLOCK);
    }

    private Scale scale() {
        return statistic == Statistic.PC1_SHARE ? Scale.LOGIT : Scale.IDENTITY;
    }

    private RunNumber number(String label, Scale scale, String series, Set<String> matrices, RowsNumber number) {
        return RunNumber.of(label, scale, measure, is(series, matrices), number);
    }
}
