package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Commutator;
import holonomy.geometry.GradientField;
import holonomy.geometry.Subspace;
import holonomy.geometry.Trajectory;
import holonomy.model.Block;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.task.Batch;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How far a run moves along its commutators: d the displacement since the snapshot before, delta_1 .. delta_K commutators here, all in float64.
 *
 * <pre>
 *   cosine = mean_i |d . delta_i| / (|d| |delta_i|)
 *   share  = |P d| / |d|,  P the projection onto span(delta_1 .. delta_K)
 * </pre>
 *
 * <p>Nulls: the signs of d's coordinates drawn at random, {@code E|cos| = sqrt(2/pi) |d o delta| / (|d| |delta|)} (o elementwise), which keeps where either is
 * large; a vector of uniform direction, {@code E|cos| = sqrt(2/(pi P))} and {@code share = sqrt(K/P)}. Both of d as it is, and of d without what decay
 * alone moves: {@code theta_t - (1 - lr wd)^(t-s) theta_s}. Source: arXiv 2602.16746, converse analysis; controls D10, D12, D13. All dimensionless but
 * the norm of d (weight norm).
 *
 * @param cadence when; the start has no displacement and no rows
 * @param snapshots of every weight, at least as often
 * @param pairs K
 */
public record ConverseAlignment(Cadence cadence, SnapshotPlan snapshots, int pairs) implements Measure {
    /** Which displacement, {@link #DISPLACEMENT} or {@link #GRADIENT_PART}. */
    public static final Table.Column VECTOR = Table.text("vector");

    /** Mean |cos| of the displacement with a commutator, dimensionless. */
    public static final Table.Column COSINE = Table.quantity("cosine");

    /** What it is with the signs of the displacement's coordinates drawn at random. */
    public static final Table.Column COSINE_SIGNS = Table.quantity("cosine_signs");

    /** What it is of a vector of uniform direction. */
    public static final Table.Column COSINE_UNIFORM = Table.quantity("cosine_uniform");

    /** |d|, weight norm. */
    public static final Table.Column NORM = Table.quantity("norm");

    /** Share of the displacement in the span of the commutators, dimensionless. */
    public static final Table.Column SHARE = Table.quantity("share");

    /** What it is of a vector of uniform direction. */
    public static final Table.Column SHARE_UNIFORM = Table.quantity("share_uniform");

    /** d as it is. */
    public static final String DISPLACEMENT = "displacement";
    /** d without what decay alone moves. */
    public static final String GRADIENT_PART = "gradient part";

    /** Displacement at which gradients are compared (weight norm). */
    private static final double LENGTH = .03;

    public ConverseAlignment {
        if (snapshots.group() != WeightGroup.ALL) {
            throw new UserError("converse alignment: expected snapshots of every weight, found those of "
                    + snapshots.group().name().toLowerCase(java.util.Locale.ROOT));
        }
        if (pairs < 1) {
            throw new UserError("converse alignment: expected at least 1 pair of batches, found " + pairs);
        }
    }

    @Override
    public String name() {
        return "converse";
    }

    @Override
    public Set<SnapshotPlan> needs() {
        return Set.of(snapshots);
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, VECTOR, NORM, COSINE, COSINE_SIGNS, COSINE_UNIFORM, SHARE, SHARE_UNIFORM);
    }

    @Override
    public int semantics() {
        return 2;
    }

    @Override
    public ObjectNode parameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("snapshots", snapshots.spec());
        return node.put("pairs", pairs);
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory path = moment.trajectory(snapshots);
        int before = path.snapshots() - 1;
        while (before >= 0 && path.steps()[before] >= moment.step()) {
            before--;
        }
        if (before < 0) {
            return;
        }
        double[] now = Vectors.wide(moment.theta());
        double[] then = read(path, before, moment);
        List<double[]> deltas = commutators(moment, now);
        if (deltas.isEmpty()) {
            return; // no gradient, no commutator
        }
        row(moment.step(), DISPLACEMENT, Commutator.displaced(now, then, -1), deltas, rows);
        shrink(then, moment, path.steps()[before]);
        row(moment.step(), GRADIENT_PART, Commutator.displaced(now, then, -1), deltas, rows);
    }

    private void row(long step, String name, double[] d, List<double[]> deltas, Table.Builder rows) {
        double norm = Vectors.norm(d);
        int weights = d.length;
        double cosine = 0;
        double signs = 0;
        for (double[] delta : deltas) {
            double along = 0;
            for (int i = 0; i < weights; i++) {
                along += d[i] * delta[i];
            }
            cosine += Math.abs(along) / (norm * Vectors.norm(delta)) / deltas.size();
            signs += randomSigns(d, delta) / deltas.size();
        }
        Subspace span = Subspace.spannedBy(deltas.toArray(double[][]::new));
        rows.row(
                step,
                name,
                norm,
                cosine,
                signs,
                Math.sqrt(2 / (Math.PI * weights)),
                Math.sqrt(span.energyShare(d)),
                Math.sqrt((double) span.size() / weights));
    }

    /** E|cos| of delta and d with random signs: sqrt(2/pi) |d o delta| / (|d| |delta|). */
    static double randomSigns(double[] d, double[] delta) {
        double squares = 0;
        for (int i = 0; i < d.length; i++) {
            squares += d[i] * delta[i] * d[i] * delta[i];
        }
        return Math.sqrt(2 / Math.PI * squares) / (Vectors.norm(d) * Vectors.norm(delta));
    }

    private List<double[]> commutators(Moment moment, double[] theta) {
        Stream batches = moment.stream("converse");
        int size = moment.run().training().batch();
        List<double[]> deltas = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            long index = moment.step() * 2L * pairs + 2L * pair;
            GradientField a = field(moment, moment.run().task().batch(batches, index, size));
            GradientField b = field(moment, moment.run().task().batch(batches, index + 1, size));
            double[] gradientA = a.at(theta);
            double[] gradientB = b.at(theta);
            double eta = Commutator.eta(LENGTH, gradientA, gradientB);
            if (!Double.isNaN(eta)) {
                double[] delta =
                        Commutator.at(theta, a, b, gradientA, gradientB, eta).delta();
                if (Vectors.norm(delta) > 0) {
                    deltas.add(delta);
                }
            }
        }
        return deltas;
    }

    private static GradientField field(Moment moment, Batch drawn) {
        Network network = moment.preciseNetwork();
        Batch batch = moment.run().weighted(drawn, moment.step());
        return at -> {
            double[] gradient = new double[at.length];
            network.gradient(at, batch, gradient);
            return gradient;
        };
    }

    private static double[] read(Trajectory path, int snapshot, Moment moment) {
        double[] theta = new double[moment.theta().length];
        for (String name : path.blocks()) {
            float[] values = new float[Math.toIntExact(path.dimension(name))];
            path.read(snapshot, name, 0, values, values.length);
            int offset = moment.run().model().layout().block(name).offset();
            for (int i = 0; i < values.length; i++) {
                theta[offset + i] = values[i];
            }
        }
        return theta;
    }

    /** What decay alone leaves of weights since a step. Modified: theta. */
    private static void shrink(double[] theta, Moment moment, long since) {
        for (Block block : moment.run().model().layout().blocks()) {
            double kept = moment.run().shrinkage(block).kept(since, moment.step());
            for (int i = block.offset(); i < block.offset() + block.size(); i++) {
                theta[i] *= kept;
            }
        }
    }
}
