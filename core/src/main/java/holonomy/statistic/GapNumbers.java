package holonomy.statistic;

import holonomy.data.Table;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SpectralGaps;

/** Numbers of the {@link SpectralGaps} of a path, mean over its windows; dimensionless. A series is {@link SpectralGaps#MEASURED} or the walk's label. */
public record GapNumbers(SpectralGaps measure) {
    /** The rows of a series. */
    public Table rows(RunSet runs, String series) {
        return runs.table(measure).where(row -> row.text(Measure.SERIES).equals(series));
    }

    /** k*. */
    public RunNumber position(String series) {
        return number("position k* of the spectral gap", SpectralGaps.POSITION, series);
    }

    /** s_k* / s_k*+1; undefined where a window's increments span k* dimensions only. */
    public RunNumber ratio(String series) {
        return number("ratio s_k*/s_k*+1 at the spectral gap", SpectralGaps.RATIO, series);
    }

    private RunNumber number(String label, String statistic, String series) {
        return RunNumber.of(
                label + ", mean over windows of " + measure.window(),
                Scale.LOG,
                measure,
                row -> row.text(Measure.STATISTIC).equals(statistic)
                        && row.text(Measure.SERIES).equals(series),
                RowsNumber.of(RowNumber.of(Measure.VALUE), Reduction.MEAN));
    }
}
