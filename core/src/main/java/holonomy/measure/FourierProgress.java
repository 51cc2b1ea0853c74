package holonomy.measure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Trajectory;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.model.Role;
import holonomy.model.WeightGroup;
import holonomy.task.Batch;
import holonomy.task.Operation;
import holonomy.task.Operations;
import holonomy.task.PairTask;
import holonomy.task.RandomSequence;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How far a network that adds modulo a prime p does it by waves (arXiv 2301.05217): of the logits on all pairs as waves of the sum ({@link SumWaves}),
 *
 * <pre>
 *   share of the logits      energy of frequency k over the logits' variance over pairs
 *   share of the embedding   the same of the token embedding's rows as a function of the residue
 *   restricted loss          cross-entropy of y0 + the waves of the key frequencies
 *   excluded loss            cross-entropy of the logits less the waves of the key frequencies
 *   loss                     cross-entropy of the logits
 * </pre>
 *
 * <p>shares dimensionless, losses in nats over the pairs of each set. The key frequencies are chosen on one half of the run's snapshots and judged on the other: chosen at the latest snapshot of an odd
 * number (from 0), the fewest that hold {@code held} of the waves' energy there; everything is measured at the snapshots of even numbers. Null: as many frequencies drawn at random from all, the mean of the
 * losses over {@code draws} sets.
 *
 * @param snapshots of every weight
 * @param held share of the waves' energy that the key frequencies hold, above 0 and below 1
 * @param draws sets of random frequencies
 */
public record FourierProgress(SnapshotPlan snapshots, double held, int draws) implements PathMeasure {
    /** Frequency k, 1 .. (p - 1)/2; missing where a row is of several. */
    public static final Table.Column FREQUENCY = Table.whole("frequency");

    public static final String LOGITS = "share of the logits";
    public static final String EMBEDDING = "share of the embedding";
    public static final String LOSS = "loss";
    public static final String RESTRICTED = "restricted loss";
    public static final String EXCLUDED = "excluded loss";

    /** The series of what was measured: of the frequencies chosen. */
    public static final String KEY = "key frequencies";

    /** The series of the frequencies that weren't. */
    public static final String OTHER = "other frequencies";

    /** The null: as many frequencies drawn from all. */
    public static final String RANDOM = "random frequencies";

    /** Fewest snapshots: two judged, two to choose on. */
    static final int FEWEST = 4;

    public FourierProgress {
        if (snapshots.group() != WeightGroup.ALL) {
            throw new UserError("Fourier progress: expected snapshots of every weight, found those of "
                    + snapshots.group().name().toLowerCase(java.util.Locale.ROOT));
        }
        if (!(held > 0 && held < 1)) {
            throw new UserError(
                    "Fourier progress: expected key frequencies that hold a share above 0 and below 1, found " + held);
        }
        if (draws < 1) {
            throw new UserError("Fourier progress: expected at least 1 set of random frequencies, found " + draws);
        }
        PathMeasure.requireAtLeast(FEWEST, snapshots, "Fourier progress");
    }

    @Override
    public String name() {
        return "fourier";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, SET, FREQUENCY, STATISTIC, SERIES, VALUE);
    }

    @Override
    public ObjectNode parameters() {
        return PathMeasure.super.parameters().put("held", held).put("draws", draws);
    }

    @Override
    public void requireMeaning(RunSpec run) {
        if (!(run.task() instanceof PairTask pairs)
                || pairs.nonzero()
                || !pairs.operation()
                        .equals(new Operation(
                                pairs.operation().name(),
                                pairs.classes(),
                                Operation.sum(pairs.classes()).table()))) {
            throw new UserError("Fourier progress: expected the sum of all pairs of residues, a + b modulo a prime,"
                    + " found the task '" + run.task().label() + "'; measure it along runs on the sum");
        }
        int p = pairs.classes();
        try {
            Operations.prime(p);
        } catch (UserError composite) {
            throw new UserError("Fourier progress of '" + run.task().label()
                    + "': expected frequencies of a prime, but " + composite.getMessage());
        }
        if (p < 3) {
            throw new UserError(
                    "Fourier progress: expected a modulus of at least 3, which has a frequency, found " + p);
        }
        int rows = run.model()
                .layout()
                .find(Role.TOKEN_EMBEDDING, -1)
                .map(Block::rows)
                .orElse(0);
        if (rows != p) {
            throw new UserError("Fourier progress: expected a model with an embedding of each of the " + p
                    + " residues, found " + run.model().label() + ", "
                    + (rows == 0 ? "without an embedding" : "with an embedding of " + rows)
                    + "; measure it along runs of one that has");
        }
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory path = moment.trajectory(snapshots);
        int last = path.snapshots() - 1;
        if (last < 1) {
            return;
        }
        int p = moment.run().task().classes();
        List<Integer> keys = SumWaves.holding(
                SumWaves.of(p, logits(moment, path, last % 2 == 1 ? last : last - 1))
                        .shares(),
                held);
        List<List<Integer>> sets = new ArrayList<>(List.of(keys));
        for (int draw = 0; draw < draws; draw++) {
            sets.add(drawn(moment.stream("random frequencies").at(draw), SumWaves.frequencies(p), keys.size()));
        }
        for (int i = 0; i <= last; i += 2) {
            judge(moment, path, i, sets, rows);
        }
    }

    private static List<Integer> drawn(RandomSequence random, int of, int count) {
        List<Integer> left =
                new ArrayList<>(IntStream.rangeClosed(1, of).boxed().toList());
        return IntStream.range(0, count)
                .mapToObj(i -> left.remove(random.nextInt(left.size())))
                .toList();
    }

    private void judge(Moment moment, Trajectory path, int number, List<List<Integer>> sets, Table.Builder rows) {
        SumWaves.PairLogits logits = logits(moment, path, number);
        PairTask task = (PairTask) moment.run().task();
        int p = task.classes();
        long step = path.steps()[number];
        SumWaves waves = SumWaves.of(p, logits);
        shares(step, LOGITS, waves.shares(), sets.get(0), rows);
        shares(step, EMBEDDING, embedding(moment, path, number).shares(), sets.get(0), rows);
        WaveLosses losses = WaveLosses.of(task, waves, logits, sets);
        for (PairTask.Part part : PairTask.Part.values()) {
            String set = part.label();
            row(rows, step, set, null, LOSS, KEY, losses.loss(part));
            for (boolean key : new boolean[] {true, false}) {
                int from = key ? 0 : 1;
                int to = key ? 1 : sets.size();
                String series = key ? KEY : RANDOM;
                row(rows, step, set, null, RESTRICTED, series, mean(from, to, i -> losses.restricted(part, i)));
                row(rows, step, set, null, EXCLUDED, series, mean(from, to, i -> losses.excluded(part, i)));
            }
        }
    }

    private static double mean(int from, int to, java.util.function.IntToDoubleFunction number) {
        return IntStream.range(from, to).mapToDouble(number).average().orElse(Double.NaN);
    }

    private static void shares(long step, String of, double[] shares, List<Integer> keys, Table.Builder rows) {
        for (int k = 1; k <= shares.length; k++) {
            row(rows, step, null, k, of, keys.contains(k) ? KEY : OTHER, shares[k - 1]);
        }
    }

    private static void row(
            Table.Builder rows,
            long step,
            @Nullable String set,
            @Nullable Integer frequency,
            String statistic,
            String series,
            double value) {
        rows.row(step, set, frequency, statistic, series, value);
    }

    private static SumWaves embedding(Moment moment, Trajectory path, int number) {
        Block block = moment.run().model().layout().block(Role.TOKEN_EMBEDDING.in(-1));
        float[] values = new float[block.size()];
        path.read(number, block.name(), 0, values, values.length);
        double[][] table = new double[block.rows()][block.columns()];
        for (int i = 0; i < values.length; i++) {
            table[i / block.columns()][i % block.columns()] = values[i];
        }
        return SumWaves.of(table);
    }

    /** The logits on all pairs at a snapshot, computed for the p pairs of one a at a time. */
    private static SumWaves.PairLogits logits(Moment moment, Trajectory path, int number) {
        float[] theta = theta(moment.run().model().layout(), path, number);
        int p = moment.run().task().classes();
        return a -> {
            int[] tokens = new int[2 * p];
            for (int b = 0; b < p; b++) {
                tokens[2 * b] = a;
                tokens[2 * b + 1] = b;
            }
            return moment.network().logits(theta, Batch.of(2, tokens, new int[p]));
        };
    }

    private static float[] theta(Layout layout, Trajectory path, int number) {
        float[] theta = new float[layout.size()];
        for (Block block : layout.blocks()) {
            float[] values = new float[block.size()];
            path.read(number, block.name(), 0, values, values.length);
            System.arraycopy(values, 0, theta, block.offset(), values.length);
        }
        return theta;
    }
}
