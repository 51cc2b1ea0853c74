package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.curvature.LearningCoefficient;
import holonomy.curvature.LearningCoefficient.Sampler;
import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.inference.Estimate;
import holonomy.measure.Measure;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The local learning coefficient of each run's end on its training set ({@link LearningCoefficient}; batches as in training, by its float32 network), with what its sampler says of itself, kept in the store.
 *
 * <p>Tables {@link #COEFFICIENTS}: seed, value (lambda, dimensionless), low, high (95 % over chains), mixing (split R-hat), fault (empty where there is none, and lambda is defined); {@link #CHAINS}: seed, chain, draw, value: lambda
 * of a chain's draws so far, at {@value #SHOWN} of them.
 *
 * @param runs one per seed, each on a task with a training set
 * @param localisation gamma, 1 / weight^2
 * @param step eps, weight^2
 * @param chains at least 2
 * @param burnIn draws that count nowhere
 * @param draws of each chain
 * @param label for progress and lists
 */
public record LearningStudy(
        RunSet runs, double localisation, double step, int chains, int burnIn, int draws, String label)
        implements Derived {
    /** lambda and its sampler's diagnostics. */
    public static final String COEFFICIENTS = "metrics/learning-coefficients.parquet";

    /** What each chain gives from draw to draw. */
    public static final String CHAINS = "metrics/learning-chains.parquet";

    public static final Table.Column LOW = Table.quantity("low");
    public static final Table.Column HIGH = Table.quantity("high");
    public static final Table.Column MIXING = Table.quantity("mixing");
    public static final Table.Column FAULT = Table.text("fault");
    public static final Table.Column CHAIN = Table.text("chain");
    public static final Table.Column PANEL = Table.text("panel");
    public static final Table.Column DRAW = Table.whole("draw");

    private static final int SHOWN = 100;

    /**
     * How a run's chains are drawn; n beta = n / ln n, n its training set's size.
     *
     * @throws UserError where batches are drawn without end, or for a sampler that is none
     */
    public static Sampler sampler(RunSpec run, double localisation, double step, int chains, int burnIn, int draws) {
        long n = run.task()
                .trainingSequences()
                .orElseThrow(() -> new UserError(
                        "learning coefficient: expected a task with a training set, whose size sets the temperature,"
                                + " found '" + run.task().label()
                                + "', whose batches are drawn without end; train on a fixed set, or on pairs"));
        return new Sampler(LearningCoefficient.inverseTemperature(n), localisation, step, chains, burnIn, draws);
    }

    @Override
    public String kind() {
        return "learning-coefficient";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.put("localisation", localisation)
                .put("step", step)
                .put("chains", chains)
                .put("burnIn", burnIn)
                .put("draws", draws);
        StudiedRuns.put(runs.members(), spec);
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Table.Builder coefficients = Table.builder(List.of(RunSet.SEED, Measure.VALUE, LOW, HIGH, MIXING, FAULT));
        Table.Builder lines = Table.builder(List.of(RunSet.SEED, CHAIN, DRAW, Measure.VALUE));
        long done = 0;
        for (RunSet.Member run : runs.members()) {
            String seed = Long.toString(run.seed());
            LearningCoefficient found = of(run);
            Estimate lambda = found.value();
            coefficients.row(
                    seed,
                    known(lambda.value()),
                    known(lambda.low()),
                    known(lambda.high()),
                    known(found.mixing()),
                    found.fault());
            for (int chain = 0; chain < chains; chain++) {
                for (int i = 1; i <= Math.min(SHOWN, draws); i++) {
                    int so = (int) ((long) draws * i / Math.min(SHOWN, draws));
                    lines.row(seed, Integer.toString(chain + 1), (long) so, known(found.after(chain, so)));
                }
            }
            advanced.accept(++done);
        }
        writer.putTable(COEFFICIENTS, coefficients.build());
        writer.putTable(CHAINS, lines.build());
        return JsonNodeFactory.instance.objectNode().put("runs", done);
    }

    /** What a table {@link #COEFFICIENTS} says, in words, a sentence for each seed. */
    public static String words(Table coefficients) {
        return coefficients.rows().stream()
                .map(row -> "Seed " + row.text(RunSet.SEED)
                        + (row.text(FAULT).isEmpty()
                                ? ": " + Numbers.brief(row.number(Measure.VALUE)) + " ["
                                        + Numbers.brief(row.number(LOW)) + ", " + Numbers.brief(row.number(HIGH))
                                        + "] over chains, R-hat " + Numbers.brief(row.number(MIXING)) + "."
                                : ": undefined, " + row.text(FAULT) + "."))
                .collect(Collectors.joining(" "));
    }

    /** The rows of {@link #CHAINS} with a name for each seed's panel: columns seed, panel, chain, draw, value. */
    public static Table panels(Table chains) {
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, PANEL, CHAIN, DRAW, Measure.VALUE));
        for (Table.Row row : chains.rows()) {
            String seed = row.text(RunSet.SEED);
            rows.row(seed, "seed " + seed, row.text(CHAIN), row.value(DRAW), row.value(Measure.VALUE));
        }
        return rows.build();
    }

    /** What is undefined is missing. */
    private static @Nullable Double known(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private LearningCoefficient of(RunSet.Member run) {
        RunSpec spec = run.spec();
        float[] end = run.stored().end(spec).theta();
        double[] start = new double[end.length];
        java.util.Arrays.setAll(start, i -> end[i]);
        Stream drawn = Stream.of(spec.initSeed(), "learning coefficient batches");
        long last = spec.training().steps();
        try (Network network = spec.model().open(ComputeDevice.CPU)) {
            LongFunction<LearningCoefficient.Loss> batches = i -> {
                Batch batch = spec.weighted(
                        spec.task().batch(drawn, i, spec.training().batch()), last);
                return (w, gradient) -> loss(network, batch, w, gradient);
            };
            return LearningCoefficient.of(
                    batches,
                    start,
                    sampler(spec, localisation, step, chains, burnIn, draws),
                    Stream.of(spec.initSeed(), "learning coefficient").at(0));
        }
    }

    private static double loss(Network network, Batch batch, double[] w, double[] gradient) {
        float[] narrow = new float[w.length];
        float[] g = new float[w.length];
        for (int i = 0; i < w.length; i++) {
            narrow[i] = (float) w[i];
        }
        double loss = network.gradient(narrow, batch, g);
        for (int i = 0; i < w.length; i++) {
            gradient[i] = g[i];
        }
        return loss;
    }
}
