package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Column;
import holonomy.data.Table.Row;
import holonomy.inference.Quantiles;
import holonomy.inference.Ranks;
import holonomy.inference.Scale;
import holonomy.measure.Accuracy;
import holonomy.measure.CommutatorMeasure;
import holonomy.measure.CommutatorMeasure.NullColumns;
import holonomy.measure.Measure;
import holonomy.model.Model;
import holonomy.probe.OtherSeeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Numbers of commutators of steps: D = |delta| / (|a||b|) in 1/weight norm, all others dimensionless. A form is the name of a variant, for instance
 * {@link CommutatorMeasure#OURS}. Medians are over pairs and moments, of a run; pairs of batches are a run's repeats: the same
 * number of each pair alone says what of the spread over seeds is the batches'.
 */
public record CommutatorNumbers(CommutatorMeasure measure) {
    /** The commutator itself among the vectors that are projected. */
    public static final String DELTA = CommutatorMeasure.VECTORS.get(0);

    public static final RowNumber DEFECT = RowNumber.of(CommutatorMeasure.DEFECT);
    public static final RowNumber RHO = RowNumber.of(CommutatorMeasure.RHO);

    /** sqrt(|g_A||g_B|), in nats per weight norm. */
    public static final RowNumber GRADIENT = RowNumber.of(CommutatorMeasure.GRADIENT_A)
            .times(RowNumber.of(CommutatorMeasure.GRADIENT_B))
            .root();

    /** |B'delta|, weight norm. */
    public static final RowNumber PARALLEL =
            RowNumber.of(CommutatorMeasure.NORM).times(RHO);

    /** |delta - BB'delta|, weight norm. */
    public static final RowNumber PERPENDICULAR =
            RowNumber.of(CommutatorMeasure.NORM).times(RowNumber.of(CommutatorMeasure.PERPENDICULAR_SHARE));

    /** factor rho / sqrt(E[rho^2]) of a null. */
    public static RowNumber overChance(NullColumns chance, double factor) {
        return RHO.times(row -> factor).over(RowNumber.of(chance.mean()).root());
    }

    /** The rows of one variant. */
    public Table rows(RunSet runs, String variant) {
        return runs.table(measure)
                .where(row -> row.text(CommutatorMeasure.VARIANT).equals(variant));
    }

    /** The projections of a vector onto a basis. */
    public Table projections(RunSet runs, String vector, String basis) {
        return runs.table(measure).where(isProjection(vector, basis));
    }

    /** The projections of the commutators onto each run's own path so far. */
    public Table ownProjections(RunSet runs) {
        return runs.table(measure).where(OWN_PATH);
    }

    /** The projections of a vector onto all bases. */
    public Table projections(RunSet runs, String vector) {
        return rows(runs, CommutatorMeasure.PROJECTION)
                .where(row -> row.text(CommutatorMeasure.VECTOR).equals(vector));
    }

    private static Predicate<Row> is(String variant) {
        return row -> row.text(CommutatorMeasure.VARIANT).equals(variant);
    }

    private static Predicate<Row> isProjection(String vector, String basis) {
        return is(CommutatorMeasure.PROJECTION)
                .and(row -> row.text(CommutatorMeasure.VECTOR).equals(vector)
                        && row.text(CommutatorMeasure.BASIS).equals(basis));
    }

    private static final Predicate<Row> OWN_PATH = isProjection(DELTA, CommutatorMeasure.OWN_BASIS);

    /** Median D of each moment. */
    static Curve defects(List<Row> rows) {
        return Curve.of(rows, DEFECT, Reduction.MEDIAN);
    }

    /** Median D. */
    public RunNumber defect(String form, Phase over) {
        return median("median D (" + form + ", " + over + ")", is(form), over, DEFECT);
    }

    /** Median |B'delta| / |delta| in the run's own path so far. */
    public RunNumber rho(Phase over) {
        return median(Scale.LOGIT, "median rho (" + over + ")", OWN_PATH, over, RHO);
    }

    /** Median of the expected rho in a random subspace. */
    public RunNumber randomRho(String words, NullColumns chance, Phase over) {
        return median(Scale.LOGIT, "expected rho, " + words, OWN_PATH, over, RowNumber.of(chance.rho()));
    }

    /** Median 1 - rho, as published; neither a norm nor an energy. */
    public RunNumber oneMinusRho(Phase over) {
        return median(
                Scale.LOGIT,
                "median 1 - rho (" + over + ")",
                OWN_PATH,
                over,
                RowNumber.of(CommutatorMeasure.ONE_MINUS_RHO));
    }

    /** Median of 1 - E[rho] of a random subspace. */
    public RunNumber randomOneMinusRho(String words, NullColumns chance, Phase over) {
        return median(Scale.LOGIT, "1 - expected rho, " + words, OWN_PATH, over, row -> 1 - row.number(chance.rho()));
    }

    /** Median rho / sqrt(E[rho^2]) of a null; 1 at chance. */
    public RunNumber ratio(String label, NullColumns chance, Phase over, String vector, String basis) {
        return median(label, isProjection(vector, basis), over, overChance(chance, 1));
    }

    /** The ratio to an isotropic subspace times {@link #inflation}, as published. */
    public RunNumber publishedRatio(Phase over, double inflation) {
        return median(
                "rho over an isotropic subspace with unused weights (" + over + ")",
                OWN_PATH,
                over,
                overChance(CommutatorMeasure.ISOTROPIC, 1).times(row -> inflation));
    }

    /** sqrt(P / P_used): what unused weights counted in P make of a ratio to chance. */
    public static double inflation(Model used, Model withUnused) {
        return Math.sqrt((double) withUnused.layout().size() / used.layout().size());
    }

    /** |rank correlation| of a moment's median D with the held-out loss of the same moment. */
    public RunNumber defectAgainstLoss(Accuracy accuracy, String form) {
        return byPairs("|rank correlation| of D (" + form + ") and loss", Scale.LOGIT, runs -> {
            Map<String, List<Row>> losses = Rows.byRun(runs.table(accuracy));
            return ofRuns(runs, form, (run, rows) -> {
                Curve loss = Curve.of(losses.getOrDefault(run, List.of()), RowNumber.of(Accuracy.LOSS), Reduction.MEAN);
                Map<Double, Double> byStep = new LinkedHashMap<>();
                loss.points().forEach(point -> byStep.put(point.step(), point.value()));
                Curve both = defects(rows).where(point -> byStep.containsKey(point.step()));
                double[] other = both.points().stream()
                        .mapToDouble(point -> byStep.get(point.step()))
                        .toArray();
                return Math.abs(Ranks.spearman(both.values(), other));
            });
        });
    }

    /**
     * Rank correlation of D and training time at matched gradient norm, over single pairs: the ranks of sqrt(|g_A||g_B|) are taken out. D goes as curvature over |g|, so
     * it grows whenever gradients shrink; this is what is left.
     */
    public RunNumber defectTrend(String form) {
        return RunNumber.of(
                        "rank correlation of D (" + form + ") and step at matched |g|",
                        Scale.CORRELATION,
                        measure,
                        is(form),
                        rows -> Ranks.partial(
                                numbers(rows, DEFECT),
                                numbers(rows, RowNumber.of(Measure.STEP)),
                                numbers(
                                        rows,
                                        RowNumber.of(CommutatorMeasure.GRADIENT_A)
                                                .times(RowNumber.of(CommutatorMeasure.GRADIENT_B)))))
                .repeatedBy(measure, CommutatorMeasure.PAIR);
    }

    private static double[] numbers(List<Row> rows, RowNumber number) {
        return rows.stream().mapToDouble(number::of).toArray();
    }

    /** Median over moments and pairs of |D(variant) / D(ours) - 1|. */
    public RunNumber defectDeviation(String variant) {
        String label = "|D / ours - 1|, " + variant;
        return byPairs(label, Scale.LOG, runs -> {
            RowNumber ratio = overOurs(runs);
            return median(label, is(variant), Phase.WHOLE, row -> Math.abs(ratio.of(row) - 1))
                    .byRun()
                    .apply(runs);
        });
    }

    /** D over that of our form on the same pair of batches. */
    public RowNumber overOurs(RunSet runs) {
        Map<List<String>, Double> ours = new LinkedHashMap<>();
        rows(runs, CommutatorMeasure.OURS).rows().forEach(row -> ours.put(pair(row), DEFECT.of(row)));
        return row -> DEFECT.of(row) / ours.get(pair(row));
    }

    private static List<String> pair(Row row) {
        return List.of(row.text(RunSet.RUN), row.text(Measure.STEP), row.text(CommutatorMeasure.PAIR));
    }

    /** Share of moments whose median D is exactly 0: there the difference of two float32 vectors vanishes. */
    public RunNumber zeroDefects(String form) {
        return ofMoments(
                        "share of moments with D = 0 (" + form + ")",
                        Scale.LOGIT,
                        form,
                        defects -> (double) defects.where(point -> point.value() == 0)
                                        .points()
                                        .size()
                                / defects.points().size())
                .grained(runs -> 1.0 / fewestMoments(runs, form));
    }

    /** Largest median D of a moment. */
    public RunNumber largestDefect(String form) {
        return ofMoments(
                "largest median D (" + form + ")", Scale.IDENTITY, form, defects -> defects.reduced(Reduction.MOST));
    }

    /** The same before the test accuracy of the same seed's run among others (one a seed) reaches .5. */
    public RunNumber largestDefectBefore(String form, Grokking pairs, RunSet others) {
        return new RunNumber(
                "largest median D (" + form + "), before half of the test set is right", Scale.IDENTITY, runs -> {
                    Map<Long, Double> half = pairs.halfRight(others).bySeed();
                    Map<String, Double> ends = new LinkedHashMap<>();
                    runs.members()
                            .forEach(
                                    run -> ends.put(run.id(), half.getOrDefault(run.seed(), Double.POSITIVE_INFINITY)));
                    return ofRuns(runs, form, (run, rows) -> defects(rows)
                            .where(point -> point.step() < ends.getOrDefault(run, Double.POSITIVE_INFINITY))
                            .reduced(Reduction.MOST));
                });
    }

    /** Median D of untrained weights. */
    public RunNumber firstDefect(String form) {
        return ofMoments("median D at step 0 (" + form + ")", Scale.IDENTITY, form, defects -> defects.where(
                        point -> point.step() == 0)
                .first());
    }

    /** Median rho / sqrt(E[rho^2]) of delta over the moments of memorisation; undefined in a run without one. */
    public RunNumber ratioInMemorisation(String label, Grokking pairs, NullColumns chance, String basis) {
        return new RunNumber(label, Scale.LOG, runs -> {
            Predicate<Row> memorising = pairs.memorising(runs);
            return Rows.reduced(
                    Rows.byRun(projections(runs, DELTA, basis)),
                    RowsNumber.of(overChance(chance, 1), Reduction.MEDIAN).where(memorising));
        });
    }

    private double fewestMoments(RunSet runs, String form) {
        return Rows.byRun(rows(runs, form)).values().stream()
                .mapToDouble(rows -> defects(rows).points().size())
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private RunNumber byPairs(String label, Scale scale, Function<RunSet, Map<String, Double>> byRun) {
        return new RunNumber(label, scale, byRun).repeatedBy(measure, CommutatorMeasure.PAIR);
    }

    private RunNumber ofMoments(String label, Scale scale, String form, Function<Curve, Double> number) {
        return RunNumber.of(label, scale, measure, is(form), Curve.number(DEFECT, Reduction.MEDIAN, number));
    }

    private Map<String, Double> ofRuns(RunSet runs, String form, BiFunction<String, List<Row>, Double> number) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        Rows.byRun(rows(runs, form)).forEach((run, rows) -> numbers.put(run, number.apply(run, rows)));
        return numbers;
    }

    /** Per run the median of a number over the rows of a phase; undefined where the phase has none. */
    private RunNumber median(String label, Predicate<Row> rows, Phase over, RowNumber number) {
        return median(Scale.LOG, label, rows, over, number);
    }

    private RunNumber median(Scale scale, String label, Predicate<Row> rows, Phase over, RowNumber number) {
        return byPairs(label, scale, runs -> {
            Table all = runs.table(measure);
            Map<String, Double> last = Rows.last(all, Measure.STEP);
            return Rows.reduced(
                    Rows.byRun(all.where(rows)),
                    RowsNumber.of(number, Reduction.MEDIAN)
                            .where(row -> over.holds(row.number(Measure.STEP), last.get(row.text(RunSet.RUN)))));
        });
    }

    /** Columns of the keys, then value, low, high: medians over pairs of a null's rho, its ends the roots of energies. */
    public static Table chance(Table rows, NullColumns chance, Column... keys) {
        Map<Column, RowsNumber> numbers = new LinkedHashMap<>();
        numbers.put(Measure.VALUE, RowsNumber.of(RowNumber.of(chance.rho()), Reduction.MEDIAN));
        numbers.put(Table.quantity("low"), rootOfMedian(chance.low()));
        numbers.put(Table.quantity("high"), rootOfMedian(chance.high()));
        return Cells.of(rows, keys).numbers(numbers);
    }

    /** sqrt(median), of an energy. */
    public static RowsNumber rootOfMedian(Column energy) {
        return rows -> Math.sqrt(Reduction.MEDIAN.of(rows, RowNumber.of(energy)));
    }

    /** Quartiles and 90th percentile of D over the pairs of a moment: columns seed, form, quantile, step, value. */
    public Table quantiles(RunSet runs, String form) {
        Map<Double, String> levels = new LinkedHashMap<>();
        levels.put(.9, "90th percentile");
        levels.put(.75, "upper quartile");
        levels.put(.5, "median");
        levels.put(.25, "lower quartile");
        Table.Builder table = Table.builder(
                List.of(RunSet.SEED, Table.text("form"), Table.text("quantile"), Measure.STEP, Measure.VALUE));
        Rows.by(rows(runs, form).rows(), row -> Arrays.asList(row.value(RunSet.SEED), row.value(Measure.STEP)))
                .forEach((moment, rows) -> levels.forEach((level, name) -> table.row(
                        moment.get(0), form, name, moment.get(1), Quantiles.of(numbers(rows, DEFECT), level))));
        return table.build();
    }

    /** A number by (m_A, m_B), median over moments and pairs, in both orders: columns seed, m_A, m_B, value. */
    public Table byMarkers(RunSet runs, Column number) {
        Table cells = Cells.of(
                        rows(runs, CommutatorMeasure.CHOSEN), RunSet.SEED, CommutatorMeasure.M_A, CommutatorMeasure.M_B)
                .reduced(RowNumber.of(number), Reduction.MEDIAN);
        Table.Builder table =
                Table.builder(List.of(RunSet.SEED, Table.whole("m_A"), Table.whole("m_B"), Measure.VALUE));
        for (Row cell : cells.rows()) {
            Object a = cell.value(CommutatorMeasure.M_A);
            Object b = cell.value(CommutatorMeasure.M_B);
            table.row(cell.value(RunSet.SEED), a, b, cell.value(Measure.VALUE));
            if (!Objects.equals(a, b)) {
                table.row(cell.value(RunSet.SEED), b, a, cell.value(Measure.VALUE));
            }
        }
        return table.build();
    }

    /** Whether a row is of a vector in the run's own path, or in all others. */
    public static Predicate<Row> isIn(boolean own, String vector) {
        return row -> row.text(CommutatorMeasure.VECTOR).equals(vector)
                && row.text(CommutatorMeasure.BASIS).equals(CommutatorMeasure.OWN_BASIS) == own;
    }

    /** Median rho of some projections. */
    public static RunNumber share(String label, Supplier<Table> projections) {
        return StageNumbers.of(label, Scale.LOGIT, projections, row -> true, RowsNumber.of(RHO, Reduction.MEDIAN));
    }

    /** Median rho in the paths of other seeds, for each seed and other one; the geometric mean over them. */
    public static SeedPairs otherShares(String label, Table projections) {
        List<SeedPairs.Pair> pairs = new ArrayList<>();
        Rows.by(projections.rows(), row -> List.of(row.text(RunSet.SEED), row.text(CommutatorMeasure.BASIS)))
                .forEach((key, rows) -> pairs.add(new SeedPairs.Pair(
                        Long.parseLong(key.get(0)), OtherSeeds.seedOf(key.get(1)), Reduction.MEDIAN.of(rows, RHO))));
        return new SeedPairs(label, Scale.LOGIT, pairs);
    }

    /** Median rho of a vector beside a block-matched subspace: columns seed, vector, the key's, value, matched, low, high. */
    public static Table shares(Table projections, Cells.Key key) {
        Map<Column, RowsNumber> numbers = new LinkedHashMap<>();
        numbers.put(Measure.VALUE, RowsNumber.of(RHO, Reduction.MEDIAN));
        numbers.put(
                Table.quantity("matched"),
                RowsNumber.of(RowNumber.of(CommutatorMeasure.MATCHED.rho()), Reduction.MEDIAN));
        numbers.put(Table.quantity("low"), rootOfMedian(CommutatorMeasure.MATCHED.low()));
        numbers.put(Table.quantity("high"), rootOfMedian(CommutatorMeasure.MATCHED.high()));
        return Cells.of(projections, List.of(Cells.Key.of(RunSet.SEED), Cells.Key.of(CommutatorMeasure.VECTOR), key))
                .numbers(numbers);
    }
}
