package holonomy.measure;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.Fields;
import holonomy.data.Identity;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Windows;
import holonomy.model.WeightGroup;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Measures from their stored specs. */
public final class Measures {
    private Measures() {}

    /** The measure whose {@link Measure#spec()} this is; empty if this version has no way back from that kind, or the kind means another thing now. */
    public static Optional<Measure> fromSpec(JsonNode spec) {
        try {
            return Optional.ofNullable(make(new Fields("measure", spec)))
                    .filter(made -> Identity.of(made.spec()).equals(Identity.of(spec)));
        } catch (UserError refused) {
            return Optional.empty(); // parameters that this version does not take
        }
    }

    private static @Nullable Measure make(Fields measure) {
        Cadence cadence = Cadence.fromSpec(measure, "cadence");
        Fields with = measure.object("parameters");
        return switch (measure.text("name")) {
            case "training" -> new TrainingCurve(cadence);
            case "accuracy" -> new Accuracy(cadence, with.whole("sequences"));
            case "pairs" -> Accuracy.onWholeSets(cadence);
            case "attention" -> new AttentionEntropy(cadence, with.whole("sequences"), with.wholes("kept"));
            case "spectrum" ->
                new TrajectorySpectrum(
                        snapshots(with), with.whole("windows"), with.whole("shuffledWindows"), with.whole("draws"));
            case "distance" -> new SubspaceDistance(snapshots(with), with.whole("directions"));
            case "heads" -> new HeadSpectrum(snapshots(with));
            case "alignment" -> new FinalAlignment(snapshots(with));
            case "decay-controls" -> new DecayControls(snapshots(with));
            case "backbone" ->
                new BackbonePath(snapshots(with), with.optional("window").map(PathWindow::fromSpec));
            case "converse" -> new ConverseAlignment(cadence, snapshots(with), with.whole("pairs"));
            case "curvature" ->
                new CurvatureMeasure(
                        cadence,
                        with.whole("eigenvalues"),
                        with.whole("batches"),
                        with.whole("sequences"),
                        with.whole("products"),
                        with.whole("probes"),
                        with.flag("perBlock"),
                        with.has("matrices") ? with.texts("matrices") : CurvatureMeasure.MATRICES);
            case "commutators" -> commutators(cadence, with);
            case "fourier" -> new FourierProgress(snapshots(with), with.number("held"), with.whole("draws"));
            case "spectral-gap" -> new SpectralGaps(snapshots(with), with.whole("window"));
            case "logit-scale" -> new LogitScale(cadence);
            case "lens" -> new LogitLens(cadence, with.text("set"), with.whole("sequences"));
            default -> null;
        };
    }

    /** The columns that tables of measures have, each name once. */
    public static Set<Table.Column> columns() {
        return each().stream()
                .flatMap(measure -> measure.columns().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** One of each kind, with the least parameters that it takes. */
    public static List<Measure> each() {
        Cadence once = Cadence.times(1);
        SnapshotPlan plan = SnapshotPlan.of(WeightGroup.ATTENTION, Windows.FIRST);
        return List.of(
                new TrainingCurve(once),
                new Accuracy(once, 1),
                Accuracy.onWholeSets(once),
                new AttentionEntropy(once, 1, List.of(1)),
                new TrajectorySpectrum(plan, 1, 1, 1),
                new SubspaceDistance(plan, 1),
                new HeadSpectrum(plan),
                new FinalAlignment(plan),
                new DecayControls(plan),
                new BackbonePath(SnapshotPlan.of(WeightGroup.MATRICES, 2 * BackboneRows.WINDOW)),
                new ConverseAlignment(once, SnapshotPlan.of(WeightGroup.ALL, Windows.FIRST), 1),
                new CurvatureMeasure(once, 1, 1, 0, 1, 0, false),
                new LogitLens(once, "set", 1),
                new LogitScale(once),
                new FourierProgress(SnapshotPlan.of(WeightGroup.ALL, FourierProgress.FEWEST), .5, 1),
                new SpectralGaps(plan, 2),
                new CommutatorMeasure(once, plan, 1, 0, 0, 1, 1, 1, 0, CommutatorMeasure.PAIRS));
    }

    private static SnapshotPlan snapshots(Fields with) {
        return SnapshotPlan.fromSpec(with.object("snapshots"));
    }

    private static Measure commutators(Cadence cadence, Fields with) {
        return new CommutatorMeasure(
                cadence,
                snapshots(with),
                with.whole("pairs"),
                with.whole("variantPairs"),
                with.whole("chosenPairs"),
                with.whole("directions"),
                with.number("length"),
                with.number("publishedEta"),
                with.has("batch") ? with.whole("batch") : 0,
                with.has("stream") ? with.text("stream") : CommutatorMeasure.PAIRS);
    }
}
