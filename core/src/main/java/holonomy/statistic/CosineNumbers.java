package holonomy.statistic;

import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.FinalAlignment;
import holonomy.measure.Measure;
import java.util.List;
import java.util.function.Predicate;

/** Numbers of the cosine of the displacement so far to the final one; dimensionless, mean over blocks. */
public record CosineNumbers(FinalAlignment measure) {
    /** The rows of one cosine, measured or of a null. */
    public Table rows(RunSet runs, String cosine, String series) {
        return runs.table(measure).where(is(cosine, series));
    }

    private static Predicate<Row> is(String cosine, String series) {
        return row -> row.text(FinalAlignment.COSINE).equals(cosine)
                && row.text(Measure.SERIES).equals(series);
    }

    /** At the snapshot nearest to this share of the training, 0..1; the earlier of two as near. */
    public RunNumber after(String cosine, String series, double share) {
        return RunNumber.of(
                "cosine " + cosine + " after " + Numbers.brief(share) + " of the steps",
                Scale.CORRELATION,
                measure,
                is(cosine, series),
                Curve.number(
                        RowNumber.of(Measure.VALUE), Reduction.MEAN, curve -> nearest(curve, share * curve.end())));
    }

    private static double nearest(Curve curve, double step) {
        double least = Reduction.LEAST.of(curve.points().stream()
                .mapToDouble(point -> Math.abs(point.step() - step))
                .toArray());
        return curve.where(point -> Math.abs(point.step() - step) == least).first();
    }

    /** Mean over layers of one cosine: columns seed, matrix, step, value. */
    public Table byMatrix(RunSet runs, String cosine, String series) {
        return Cells.of(
                        rows(runs, cosine, series),
                        List.of(Cells.Key.of(RunSet.SEED), Cells.MATRIX_OF_BLOCK, Cells.Key.of(Measure.STEP)))
                .mean(Measure.VALUE);
    }
}
