package holonomy.statistic;

import holonomy.claim.Claim;
import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.inference.Correlation;
import holonomy.inference.Scale;
import holonomy.inference.Unimodal;
import holonomy.measure.Accuracy;
import holonomy.measure.Measure;
import holonomy.measure.SetColumn;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Numbers of one named evaluation set: accuracy (dimensionless), loss (nats). */
public record SetNumbers(Accuracy measure, String set) {
    /** How many evaluations before and after a peak are looked at, as published (arXiv 2602.23696). */
    private static final int BESIDE = 3;

    /** How often a curve's evaluations are drawn anew. */
    private static final int DRAWS = 100;

    /** Median accuracy of the last five evaluations. */
    public RunNumber late() {
        return accuracy(
                        "accuracy on '" + set + "', median of the last " + AccuracyNumbers.LATE,
                        curve -> AccuracyNumbers.late(curve.values()))
                .grained(ofSequences());
    }

    /** Accuracy at the last evaluation. */
    public RunNumber atEnd() {
        return accuracy("accuracy on '" + set + "' at the end", Curve::last).grained(ofSequences());
    }

    /** Highest accuracy at any evaluation. */
    public RunNumber highest() {
        return accuracy("highest accuracy on '" + set + "'", curve -> curve.reduced(Reduction.MOST))
                .grained(ofSequences());
    }

    /** Highest accuracy at any evaluation less that of the last five. */
    public RunNumber fall() {
        return number(
                        "highest accuracy on '" + set + "' less the median of the last " + AccuracyNumbers.LATE,
                        Scale.IDENTITY,
                        RowNumber.of(Accuracy.ACCURACY),
                        curve -> curve.reduced(Reduction.MOST) - AccuracyNumbers.late(curve.values()))
                .grained(ofSequences());
    }

    /** The condition that {@link #highest} is at least so much in every run. */
    public Claim.Condition reached(RunSet runs, double atLeast) {
        String words = "the accuracy on '" + set + "' has reached " + Numbers.brief(atLeast);
        return highest().atLeast(runs, atLeast, words);
    }

    /** The condition that {@link #fall} is at least so much in every run: there is something to come back to. */
    public Claim.Condition fallen(RunSet runs, double by) {
        return fall().atLeast(runs, by, "the accuracy on '" + set + "' has fallen by " + Numbers.brief(by));
    }

    /** Highest accuracy at any evaluation less that of the first: the published gain G of a reheating, at least 0 by its making. */
    public RunNumber gain() {
        return number(
                        "highest accuracy on '" + set + "' less that at the start",
                        Scale.IDENTITY,
                        RowNumber.of(Accuracy.ACCURACY),
                        curve -> curve.reduced(Reduction.MOST) - curve.first())
                .grained(ofSequences());
    }

    /** Loss at the last evaluation less the least that any model can have; nats. */
    public RunNumber lossAbove(double irreducible) {
        return number(
                "loss on '" + set + "' above the text's entropy rate, nats",
                Scale.IDENTITY,
                RowNumber.of(Accuracy.LOSS),
                curve -> curve.last() - irreducible);
    }

    /** Pearson's correlation of the loss on this set and on another one of the same evaluations, those after the first; of the changes from one to the next if asked for, of which a common trend alone has none. */
    public RunNumber lossCorrelation(SetNumbers other, boolean ofChanges) {
        String what = ofChanges ? "correlation of the changes of the losses" : "correlation of the losses";
        return new RunNumber(what + " on '" + set + "' and '" + other.set + "'", Scale.CORRELATION, runs -> {
            Map<String, Curve> theirs = other.curves(runs, RowNumber.of(Accuracy.LOSS));
            Map<String, Double> correlations = new LinkedHashMap<>();
            curves(runs, RowNumber.of(Accuracy.LOSS)).forEach((run, own) -> {
                double[] x = own.where(point -> point.step() > 0).values();
                double[] y = theirs.get(run).where(point -> point.step() > 0).values();
                correlations.put(run, ofChanges ? Correlation.ofChanges(x, y) : Correlation.pearson(x, y));
            });
            return correlations;
        });
    }

    /** Loss at the last evaluation; nats. */
    public RunNumber lossAtEnd() {
        return number(
                "loss on '" + set + "' at the end, nats", Scale.IDENTITY, RowNumber.of(Accuracy.LOSS), Curve::last);
    }

    /** Loss at the first evaluation less that at the last; nats: how much was learned between them. */
    public RunNumber lossFall() {
        return number(
                "loss on '" + set + "' at the start less that at the end, nats",
                Scale.IDENTITY,
                RowNumber.of(Accuracy.LOSS),
                curve -> curve.first() - curve.last());
    }

    /** The condition that {@link #lossFall} is at least so much in every run: there is something to learn. */
    public Claim.Condition lossFallen(RunSet runs, double by) {
        return lossFall().atLeast(runs, by, "the loss on '" + set + "' has fallen by " + Numbers.brief(by) + " nats");
    }

    /**
     * Which of several sets of runs ends with the least loss, mean over its runs: how a rate is tuned without looking at what is asked of it.
     *
     * @throws UserError if none has a loss in each of its runs
     */
    public int leastLoss(List<? extends RunSet> of) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < of.size(); i++) {
            double[] ends = curves(of.get(i), RowNumber.of(Accuracy.LOSS)).values().stream()
                    .mapToDouble(Curve::last)
                    .toArray();
            double mean = Reduction.MEAN.of(ends);
            if (mean < least) {
                least = mean;
                best = i;
            }
        }
        if (best < 0) {
            throw new UserError(
                    "tuned: expected runs with a loss on '" + set + "' at the end, found none; see why they failed");
        }
        return best;
    }

    /** Losses over the steps, nats: columns of the arm, seed, step, value. */
    public Table losses(RunSet runs, Table.Column arm) {
        return Cells.of(
                        runs.table(measure).where(row -> SetColumn.name(row).equals(set)),
                        arm,
                        RunSet.SEED,
                        Measure.STEP)
                .mean(Accuracy.LOSS);
    }

    /** A number of each run over its evaluations, by the run's id. */
    Map<String, Curve> curves(RunSet runs, RowNumber of) {
        Map<String, Curve> curves = new LinkedHashMap<>();
        Rows.byRun(runs.table(measure).where(row -> SetColumn.name(row).equals(set)))
                .forEach((run, rows) -> curves.put(run, Curve.of(rows, of, Reduction.MEAN)));
        return curves;
    }

    /**
     * Number of peaks of the accuracy: evaluations strictly above both neighbours whose value lies by {@code least} above the larger of the smallest value of the three
     * before and of the three after (the published rule, .03).
     */
    public RunNumber peaks(double least) {
        return number(
                        "peaks of the accuracy on '" + set + "', by " + Numbers.brief(least) + " at least",
                        Scale.IDENTITY,
                        RowNumber.of(Accuracy.ACCURACY),
                        curve -> (double) peaks(curve.values(), least).size())
                .grained(runs -> 1);
    }

    /**
     * The smallest rise that is not an evaluation's own noise: three standard errors of a difference of two accuracies on n sequences, {@code 3 sqrt(2 / (4 n))}, at most.
     */
    public double aboveNoise() {
        return 3 * Math.sqrt(.5 / measure.sequences());
    }

    /**
     * {@link #peaks(double)} of a curve that rises once and falls once, whose evaluations are counts: the nearest such curve p to the accuracy ({@link Unimodal}), in place of each value a binomial count of n with p over n;
     * mean over {@value #DRAWS} draws. Evaluations here are all of the same n sequences, so the noise of a difference is at most this: the null is a generous one.
     */
    public RunNumber peaksOfNoise(double least) {
        return number(
                "peaks of one rise and fall with binomial noise, by " + Numbers.brief(least) + " at least",
                Scale.IDENTITY,
                RowNumber.of(Accuracy.ACCURACY),
                curve -> peaksOfNoise(curve.values(), least, measure.sequences()));
    }

    static double peaksOfNoise(double[] values, double least, int sequences) {
        Stream noise = Stream.of(0, "evaluation noise");
        double[] smooth = Unimodal.fit(values);
        double peaks = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            var random = noise.at(draw);
            double[] drawn = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                int right = 0;
                for (int k = 0; k < sequences; k++) {
                    right += random.nextDouble() < smooth[i] ? 1 : 0;
                }
                drawn[i] = (double) right / sequences;
            }
            peaks += peaks(drawn, least).size();
        }
        return peaks / DRAWS;
    }

    /** Places of the peaks: see {@link #peaks(double)}. Those of -v are the troughs of v. */
    static List<Integer> peaks(double[] values, double least) {
        List<Integer> peaks = new ArrayList<>();
        for (int i = 1; i < values.length - 1; i++) {
            double before = Reduction.LEAST.of(Arrays.copyOfRange(values, Math.max(0, i - BESIDE), i));
            double after =
                    Reduction.LEAST.of(Arrays.copyOfRange(values, i + 1, Math.min(values.length, i + 1 + BESIDE)));
            boolean top = values[i] > values[i - 1] && values[i] > values[i + 1];
            if (top && values[i] - Math.max(before, after) >= least) {
                peaks.add(i);
            }
        }
        return peaks;
    }

    private RunNumber accuracy(String label, Function<Curve, Double> number) {
        return number(label, Scale.LOGIT, RowNumber.of(Accuracy.ACCURACY), number);
    }

    private RunNumber number(String label, Scale scale, RowNumber of, Function<Curve, Double> number) {
        return RunNumber.of(
                label,
                scale,
                measure,
                row -> SetColumn.name(row).equals(set),
                Curve.number(of, Reduction.MEAN, number));
    }

    /** One sequence more or less. */
    private ToDoubleFunction<RunSet> ofSequences() {
        return runs -> 1.0 / measure.sequences();
    }
}
