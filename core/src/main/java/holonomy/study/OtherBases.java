package holonomy.study;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.SafeTensorsFile;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.BlockMatchedNull;
import holonomy.geometry.Centring;
import holonomy.geometry.Commutator;
import holonomy.geometry.GradientField;
import holonomy.geometry.Gram;
import holonomy.geometry.NullEnergy;
import holonomy.geometry.ProjectionNull;
import holonomy.geometry.Subspace;
import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.model.Layout;
import holonomy.model.Network;
import holonomy.run.Derived;
import holonomy.run.RunWriter;
import holonomy.run.Snapshots;
import holonomy.run.StoredRun;
import holonomy.run.StoredTrajectory;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Does delta lie in the directions of its own run's path, or in those of any path? {@code rho = |B'v| / |v|}, dimensionless, of delta and of the
 * gradient g_A at a run's final weights, with B the top k directions per matrix of its own path before the end, and of the paths of
 * other seeds up to the same snapshot. Gradients in float64. Table {@link #FILE}: one row per pair, vector and path.
 *
 * <p>Source: the published commutators use their own run's basis only (arXiv 2602.10496, 4.3); control: spec C2.
 *
 * @param own the finished run whose weights are measured
 * @param others finished runs of the same model
 * @param plan the snapshots whose path gives the directions
 * @param directions k per matrix; fewer than the snapshots
 * @param pairs pairs of batches
 * @param length {@code eta sqrt(|g_A||g_B|)}, weight norm
 * @param label for progress
 */
public record OtherBases(
        Finished own, List<Finished> others, SnapshotPlan plan, int directions, int pairs, double length, String label)
        implements Derived {
    /** Columns: pair, vector, basis, seed (of the path), rho, and the mean of rho under both nulls. */
    public static final String FILE = "metrics/other-bases.parquet";

    /** The path of the run itself. */
    public static final String OWN = "own path";

    /** The path of another seed. */
    public static final String OTHER = "other seed's path";

    private static final int SEMANTICS = 1;

    /** A finished run and what it was asked to be. */
    public record Finished(StoredRun run, RunSpec spec) {}

    /** The main directions of a path. */
    private record Path(String name, long seed, Subspace basis) {}

    public OtherBases {
        others = List.copyOf(others);
        for (Finished other : others) {
            if (other.spec.model().layout().size() != own.spec.model().layout().size()) {
                throw new UserError("other seeds' bases: expected runs of one model, found "
                        + own.spec.model().layout().size() + " weights (" + own.spec.label() + ") and "
                        + other.spec.model().layout().size() + " (" + other.spec.label()
                        + "); compare runs of one size");
            }
        }
    }

    @Override
    public String kind() {
        return "other-bases";
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", kind()).put("semantics", SEMANTICS);
        identify(node, own);
        ArrayNode paths = node.putArray("others");
        others.forEach(other -> identify(paths.addObject(), other));
        node.set("snapshots", plan.spec());
        return node.put("directions", directions).put("pairs", pairs).put("length", length);
    }

    private static void identify(ObjectNode node, Finished finished) {
        node.put("run", finished.run.id())
                .put("theta", finished.run.summary().path("theta").asText());
    }

    @Override
    public long steps() {
        return pairs;
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        List<Path> paths = new ArrayList<>(List.of(new Path(OWN, own.spec.initSeed(), basis(own))));
        others.forEach(other -> paths.add(new Path(OTHER, other.spec.initSeed(), basis(other))));
        Subspace basis = paths.get(0).basis;
        BlockMatchedNull matched = BlockMatchedNull.of(
                basis,
                BlockMatchedNull.STANDARD_DRAWS,
                stream("block-matched null").at(0));
        NullEnergy isotropic = new ProjectionNull(basis.size(), basis.dimension()).energy();
        Table.Builder rows = Table.builder(List.of(
                Table.whole("pair"),
                Table.text("vector"),
                Table.text("basis"),
                Table.whole("path_seed"),
                Table.quantity("rho"),
                Table.quantity("isotropic_rho"),
                Table.quantity("matched_rho")));
        double[] theta = finalWeights();
        try (Network network = Network.openFloat64(own.spec.model(), ComputeDevice.CPU)) {
            for (int pair = 0; pair < pairs; pair++) {
                GradientField a = field(network, 2L * pair);
                GradientField b = field(network, 2L * pair + 1);
                double[] gradientA = a.at(theta);
                double[] gradientB = b.at(theta);
                double eta = Commutator.eta(length, gradientA, gradientB);
                if (Double.isFinite(eta)) {
                    double[] delta = Commutator.at(theta, a, b, gradientA, gradientB, eta)
                            .delta();
                    write(rows, pair, "delta", delta, paths, isotropic, matched);
                    write(rows, pair, "gradient", gradientA, paths, isotropic, matched);
                }
                advanced.accept(pair + 1);
            }
        }
        writer.putTable(FILE, rows.build());
        return JsonNodeFactory.instance.objectNode();
    }

    private void write(
            Table.Builder rows,
            int pair,
            String name,
            double[] v,
            List<Path> paths,
            NullEnergy isotropic,
            BlockMatchedNull matched) {
        double chance = matched.energy(v).meanRho();
        for (Path path : paths) {
            double rho = Math.sqrt(path.basis.energyShare(v));
            rows.row(pair, name, path.name, path.seed, rho, isotropic.meanRho(), chance);
        }
    }

    /** Without the last snapshot: a basis that had seen the measured weights would be double dipping. */
    private Subspace basis(Finished finished) {
        Layout layout = finished.spec.model().layout();
        List<Subspace> parts = new ArrayList<>();
        try (StoredTrajectory path = Snapshots.of(finished.run, finished.spec, plan)) {
            int earlier = path.steps().length - 1;
            if (earlier <= directions) {
                throw new UserError(
                        "other seeds' bases: a basis of " + directions + " directions per matrix needs at least "
                                + (directions + 2) + " snapshots, found " + (earlier + 1)
                                + "; take more snapshots or fewer directions");
            }
            for (String block : path.blocks()) {
                Gram gram = Gram.of(path, block).prefix(earlier);
                parts.add(Subspace.principal(path, gram, Centring.CENTRED, directions)
                        .embedded(layout.block(block).offset(), layout.size()));
            }
        }
        return Subspace.sum(parts);
    }

    private double[] finalWeights() {
        float[] theta = new float[own.spec.model().layout().size()];
        try (SafeTensorsFile file = own.run.tensors("weights/final.safetensors")) {
            file.read("theta", 0, theta, theta.length);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        double[] wide = new double[theta.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = theta[i];
        }
        return wide;
    }

    private GradientField field(Network network, long index) {
        Batch batch = own.spec
                .task()
                .batch(stream("pairs"), index, own.spec.training().batch());
        return at -> {
            double[] gradient = new double[at.length];
            network.gradient(at, batch, gradient);
            return gradient;
        };
    }

    private Stream stream(String name) {
        return Stream.of(own.spec.dataSeed(), "other bases, " + name);
    }
}
