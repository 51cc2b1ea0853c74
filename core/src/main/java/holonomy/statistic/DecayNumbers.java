package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.DecayControls;
import holonomy.measure.Measure;
import java.util.function.Predicate;

/** Numbers of what decay alone does to a path: shares, dimensionless, mean over the blocks. A series is {@link DecayControls#PATH} or a null of the path. */
public record DecayNumbers(DecayControls measure) {
    /** The rows of one statistic of all paths. */
    public Table rows(RunSet runs, String statistic, String series) {
        return runs.table(measure).where(is(statistic, series));
    }

    /** The rows of one statistic of one path. */
    public Table rows(RunSet runs, String path, String statistic, String series) {
        return runs.table(measure).where(is(statistic, series).and(of(path)));
    }

    /** PC1 share of a path. */
    public RunNumber pc1(String path, String series) {
        return mean("PC1 share, " + path, path, DecayControls.PC1, series);
    }

    /** Share of |w_T - w_0|^2 along the initial weights. */
    public RunNumber startShare() {
        return mean(
                "share of the displacement along w_0",
                DecayControls.MEASURED,
                DecayControls.START_SHARE,
                DecayControls.PATH);
    }

    private RunNumber mean(String label, String path, String statistic, String series) {
        return RunNumber.of(
                label,
                Scale.LOGIT,
                measure,
                is(statistic, series).and(of(path)),
                RowsNumber.of(RowNumber.of(Measure.VALUE), Reduction.MEAN));
    }

    private static Predicate<Row> of(String path) {
        return row -> row.text(DecayControls.OF_PATH).equals(path);
    }

    private static Predicate<Row> is(String statistic, String series) {
        return row -> row.text(Measure.STATISTIC).equals(statistic)
                && row.text(Measure.SERIES).equals(series);
    }
}
