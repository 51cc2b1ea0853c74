package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Subspace;
import holonomy.geometry.Trajectory;
import holonomy.inference.Quantiles;
import holonomy.model.Block;
import holonomy.model.Layout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Commutators of the steps on pairs of batches, with the shares of delta, of the gradient and of the optimiser's step that lie in a basis, and the
 * nulls of those shares.
 *
 * <p>A row is one pair at one moment in one {@code variant} (the constants below). Projections are rows of their own, one per {@code vector} and
 * {@code basis}. What does not apply or is undefined is missing. Source: arXiv 2602.10496, section 4.3; controls: spec C0, C2, C3.
 *
 * @param cadence when
 * @param snapshots the path whose directions are the execution basis
 * @param pairs K, pairs of batches per measurement, drawn as training draws them
 * @param variantPairs of these, the pairs also measured at four times the batch and with m and positions per sequence
 * @param chosenPairs pairs for every chosen (m_A, m_B)
 * @param directions k, basis directions per block
 * @param length {@code eta sqrt(|g_A||g_B|)}, the displacement kept fixed, weight norm
 * @param publishedEta the fixed eta of the published form
 * @param batch sequences per batch; 0 for as many as in training
 * @param stream the random stream that the batches are drawn from, by name: another name, other pairs
 */
public record CommutatorMeasure(
        Cadence cadence,
        SnapshotPlan snapshots,
        int pairs,
        int variantPairs,
        int chosenPairs,
        int directions,
        double length,
        double publishedEta,
        int batch,
        String stream)
        implements Measure {
    /** The stream of pairs where no other is named. */
    public static final String PAIRS = "commutator pairs";

    /** Number of a pair of batches within its moment. */
    public static final Table.Column PAIR = Table.whole("pair");

    /** Which computation, {@link #OURS} and others. */
    public static final Table.Column VARIANT = Table.text("variant");

    /** m of batch A; missing where its sequences differ in it. */
    public static final Table.Column M_A = Table.whole("m_a");

    /** m of batch B. */
    public static final Table.Column M_B = Table.whole("m_b");

    /** |g_A|, nats per weight norm. */
    public static final Table.Column GRADIENT_A = Table.quantity("gradient_a");

    /** |g_B|. */
    public static final Table.Column GRADIENT_B = Table.quantity("gradient_b");

    /** |delta| / (|a| |b|), a and b the two steps; 1/weight norm. */
    public static final Table.Column DEFECT = Table.quantity("defect");

    /** |delta| / (|a' - a| + |b' - b|), a' the step A after B; dimensionless. */
    public static final Table.Column CLOSURE = Table.quantity("closure");

    /** cos(a, b), dimensionless. */
    public static final Table.Column COSINE = Table.quantity("cosine");

    /** Which vector is projected, one of {@link #VECTORS}. */
    public static final Table.Column VECTOR = Table.text("vector");

    /** What it is projected onto. */
    public static final Table.Column BASIS = Table.text("basis");

    /** Length of the vector, weight norm. */
    public static final Table.Column NORM = Table.quantity("norm");

    /** Its share within the basis, |B'v| / |v|, dimensionless. */
    public static final Table.Column RHO = Table.quantity("rho");

    /** sqrt(1 - rho^2): its share outside, dimensionless. */
    public static final Table.Column PERPENDICULAR_SHARE = Table.quantity("perpendicular_share");

    /** 1 - rho, as published, dimensionless. */
    public static final Table.Column ONE_MINUS_RHO = Table.quantity("one_minus_rho");

    /** A random subspace of all weights. */
    public static final NullColumns ISOTROPIC = NullColumns.of("isotropic");

    /** A random subspace inside each matrix. */
    public static final NullColumns MATCHED = NullColumns.of("matched");

    /**
     * What a null says of a projection.
     *
     * @param mean expected energy, E[rho^2]
     * @param low lower end of its central 95 %
     * @param high upper end
     * @param rho E[rho]
     */
    public record NullColumns(Table.Column mean, Table.Column low, Table.Column high, Table.Column rho) {
        private static NullColumns of(String name) {
            return new NullColumns(
                    Table.quantity(name + "_mean"),
                    Table.quantity(name + "_low"),
                    Table.quantity(name + "_high"),
                    Table.quantity(name + "_rho"));
        }

        Stream<Table.Column> all() {
            return Stream.of(mean, low, high, rho);
        }
    }

    /** Plain gradient steps, displacement {@code length}: the measurement. */
    public static final String OURS = "ours";
    /** The same at half the displacement. */
    public static final String HALF = "half eta";
    /** The same at twice the displacement. */
    public static final String DOUBLE = "double eta";
    /** The gradient-difference form at the published eta. */
    public static final String PUBLISHED_ETA = "published eta";
    /** The published eta and the published form: float32 weight vectors subtracted. */
    public static final String PUBLISHED = "published float32";
    /** Batches four times as large. */
    public static final String LARGE_BATCH = "four times the batch";
    /** m and positions drawn for every sequence. */
    public static final String PER_SEQUENCE = "per sequence";
    /** The optimiser's own steps, its state frozen. */
    public static final String OPTIMISER = "optimiser";
    /** Batches of chosen m_A and m_B. */
    public static final String CHOSEN = "chosen m";
    /** A projection of one of the vectors below. */
    public static final String PROJECTION = "projection";

    /** The names of the projected vectors. */
    public static final List<String> VECTORS = List.of("delta", "gradient", "optimiser step");

    /** The basis from the run's own path before the moment; the other names are {@link #WEIGHTS_BASIS} and {@link #RANDOM_BASIS}. */
    public static final String OWN_BASIS = Bases.OWN;

    public static final String WEIGHTS_BASIS = Bases.SINGULAR;
    public static final String RANDOM_BASIS = Bases.RANDOM;

    public CommutatorMeasure {
        if (pairs < 1) {
            throw new UserError("commutators: expected at least 1 pair of batches per measurement, found " + pairs);
        }
        if (variantPairs < 0 || variantPairs > pairs || chosenPairs < 0) {
            throw new UserError("commutators: expected 0.." + pairs + " pairs with variants and at least 0 for each"
                    + " chosen (m_A, m_B), found " + variantPairs + " and " + chosenPairs);
        }
        if (!(length > 0 && publishedEta > 0 && Double.isFinite(length) && Double.isFinite(publishedEta))) {
            throw new UserError("commutators: expected a displacement and an eta above 0, found " + length + " and "
                    + publishedEta);
        }
        if (batch < 0 || stream.isBlank()) {
            throw new UserError(
                    "commutators: expected a batch of at least 1 sequence, or 0 for training's, and a stream"
                            + " with a name, found " + batch + " and '" + stream + "'");
        }
        if (directions < 1 || directions >= snapshots.cadence().count()) {
            throw new UserError("commutators: a basis of " + directions + " directions per matrix needs at least "
                    + (directions + 1) + " snapshots and 1 direction, found "
                    + snapshots.cadence().count() + " snapshots; take more snapshots or fewer directions");
        }
    }

    /** Batches as in training, from the stream {@link #PAIRS}. */
    public CommutatorMeasure(
            Cadence cadence,
            SnapshotPlan snapshots,
            int pairs,
            int variantPairs,
            int chosenPairs,
            int directions,
            double length,
            double publishedEta) {
        this(cadence, snapshots, pairs, variantPairs, chosenPairs, directions, length, publishedEta, 0, PAIRS);
    }

    @Override
    public String name() {
        return "commutators";
    }

    @Override
    public List<Table.Column> columns() {
        return CommutatorRows.COLUMNS;
    }

    @Override
    public boolean isOfItsStep() {
        return true;
    }

    @Override
    public int semantics() {
        return 3;
    }

    @Override
    public Set<SnapshotPlan> needs() {
        return Set.of(snapshots);
    }

    @Override
    public ObjectNode parameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("snapshots", snapshots.spec());
        node.put("pairs", pairs).put("variantPairs", variantPairs).put("chosenPairs", chosenPairs);
        node.put("directions", directions).put("length", length).put("publishedEta", publishedEta);
        if (batch > 0) {
            node.put("batch", batch);
        }
        return stream.equals(PAIRS) ? node : node.put("stream", stream);
    }

    /** The largest relative difference between float32 and float64, and of D at the last measurement median, quartiles and 90th percentile. */
    @Override
    public Map<String, Double> summary(Table table) {
        Map<String, Double> summary = new LinkedHashMap<>();
        table.rows().stream()
                .mapToDouble(row -> row.number("rounding"))
                .filter(Double::isFinite)
                .max()
                .ifPresent(largest -> summary.put("commutator_rounding", largest));
        double last =
                table.rows().stream().mapToDouble(row -> row.number(STEP)).max().orElse(0);
        double[] defects =
                table.where(row -> row.text(VARIANT).equals(OURS) && row.number(STEP) == last).rows().stream()
                        .mapToDouble(row -> row.number(DEFECT))
                        .filter(Double::isFinite)
                        .toArray();
        if (defects.length > 0) {
            double[] found = Quantiles.of(defects, .25, .5, .75, .9);
            for (int i = 0; i < found.length; i++) {
                summary.put(
                        List.of("defect_lower", "defect_median", "defect_upper", "defect_p90")
                                .get(i),
                        found[i]);
            }
        }
        return summary;
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        new CommutatorSession(this, moment, new CommutatorRows(moment.step(), rows)).run();
    }

    /**
     * Measures the shares of delta and of the gradient in other bases than a moment's own; of the rows only the projections.
     *
     * @param bases at least one, each with {@link #directions} in every block, by name
     */
    public void shares(Moment moment, Map<String, Subspace> bases, Table.Builder rows) {
        new CommutatorSession(this, moment, new CommutatorRows(moment.step(), rows)).shares(bases);
    }

    /**
     * The top directions of a path's snapshots before a step, in weight space; empty if there are too few.
     *
     * @param layout of the weights that are to be projected
     * @throws UserError if the path's blocks have other sizes
     */
    public Optional<Subspace> pathBasis(Trajectory path, long before, Layout layout) {
        for (String block : path.blocks()) {
            int expected = layout.blocks().stream()
                    .filter(known -> known.name().equals(block))
                    .mapToInt(Block::size)
                    .sum();
            if (path.dimension(block) != expected) {
                throw new UserError("commutators: the basis has " + path.dimension(block) + " weights in " + block
                        + ", the model " + expected + "; take a basis from a run of the same model");
            }
        }
        return Optional.ofNullable(Bases.path(path, before, layout, directions));
    }
}
