package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.BackbonePath;
import holonomy.measure.BackboneRows;
import holonomy.measure.Measure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Numbers of the trunk's backbone: one statistic of a path as it is or without its component along w_0. A series is {@link holonomy.measure.DecayControls#PATH} or a null of the path.
 *
 * @param statistic one of {@link BackboneRows}
 */
public record BackboneNumbers(BackbonePath measure, String statistic) {
    private static final RowNumber VALUE = RowNumber.of(Measure.VALUE);

    /**
     * The rows of a path over the steps: columns seed, step, statistic, value.
     *
     * @param arm the column, before these, that tells the arms of the runs apart
     */
    public Table rows(RunSet runs, String path, String series, Table.Column arm) {
        return Cells.of(runs.table(measure).where(is(path, series)), arm, RunSet.SEED, Measure.STEP, Measure.STATISTIC)
                .mean(Measure.VALUE);
    }

    /** The last of them of each run: of a statistic of the whole run, itself. */
    public Table rowsAtEnd(RunSet runs, String path, String series, Table.Column arm) {
        return Cells.of(
                        Rows.atLast(runs.table(measure).where(is(path, series)), Measure.STEP),
                        arm,
                        RunSet.SEED,
                        Measure.STATISTIC)
                .mean(Measure.VALUE);
    }

    /** The value at the last step; of a window, at its end. */
    public RunNumber atEnd(String path, String series) {
        return RunNumber.of(
                statistic + " at the end" + of(path),
                scale(),
                measure,
                is(path, series),
                Curve.number(VALUE, Reduction.MEAN, Curve::last));
    }

    /** The curve of each run, by its id. */
    Map<String, Curve> curves(RunSet runs, String path, String series) {
        Map<String, Curve> curves = new LinkedHashMap<>();
        Rows.byRun(runs.table(measure).where(is(path, series)))
                .forEach((run, rows) -> curves.put(run, Curve.of(rows, VALUE, Reduction.MEAN)));
        return curves;
    }

    /** Which path it is, for a label. */
    String of(String path) {
        return ", " + path + " path"
                + measure.window()
                        .map(part -> ", window of " + part.from() + " to " + part.to() + " of the steps")
                        .orElse("");
    }

    /**
     * Mean over the steps after the first up to a share of the run's; of a statistic of the whole run, itself.
     *
     * @param upTo share of the steps, in (0, 1]; dimensionless
     */
    public RunNumber mean(String path, String series, double upTo) {
        return mean(path, series, upTo < 1 ? ", mean up to " + upTo + " of the steps" : "", rows -> {
            double last = Reduction.MOST.of(rows, RowNumber.of(Measure.STEP));
            return row -> row.number(Measure.STEP) > 0 && row.number(Measure.STEP) <= upTo * last;
        });
    }

    /** Mean over the rows of some steps. @param words which steps these are, for a label */
    public RunNumber meanAt(String path, String series, Set<Long> steps, String words) {
        return mean(path, series, ", mean " + words, rows -> row -> steps.contains((long) row.number(Measure.STEP)));
    }

    private RunNumber mean(String path, String series, String words, Function<List<Row>, Predicate<Row>> counted) {
        return RunNumber.of(statistic + of(path) + words, scale(), measure, is(path, series), rows -> RowsNumber.of(
                                VALUE, Reduction.MEAN)
                        .where(counted.apply(rows))
                        .of(rows))
                .grained(runs -> grain());
    }

    /** A count of components comes in ones; 0 of what is continuous. */
    private double grain() {
        return statistic.equals(BackboneRows.K95) ? 1 : 0;
    }

    /** On which scale an interval over seeds is built. */
    public Scale scale() {
        return switch (statistic) {
            case BackboneRows.PC1,
                    BackboneRows.RAW_PC1,
                    BackboneRows.EARLY_PC1,
                    BackboneRows.LATE_PC1,
                    BackboneRows.WINDOW_PC1,
                    BackboneRows.PC1_SO_FAR,
                    BackboneRows.SHARE -> Scale.LOGIT;
            case BackboneRows.UPDATE_COSINE,
                    BackboneRows.RAW_UPDATE_COSINE,
                    BackboneRows.WINDOW_UPDATE_COSINE,
                    BackboneRows.UNSEEN_UPDATE_COSINE,
                    BackboneRows.ANCHORED_TURN,
                    BackboneRows.TURN,
                    BackboneRows.TO_DECAY,
                    BackboneRows.TO_EARLY,
                    BackboneRows.TO_LATE,
                    BackboneRows.PHASES -> Scale.CORRELATION;
            case BackboneRows.COHERENCE, BackboneRows.DRIFT -> Scale.LOG;
            default -> Scale.IDENTITY;
        };
    }

    private Predicate<Row> is(String path, String series) {
        return row -> row.text(Measure.STATISTIC).equals(statistic)
                && row.text(Measure.SERIES).equals(series)
                && row.text(holonomy.measure.DecayControls.OF_PATH).equals(path)
                && row.text(BackbonePath.PART).equals(BackbonePath.TRUNK);
    }
}
