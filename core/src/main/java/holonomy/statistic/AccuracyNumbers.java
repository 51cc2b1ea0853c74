package holonomy.statistic;

import holonomy.claim.Claim;
import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.measure.Accuracy;
import holonomy.measure.Measure;
import holonomy.measure.SetColumn;
import holonomy.task.StagedTask;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Numbers of the accuracy per evaluation set: dimensionless, or steps. */
public record AccuracyNumbers(Accuracy measure) {
    /** A single evaluation swings by several points at a constant learning rate; a median of these doesn't. */
    static final int LATE = 5;

    private static final RowNumber ACCURACY = RowNumber.of(Accuracy.ACCURACY);

    /** At the last evaluation, mean over m. */
    public RunNumber atEnd() {
        return number(
                        "accuracy at the end, mean over m",
                        Curve.number(ACCURACY, Reduction.MEAN, Curve::last),
                        Scale.LOGIT)
                .grained(ofSequences());
    }

    /** Loss at the first evaluation less that at the last, mean over m; nats: how much was learned between them. */
    public RunNumber lossFall() {
        return number(
                "loss at the start less that at the end, mean over m, nats",
                Curve.number(RowNumber.of(Accuracy.LOSS), Reduction.MEAN, curve -> curve.first() - curve.last()),
                Scale.IDENTITY);
    }

    /** The condition that {@link #lossFall} is at least so much in every run: there was something to learn, and it was learned. */
    public Claim.Condition lossFallen(RunSet runs, double by) {
        return lossFall().atLeast(runs, by, "the loss has fallen by " + Numbers.brief(by) + " nats");
    }

    /** Losses over the steps, mean over m, nats: columns of the arm, seed, step, value. */
    public Table losses(RunSet runs, Table.Column arm) {
        return Cells.of(runs.table(measure), arm, RunSet.SEED, Measure.STEP).mean(Accuracy.LOSS);
    }

    /** First evaluation, in optimiser steps, with at least {@code level} on every m. */
    public RunNumber stepsTo(double level) {
        return number(
                        "steps to an accuracy of " + Numbers.brief(level) + " on every m",
                        Curve.number(
                                ACCURACY, Reduction.LEAST, curve -> curve.firstStep(point -> point.value() >= level)),
                        Scale.IDENTITY)
                .grained(runs -> Rows.spacing(runs.table(measure)));
    }

    /** Highest on an m at any evaluation minus the one at the end. */
    public RunNumber forgetting(int m) {
        return onM("forgetting of m = " + m, m, curve -> curve.reduced(Reduction.MOST) - curve.last());
    }

    /** Highest on an m at any evaluation. */
    public RunNumber peak(int m) {
        return onM("peak accuracy on m = " + m, m, curve -> curve.reduced(Reduction.MOST));
    }

    /** The condition that each run ended with at least {@code atLeast} on every m, median of the last evaluations. */
    public Claim.Condition trained(RunSet runs, double atLeast) {
        double lowest = lowestAtTheEnd(runs.table(measure));
        return new Claim.Condition(
                "accuracy of at least " + Numbers.brief(atLeast) + " on every m in every seed, median of the last "
                        + LATE + " evaluations",
                lowest >= atLeast,
                "lowest " + Numbers.brief(lowest));
    }

    /** The lowest over runs and sets of the median of the last evaluations. */
    public static double lowestAtTheEnd(Table accuracy) {
        return Reduction.LEAST.of(
                Rows.by(accuracy.rows(), row -> List.of(row.text(RunSet.RUN), SetColumn.name(row))).values().stream()
                        .mapToDouble(rows ->
                                late(Curve.of(rows, ACCURACY, Reduction.MEAN).values()))
                        .toArray());
    }

    /** The median of a run's last evaluations. */
    static double late(double[] values) {
        return Reduction.MEDIAN.of(Arrays.copyOfRange(values, Math.max(0, values.length - LATE), values.length));
    }

    /** The condition that each run had at least {@code atLeast} on an m at the last evaluation of the stage that teaches it. */
    public Claim.Condition learned(RunSet runs, int m, double atLeast) {
        Map<String, List<Row>> rows = Rows.byRun(runs.table(measure).where(row -> isOn(row, m)));
        double[] reached = runs.members().stream()
                .mapToDouble(run -> atEndOfStage(run, m, rows.getOrDefault(run.id(), List.of())))
                .toArray();
        boolean missing = Arrays.stream(reached).anyMatch(Double::isNaN);
        return new Claim.Condition(
                "accuracy of at least " + Numbers.brief(atLeast) + " on m = " + m
                        + " at the end of its stage in every seed",
                Arrays.stream(reached).allMatch(value -> value >= atLeast),
                missing ? "a run without an evaluation in it" : "lowest " + Numbers.brief(Reduction.LEAST.of(reached)));
    }

    /** By the steps between which batches teach an m: those of its last stage, or all of them. */
    private static double atEndOfStage(RunSet.Member run, int m, List<Row> rows) {
        List<Long> ends =
                StageCuts.ends(run.spec().task(), run.spec().training().steps());
        int stage = run.spec().task() instanceof StagedTask staged ? lastStage(staged, m) : 0;
        return Curve.of(rows, ACCURACY, Reduction.MEAN)
                .where(point -> point.step() > ends.get(stage) && point.step() <= ends.get(stage + 1))
                .last();
    }

    private static int lastStage(StagedTask task, int m) {
        int last = -1;
        for (int i = 0; i < task.stages().size(); i++) {
            last = task.stages().get(i).markers().contains(m) ? i : last;
        }
        return last;
    }

    private RunNumber onM(String label, int m, Function<Curve, Double> number) {
        return RunNumber.of(
                        label,
                        Scale.LOGIT,
                        measure,
                        row -> isOn(row, m),
                        Curve.number(ACCURACY, Reduction.MEAN, number))
                .grained(ofSequences());
    }

    private RunNumber number(String label, RowsNumber number, Scale scale) {
        return RunNumber.of(label, scale, measure, row -> true, number);
    }

    /** One sequence more or less. */
    private ToDoubleFunction<RunSet> ofSequences() {
        return runs -> 1.0 / measure.sequences();
    }

    private static boolean isOn(Row row, int m) {
        return SetColumn.name(row).equals("m = " + m);
    }
}
