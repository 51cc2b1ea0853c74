package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.FourierProgress;
import holonomy.measure.Measure;
import holonomy.measure.SumWaves;
import holonomy.task.PairTask;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Numbers of a {@link FourierProgress} at the moments judged. A series is {@link FourierProgress#KEY} or the null, {@link FourierProgress#RANDOM}. A loss <i>has fallen</i> at the first moment at which it is at most half of
 * that of guessing, ln p; one that never does counts with the last moment.
 */
public record FourierNumbers(FourierProgress measure) {
    private static final RowNumber VALUE = RowNumber.of(Measure.VALUE);

    /** A frequency's place among those of one moment, from 1, the largest share first. */
    private static final Table.Column RANK = Table.whole("rank");

    /**
     * A loss on one of the two sets.
     *
     * @param kind {@link FourierProgress#LOSS}, {@code RESTRICTED} or {@code EXCLUDED}
     */
    public record Loss(String kind, PairTask.Part part) {
        private boolean is(Row row, String series) {
            String own = kind.equals(FourierProgress.LOSS) ? FourierProgress.KEY : series;
            return row.text(Measure.STATISTIC).equals(kind)
                    && row.text(Measure.SET).equals(part.label())
                    && row.text(Measure.SERIES).equals(own);
        }

        @Override
        public String toString() {
            return kind + " on " + part.label() + " pairs";
        }
    }

    /** The rows of some losses over the steps. */
    public Table rows(RunSet runs, String series, List<Loss> losses) {
        return runs.table(measure).where(row -> losses.stream().anyMatch(loss -> loss.is(row, series)));
    }

    /** A loss at the end over that of guessing, ln p; dimensionless. */
    public RunNumber atEnd(Loss loss, String series) {
        return number(
                loss + " at the end over ln p",
                Scale.LOG,
                rows -> curve(rows, loss, series).last() / guessing(rows));
    }

    /**
     * Share of the variance that the key frequencies hold at each moment: rows with {@code seed}, {@code step}, {@code statistic} and {@code value}; of random ones what as many hold in the mean.
     *
     * @param statistic {@link FourierProgress#LOGITS} or {@code EMBEDDING}
     */
    public Table keyShares(RunSet runs, String statistic, String series) {
        return Cells.of(runs.table(measure).where(of(statistic)), RunSet.SEED, Measure.STEP, Measure.STATISTIC)
                .numbers(Map.of(Measure.VALUE, rows -> keyShare(rows, series)));
    }

    /** {@link #keyShares} at the end. */
    public RunNumber keyShare(String statistic, String series) {
        return RunNumber.of(
                "key frequencies' " + statistic + " at the end",
                Scale.LOGIT,
                measure,
                of(statistic),
                rows -> keyShare(at(rows, Reduction.MOST), series));
    }

    private static double keyShare(List<Row> moment, String series) {
        List<Row> keys = moment.stream()
                .filter(row -> row.text(Measure.SERIES).equals(FourierProgress.KEY))
                .toList();
        return series.equals(FourierProgress.KEY) ? sum(keys) : sum(moment) * ((double) keys.size() / moment.size());
    }

    /** Number of frequencies that hold the measure's share of the waves' energy in the logits, at the end or of the initial weights. */
    public RunNumber frequencies(boolean atEnd) {
        return RunNumber.of(
                        "frequencies that hold " + measure.held() + " of the waves' energy",
                        Scale.LOG,
                        measure,
                        of(FourierProgress.LOGITS),
                        rows -> {
                            double[] shares = shares(at(rows, atEnd ? Reduction.MOST : Reduction.LEAST));
                            return shares.length == 0
                                    ? Double.NaN
                                    : SumWaves.holding(shares, measure.held()).size();
                        })
                .grained(runs -> 1);
    }

    /** Shares of the waves' energy in the logits by rank, largest first, 1 together, at each run's last moment or its first: columns {@code seed}, {@code rank}, {@code value}. */
    public Table ranked(RunSet runs, boolean atEnd) {
        Table.Builder table = Table.builder(List.of(RunSet.SEED, RANK, Measure.VALUE));
        Rows.byRun(runs.table(measure).where(of(FourierProgress.LOGITS))).forEach((run, rows) -> {
            double[] shares = shares(at(rows, atEnd ? Reduction.MOST : Reduction.LEAST));
            Arrays.sort(shares);
            double all = Arrays.stream(shares).sum();
            for (int rank = 1; rank <= shares.length; rank++) {
                table.row(rows.get(0).text(RunSet.SEED), rank, shares[shares.length - rank] / all);
            }
        });
        return table.build();
    }

    /** Steps from the moment at which one loss has fallen to that of another, as a share of the latter; dimensionless. */
    public RunNumber lead(Loss first, Loss second, String series) {
        return number("lead of the " + first + " over the " + second, Scale.IDENTITY, rows -> {
                    double later = fallen(rows, second, series);
                    return (later - fallen(rows, first, series)) / later;
                })
                .grained(runs -> coarsest(runs.table(measure), second, series));
    }

    /** The largest distance of a run's moments over the step at which its loss has fallen. */
    private static double coarsest(Table rows, Loss loss, String series) {
        return Rows.byRun(rows).values().stream()
                .mapToDouble(run -> Rows.spacing(rows) / fallen(run, loss, series))
                .max()
                .orElse(0);
    }

    /** By how much the excluded loss on training pairs has risen from its least value at the last moment before the loss on test pairs has fallen; nats. */
    public RunNumber excludedRise(String series) {
        return number("rise of the excluded loss before the test loss falls", Scale.IDENTITY, rows -> {
            double until = fallen(rows, new Loss(FourierProgress.LOSS, PairTask.Part.TEST), series);
            Curve before = curve(rows, new Loss(FourierProgress.EXCLUDED, PairTask.Part.TRAIN), series)
                    .where(point -> point.step() < until);
            return before.last() - before.reduced(Reduction.LEAST);
        });
    }

    private RunNumber number(String label, Scale scale, RowsNumber number) {
        return RunNumber.of(label, scale, measure, row -> true, number);
    }

    private static double fallen(List<Row> rows, Loss loss, String series) {
        Curve curve = curve(rows, loss, series);
        double half = guessing(rows) / 2;
        double step = curve.firstStep(point -> point.value() <= half);
        return Double.isNaN(step) ? curve.end() : step;
    }

    private static Curve curve(List<Row> rows, Loss loss, String series) {
        return Curve.of(rows.stream().filter(row -> loss.is(row, series)).toList(), VALUE, Reduction.MEAN);
    }

    /** The loss of guessing among p residues, ln p; nats. */
    public static double guessing(int p) {
        return Math.log(p);
    }

    /** The same, p = 1 + 2 frequencies. */
    private static double guessing(List<Row> rows) {
        double frequencies = rows.stream()
                .mapToDouble(row -> row.number(FourierProgress.FREQUENCY))
                .filter(frequency -> !Double.isNaN(frequency))
                .max()
                .orElse(Double.NaN);
        return Math.log(1 + 2 * frequencies);
    }

    private static List<Row> at(List<Row> rows, Reduction which) {
        double step = which.of(rows, RowNumber.of(Measure.STEP));
        return rows.stream().filter(row -> row.number(Measure.STEP) == step).toList();
    }

    private static double[] shares(List<Row> rows) {
        return rows.stream().mapToDouble(VALUE::of).toArray();
    }

    private static double sum(List<Row> rows) {
        double sum = 0;
        for (double share : shares(rows)) {
            sum += share;
        }
        return sum;
    }

    private static Predicate<Row> of(String statistic) {
        return row -> row.text(Measure.STATISTIC).equals(statistic);
    }
}
