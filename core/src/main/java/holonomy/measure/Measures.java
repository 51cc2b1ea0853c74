package holonomy.measure;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.Identity;
import holonomy.data.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Measures from their stored specs. */
public final class Measures {
    private Measures() {}

    /** The measure whose {@link Measure#spec()} this is; empty if this version has no way back from that kind, or the kind means another thing now. */
    public static Optional<Measure> fromSpec(JsonNode spec) {
        try {
            return Optional.ofNullable(make(spec))
                    .filter(made -> Identity.of(made.spec()).equals(Identity.of(spec)));
        } catch (UserError | IllegalArgumentException refused) {
            return Optional.empty(); // parameters that this version does not take
        }
    }

    private static @Nullable Measure make(JsonNode spec) {
        Cadence cadence = new Cadence(spec.path("cadence").asInt(1));
        Parameters with = new Parameters(spec.path("parameters"));
        return switch (spec.path("name").asText()) {
            case "training" -> new TrainingCurve(cadence);
            case "accuracy" -> new Accuracy(cadence, with.whole("sequences"));
            case "pairs" -> new PairAccuracy(cadence);
            case "attention" -> new AttentionEntropy(cadence, with.whole("sequences"), with.wholes("kept"));
            case "spectrum" ->
                new TrajectorySpectrum(
                        with.snapshots(), with.whole("windows"), with.whole("shuffledWindows"), with.whole("draws"));
            case "distance" -> new SubspaceDistance(with.snapshots(), with.whole("directions"));
            case "heads" -> new HeadSpectrum(with.snapshots());
            case "alignment" -> new FinalAlignment(with.snapshots());
            case "decay-controls" -> new DecayControls(with.snapshots());
            case "converse" -> new ConverseAlignment(cadence, with.snapshots(), with.whole("pairs"));
            case "commutators" -> commutators(cadence, with);
            default -> null;
        };
    }

    private static Measure commutators(Cadence cadence, Parameters with) {
        JsonNode stream = with.node.path("stream");
        return new CommutatorMeasure(
                cadence,
                with.snapshots(),
                with.whole("pairs"),
                with.whole("variantPairs"),
                with.whole("chosenPairs"),
                with.whole("directions"),
                with.node.path("length").asDouble(),
                with.node.path("publishedEta").asDouble(),
                with.node.path("batch").asInt(0),
                stream.isMissingNode() ? CommutatorMeasure.PAIRS : stream.asText());
    }

    /** The parameters of a stored measure; what is missing is 1, and shows when the specs are compared. */
    private record Parameters(JsonNode node) {
        int whole(String name) {
            return node.path(name).asInt(1);
        }

        List<Integer> wholes(String name) {
            List<Integer> all = new ArrayList<>();
            node.path(name).forEach(value -> all.add(value.asInt()));
            return all;
        }

        SnapshotPlan snapshots() {
            return SnapshotPlan.fromSpec(node.path("snapshots"));
        }
    }
}
