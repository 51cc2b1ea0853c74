package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.BackbonePath;
import holonomy.measure.BackboneRows;
import holonomy.measure.Measure;
import java.util.function.Predicate;

/**
 * Numbers of the trunk's backbone: one statistic of a path as it is or without its component along w_0. A series is {@link holonomy.measure.DecayControls#PATH} or a null of the path.
 *
 * @param statistic one of {@link BackboneRows}
 */
public record BackboneNumbers(BackbonePath measure, String statistic) {
    private static final RowNumber VALUE = RowNumber.of(Measure.VALUE);

    /** The rows of a path over the steps: columns seed, step, statistic, value. */
    public Table rows(RunSet runs, String path, String series) {
        return Cells.of(runs.table(measure).where(is(path, series)), RunSet.SEED, Measure.STEP, Measure.STATISTIC)
                .mean(Measure.VALUE);
    }

    /**
     * Mean over the steps after the first up to a share of the run's; of a statistic of the whole run, itself.
     *
     * @param upTo share of the steps, in (0, 1]; dimensionless
     */
    public RunNumber mean(String path, String series, double upTo) {
        String until = upTo < 1 ? ", mean up to " + upTo + " of the steps" : "";
        return RunNumber.of(statistic + ", " + path + " path" + until, scale(), measure, is(path, series), rows -> {
            double last = Reduction.MOST.of(rows, RowNumber.of(Measure.STEP));
            return RowsNumber.of(VALUE, Reduction.MEAN)
                    .where(row -> row.number(Measure.STEP) > 0 && row.number(Measure.STEP) <= upTo * last)
                    .of(rows);
        });
    }

    private Scale scale() {
        return switch (statistic) {
            case BackboneRows.PC1,
                    BackboneRows.RAW_PC1,
                    BackboneRows.EARLY_PC1,
                    BackboneRows.LATE_PC1,
                    BackboneRows.WINDOW_PC1,
                    BackboneRows.SHARE -> Scale.LOGIT;
            case BackboneRows.UPDATE_COSINE,
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
