package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Column;
import holonomy.data.Table.Row;
import holonomy.inference.Ranks;
import holonomy.inference.Scale;
import holonomy.measure.CurvatureMeasure;
import holonomy.measure.Measure;
import holonomy.train.Edge;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Numbers of the loss's curvature along runs, of all weights together. Each is a mean over moments and batches; the same of each batch alone is a run's repeat. */
public record CurvatureNumbers(CurvatureMeasure measure) {
    private static final RowNumber VALUE = RowNumber.of(Measure.VALUE);
    private static final Column CURVE = Table.text("curve");
    private static final Column QUANTITY = Table.text("quantity");

    private static Predicate<Row> is(String series, String statistic) {
        return row -> row.text(Measure.BLOCK).isEmpty()
                && row.text(Measure.SERIES).equals(series)
                && row.text(Measure.STATISTIC).equals(statistic);
    }

    /** The largest eigenvalue of an operator. */
    private static Predicate<Row> largest(String series) {
        return is(series, CurvatureMeasure.EIGENVALUE).and(row -> row.number(CurvatureMeasure.ORDINAL) == 1);
    }

    /** Largest eigenvalue over the edge of stability of each run's own optimiser; 1 there, dimensionless. */
    public RunNumber overEdge(Phase over) {
        return new RunNumber("largest eigenvalue over the edge of stability (" + over + ")", Scale.LOG, runs -> {
                    Map<String, List<Row>> rows = Rows.byRun(overEdges(runs));
                    Map<String, Double> numbers = new LinkedHashMap<>();
                    rows.forEach((run, own) -> numbers.put(run, mean(own, over)));
                    return numbers;
                })
                .repeatedBy(measure, CurvatureMeasure.SAMPLE);
    }

    private static double mean(List<Row> rows, Phase over) {
        Curve curve = Curve.of(rows, VALUE, Reduction.MEAN);
        return curve.where(point -> over.holds(point.step(), curve.end())).reduced(Reduction.MEAN);
    }

    /** Each run's largest eigenvalues, its value over the edge of its own optimiser. */
    private Table overEdges(RunSet runs) {
        Map<String, Edge> edges = new LinkedHashMap<>();
        runs.members()
                .forEach(
                        run -> edges.put(run.id(), Edge.of(run.spec().training().optimizer())));
        Table all = runs.table(measure);
        Table.Builder rows = Table.builder(all.columns());
        for (Row row : all.rows()) {
            Edge edge = edges.get(row.text(RunSet.RUN));
            if (edge != null
                    && largest(edge.preconditioned() ? CurvatureMeasure.PRECONDITIONED : CurvatureMeasure.HESSIAN)
                            .test(row)) {
                rows.row(all.columns().stream()
                        .map(column ->
                                column.equals(Measure.VALUE) ? VALUE.of(row) / edge.eigenvalue() : row.value(column))
                        .toArray());
            }
        }
        return rows.build();
    }

    /** {@link #overEdge} over the steps, mean over batches: columns of the arm, seed, step, value. */
    public Table edges(RunSet runs, Column arm) {
        return Cells.of(overEdges(runs), arm, RunSet.SEED, Measure.STEP).mean(Measure.VALUE);
    }

    /** Largest eigenvalue of the Hessian, nats per squared weight norm. */
    public RunNumber sharpness(Phase over) {
        return mean("largest eigenvalue of the Hessian", Scale.LOG, largest(CurvatureMeasure.HESSIAN), over);
    }

    /** Share of the gradient in the Hessian's top space, {@link CurvatureMeasure#GRADIENT_SHARE}, or of the step, or k/d; dimensionless. */
    public RunNumber share(String statistic, Phase over) {
        return mean(statistic + " in the top space", Scale.LOGIT, is(CurvatureMeasure.HESSIAN, statistic), over);
    }

    private RunNumber mean(String label, Scale scale, Predicate<Row> rows, Phase over) {
        return RunNumber.of(label + " (" + over + ")", scale, measure, rows, own -> mean(own, over))
                .repeatedBy(measure, CurvatureMeasure.SAMPLE);
    }

    /** Shares of gradient and step and k/d over the steps, mean over batches: columns seed, statistic, step, value. */
    public Table shares(RunSet runs, String... statistics) {
        return Table.concat(Stream.of(statistics)
                .map(statistic -> Cells.of(
                                runs.table(measure).where(is(CurvatureMeasure.HESSIAN, statistic)),
                                RunSet.SEED,
                                Measure.STATISTIC,
                                Measure.STEP)
                        .mean(Measure.VALUE))
                .toList());
    }

    /** k/d over the steps: columns seed, step, value. */
    public Table chance(RunSet runs) {
        return Cells.of(
                        runs.table(measure).where(is(CurvatureMeasure.HESSIAN, CurvatureMeasure.CHANCE)),
                        RunSet.SEED,
                        Measure.STEP)
                .mean(Measure.VALUE);
    }

    /** Eigenvalues of the Hessian over the steps, the largest first, mean over batches: columns seed, curve, quantity, step, value. */
    public Table eigenvalues(RunSet runs, String quantity) {
        Table rows = runs.table(measure).where(is(CurvatureMeasure.HESSIAN, CurvatureMeasure.EIGENVALUE));
        return Cells.of(
                        rows,
                        List.of(
                                Cells.Key.of(RunSet.SEED),
                                new Cells.Key(CURVE, row -> "lambda_" + row.text(CurvatureMeasure.ORDINAL)),
                                new Cells.Key(QUANTITY, row -> quantity),
                                Cells.Key.of(Measure.STEP)))
                .mean(Measure.VALUE);
    }

    /** The norm of the gradient, in the same columns. */
    public Table gradients(RunSet runs, String curve, String quantity) {
        return Cells.of(
                        runs.table(measure).where(is(CurvatureMeasure.HESSIAN, CurvatureMeasure.GRADIENT_NORM)),
                        keys(curve, quantity))
                .mean(Measure.VALUE);
    }

    /** The commutator defect, median over pairs, in the same columns. */
    public static Table defects(RunSet runs, CommutatorNumbers pairs, String form, String curve, String quantity) {
        return Cells.of(pairs.rows(runs, form), keys(curve, quantity))
                .reduced(CommutatorNumbers.DEFECT, Reduction.MEDIAN);
    }

    private static List<Cells.Key> keys(String curve, String quantity) {
        return List.of(
                Cells.Key.of(RunSet.SEED),
                new Cells.Key(CURVE, row -> curve),
                new Cells.Key(QUANTITY, row -> quantity),
                Cells.Key.of(Measure.STEP));
    }

    /**
     * Rank correlation, over the moments of a run at which both are measured, of the median commutator defect with lambda_1 / |g|, what it is to go with; or with 1 / |g| alone, which needs no curvature.
     *
     * @param curvature whether lambda_1 stands above |g|
     */
    public RunNumber defectAgainst(CommutatorNumbers pairs, String form, boolean curvature) {
        String with = curvature ? "lambda_1 / |g|" : "1 / |g|";
        return new RunNumber("rank correlation of D (" + form + ") and " + with, Scale.CORRELATION, runs -> {
            Map<String, List<Row>> defects = Rows.byRun(pairs.rows(runs, form));
            Map<String, Double> numbers = new LinkedHashMap<>();
            Rows.byRun(runs.table(measure)).forEach((run, rows) -> {
                Curve defect = CommutatorNumbers.defects(defects.getOrDefault(run, List.of()));
                Curve sharpness = curve(rows, largest(CurvatureMeasure.HESSIAN));
                Curve gradient = curve(rows, is(CurvatureMeasure.HESSIAN, CurvatureMeasure.GRADIENT_NORM));
                List<Curve.Point> both = defect.points().stream()
                        .filter(point -> gradient.where(g -> g.step() == point.step())
                                        .points()
                                        .size()
                                == 1)
                        .toList();
                double[] expected = both.stream()
                        .mapToDouble(point -> (curvature ? sharpness.at(point.step()) : 1) / gradient.at(point.step()))
                        .toArray();
                numbers.put(run, Ranks.spearman(new Curve(both).values(), expected));
            });
            return numbers;
        });
    }

    private static Curve curve(List<Row> rows, Predicate<Row> which) {
        return Curve.of(rows.stream().filter(which).toList(), VALUE, Reduction.MEAN);
    }
}
