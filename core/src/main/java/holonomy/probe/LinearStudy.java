package holonomy.probe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.PrincipalAngles;
import holonomy.geometry.Subspace;
import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.model.Site;
import holonomy.run.Derived;
import holonomy.run.Stage;
import holonomy.store.RunWriter;
import holonomy.store.StoredRun;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Linear probes of m and of the label on the last token's residual stream, per layer, of one run at one moment. Tables: {@code metrics/probe-accuracy} and
 * {@code metrics/probe-overlap}.
 *
 * @param run the finished run
 * @param runSpec its spec
 * @param plan snapshots of all weights
 * @param step the snapshot
 * @param fitter trains a probe
 * @param trained sequences that probes are trained on
 * @param tested sequences that they are tested on
 * @param label for progress
 */
public record LinearStudy(
        StoredRun run,
        RunSpec runSpec,
        SnapshotPlan plan,
        long step,
        LinearProbe.Fitter fitter,
        int trained,
        int tested,
        String label)
        implements Derived {
    /** The tables' files. */
    public static final String ACCURACY = "metrics/probe-accuracy.parquet";

    public static final String OVERLAP = "metrics/probe-overlap.parquet";

    public static final Table.Column LAYER = Table.whole("layer");
    public static final Table.Column TARGET = Table.text("target");
    public static final Table.Column PROBE_ACCURACY = Table.quantity("accuracy");
    public static final Table.Column MAJORITY = Table.quantity("majority");
    public static final Table.Column SHUFFLED = Table.quantity("shuffled");
    public static final Table.Column SHARED = Table.quantity("overlap");
    public static final Table.Column CHANCE = Table.quantity("chance");

    private static final List<Attribute> TARGETS = List.of(Attribute.MARKERS, Attribute.LABEL);

    @Override
    public String kind() {
        return "probes";
    }

    @Override
    public void describe(ObjectNode spec) {
        Derived.put(run, spec);
        spec.put("step", step).put("fitter", fitter.name());
        spec.put("trained", trained).put("tested", tested);
    }

    @Override
    public long steps() {
        return runSpec.model().layers() + 1;
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        float[] theta = Stage.weights(run, runSpec, plan, step);
        Table.Builder accuracy = Table.builder(
                List.of(LAYER, TARGET, PROBE_ACCURACY, SHUFFLED, MAJORITY, Table.quantity("trained_accuracy")));
        Table.Builder overlap =
                Table.builder(List.of(LAYER, Table.quantity("largest_cosine"), SHARED, SHUFFLED, CHANCE));
        try (Network network = runSpec.model().open(ComputeDevice.CPU)) {
            for (int layer = -1; layer < runSpec.model().layers(); layer++) {
                layer(network, theta, layer, accuracy, overlap);
                advanced.accept(layer + 2);
            }
        }
        writer.putTable(ACCURACY, accuracy.build());
        writer.putTable(OVERLAP, overlap.build());
        return JsonNodeFactory.instance.objectNode().put("step", step);
    }

    private void layer(Network network, float[] theta, int layer, Table.Builder accuracy, Table.Builder overlap) {
        Stream sequences = Stream.of(runSpec.dataSeed(), "linear probe activations");
        try (Recording recording = Recording.of(
                network, theta, runSpec.task(), sequences, Site.residual(layer), Places.LAST, trained + tested)) {
            float[] rows = recording.activations().rows(0, trained);
            Standardised scale = Standardised.of(rows, runSpec.model().width());
            float[] known = scale.apply(rows);
            float[] unknown = scale.apply(recording.activations().rows(trained, tested));
            Subspace[] spans = new Subspace[TARGETS.size()];
            Subspace[] blind = new Subspace[TARGETS.size()];
            for (int i = 0; i < spans.length; i++) {
                Attribute target = TARGETS.get(i);
                int[] labels = target.of(recording.labels());
                int least = Arrays.stream(labels).min().orElseThrow();
                int[] classes =
                        Arrays.stream(labels).map(label -> label - least).toArray();
                Pair pair = pair(layer, target, known, unknown, classes, accuracy);
                if (pair == null) {
                    return;
                }
                spans[i] = Subspace.spannedBy(spanning(pair.probe().directions(scale.deviations())));
                blind[i] = Subspace.spannedBy(spanning(pair.blind().directions(scale.deviations())));
            }
            PrincipalAngles angles = spans[0].anglesTo(spans[1]);
            double largest = Arrays.stream(angles.cosines()).max().orElseThrow();
            double shuffled = blind[0].anglesTo(blind[1]).overlap();
            double chance = new OverlapNull(spans[0].size(), spans[1].size(), spans[0].dimension()).mean();
            overlap.row(layer, largest, angles.overlap(), shuffled, chance);
        }
    }

    /** The probe of a target, and the one of its shuffled labels. */
    private record Pair(LinearProbe probe, LinearProbe blind) {}

    /** Trains and tests both probes; null where the target has one class only. */
    private @Nullable Pair pair(
            int layer, Attribute target, float[] known, float[] unknown, int[] classes, Table.Builder table) {
        int[] seen = Arrays.copyOf(classes, trained);
        int[] unseen = Arrays.copyOfRange(classes, trained, trained + tested);
        int count = Arrays.stream(classes).max().orElseThrow() + 1;
        if (count < 2) {
            return null;
        }
        LinearProbe probe = fitter.fit(known, seen, count, runSpec.dataSeed());
        int[] shuffled = shuffled(
                seen, Stream.of(runSpec.dataSeed(), "linear probe shuffle").at(layer + 1L));
        LinearProbe blind = fitter.fit(known, shuffled, count, runSpec.dataSeed());
        table.row(
                layer,
                target.label(),
                probe.accuracy(unknown, unseen),
                blind.accuracy(unknown, unseen),
                LinearProbe.majority(unseen),
                probe.accuracy(known, seen));
        return new Pair(probe, blind);
    }

    /** All but the last of C directions whose sum is 0. */
    private static double[][] spanning(double[][] directions) {
        return Arrays.copyOf(directions, directions.length - 1);
    }

    private static int[] shuffled(int[] labels, RandomSequence random) {
        int[] result = labels.clone();
        for (int i = result.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = result[i];
            result[i] = result[j];
            result[j] = kept;
        }
        return result;
    }
}
