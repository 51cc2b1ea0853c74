package holonomy.probe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.model.Site;
import holonomy.run.Derived;
import holonomy.run.Stage;
import holonomy.store.RunWriter;
import holonomy.store.StoredRun;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A sparse autoencoder of one run at one moment and place, with its attribution and its ablation. Files: {@code probe.safetensors} and the tables
 * {@code metrics/sae-history}, {@code sae-latents}, {@code sae-attribution}, {@code sae-ablation}.
 *
 * @param run the finished run
 * @param runSpec its spec
 * @param plan snapshots of all weights
 * @param step the snapshot
 * @param layer the residual stream after this layer, -1 .. L-1
 * @param places which tokens
 * @param settings sizes
 * @param label for progress
 */
public record SparseStudy(
        StoredRun run,
        RunSpec runSpec,
        SnapshotPlan plan,
        long step,
        int layer,
        Places places,
        Settings settings,
        String label)
        implements Derived {
    /** The tables' files. */
    public static final String HISTORY = "metrics/sae-history.parquet";

    public static final String LATENTS = "metrics/sae-latents.parquet";
    public static final String ATTRIBUTION = "metrics/sae-attribution.parquet";
    public static final String ABLATION = "metrics/sae-ablation.parquet";
    public static final String PROBE = "probe.safetensors";

    /**
     * Sizes of a study.
     *
     * @param recipe of the autoencoder
     * @param activations rows recorded
     * @param attributed sequences of the attribution
     * @param permutations of its null
     * @param ablation what is ablated
     */
    public record Settings(
            ProbeTraining recipe, int activations, int attributed, int permutations, AblationPlan ablation) {
        ObjectNode spec() {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            node.put("activations", activations).put("attributed", attributed).put("permutations", permutations);
            node.set("recipe", recipe.spec());
            node.set("ablation", ablation.spec());
            return node;
        }
    }

    public SparseStudy {
        Site.residual(layer).check(runSpec.model());
    }

    @Override
    public String kind() {
        return "sae";
    }

    @Override
    public void describe(ObjectNode spec) {
        Derived.put(run, spec);
        spec.put("step", step).put("layer", layer).put("places", places.name());
        spec.set("settings", settings.spec());
    }

    @Override
    public long steps() {
        return settings.recipe().steps();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        float[] theta = Stage.weights(run, runSpec, plan, step);
        long seed = runSpec.dataSeed();
        try (Network network = runSpec.model().open(ComputeDevice.CPU);
                Recording recording = Recording.of(
                        network,
                        theta,
                        runSpec.task(),
                        Stream.of(seed, "sparse probe activations"),
                        Site.residual(layer),
                        places,
                        settings.activations())) {
            FittedProbe fitted = ProbeFit.fit(recording.activations(), settings.recipe(), seed, advanced);
            Table attribution = attribution(recording, fitted.probe(), seed);
            LatentSets sets = new LatentSets(Latents.of(fitted.latents()), attribution);
            Table ablation = settings.ablation()
                    .measure(network, theta, fitted.probe(), sets, runSpec, Site.residual(layer), places, advanced);
            writer.putTensors(PROBE, fitted.probe().tensors(), Map.of("step", Long.toString(step)));
            writer.putTable(HISTORY, fitted.history());
            writer.putTable(LATENTS, fitted.latents());
            writer.putTable(ATTRIBUTION, attribution);
            writer.putTable(ABLATION, ablation);
            return summary(fitted);
        }
    }

    private Table attribution(Recording recording, SparseProbe probe, long seed) {
        int[] chosen = Attribution.onePerSequence(
                recording.labels(),
                settings.attributed(),
                Stream.of(seed, "sparse probe attribution").at(0));
        float[] rows = new float[chosen.length * probe.width()];
        for (int i = 0; i < chosen.length; i++) {
            recording.activations().read(chosen[i], rows, i * probe.width());
        }
        return Attribution.table(
                probe.encode(rows),
                probe.latents(),
                recording.labels().at(chosen),
                settings.permutations(),
                Stream.of(seed, "sparse probe permutations"));
    }

    private ObjectNode summary(FittedProbe fitted) {
        ObjectNode summary = JsonNodeFactory.instance.objectNode();
        summary.put("fvu", fitted.atEnd("fvu")).put("l0", fitted.atEnd("validation_l0"));
        summary.put("dead", fitted.dead()).put("latents", settings.recipe().latents());
        fitted.warnings().forEach(summary.putArray("warnings")::add);
        return summary;
    }
}
