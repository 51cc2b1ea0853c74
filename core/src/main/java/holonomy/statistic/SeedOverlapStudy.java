package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.Subspace;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.run.Derived;
import holonomy.run.RunWriter;
import holonomy.run.Snapshots;
import holonomy.run.StoredTrajectory;
import holonomy.stats.Scale;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Overlap (mean squared cosine of the principal angles) of the top k principal directions of each block's path in two runs of different seeds, kept in the store: table {@link #OVERLAPS}, a
 * row a block and ordered pair of runs, columns one, other, block, overlap, one_directions, other_directions, weights.
 *
 * @param runs of one model
 * @param label for progress and lists
 */
public record SeedOverlapStudy(RunSet runs, SnapshotPlan plan, int k, String label) implements Derived {
    private static final int SEMANTICS = 1;

    /** The table's file. */
    public static final String OVERLAPS = "metrics/overlaps-of-seeds.parquet";

    /** The id of the run whose overlap with another one it is. */
    public static final Table.Column ONE = Table.text("one");

    /** The id of the other run. */
    public static final Table.Column OTHER = Table.text("other");

    /** Mean squared cosine; missing where a path has no direction. */
    public static final Table.Column OVERLAP = Table.quantity("overlap");

    private static final Table.Column ONE_DIRECTIONS = Table.whole("one_directions");
    private static final Table.Column OTHER_DIRECTIONS = Table.whole("other_directions");
    private static final Table.Column WEIGHTS = Table.whole("weights");

    @Override
    public String kind() {
        return "overlaps of seeds";
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", kind()).put("semantics", SEMANTICS).put("directions", k);
        node.set("snapshots", plan.spec());
        StudiedRuns.put(runs.members(), node);
        return node;
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Map<RunSet.Member, Map<String, Subspace>> subspaces = new LinkedHashMap<>();
        for (RunSet.Member run : runs.members()) {
            try (StoredTrajectory path = Snapshots.of(run.stored(), run.spec(), plan)) {
                Map<String, Subspace> own = new LinkedHashMap<>();
                path.blocks().forEach(block -> own.put(block, Subspace.principal(path, block, k)));
                subspaces.put(run, own);
            }
            advanced.accept(subspaces.size());
        }
        Table.Builder rows =
                Table.builder(List.of(ONE, OTHER, Measure.BLOCK, OVERLAP, ONE_DIRECTIONS, OTHER_DIRECTIONS, WEIGHTS));
        subspaces.forEach((one, own) -> subspaces.forEach((other, others) -> {
            if (one.seed() != other.seed()) {
                own.forEach((block, subspace) -> row(one, other, block, subspace, others.get(block), rows));
            }
        }));
        writer.putTable(OVERLAPS, rows.build());
        return JsonNodeFactory.instance.objectNode().put("runs", subspaces.size());
    }

    private static void row(
            RunSet.Member one, RunSet.Member other, String block, Subspace own, Subspace its, Table.Builder rows) {
        double overlap = own.anglesTo(its).overlap();
        rows.row(one.id(), other.id(), block, overlap, own.size(), its.size(), own.dimension());
    }

    /**
     * The overlap over that of random subspaces, mean over blocks and other seeds; 1 at chance. A seed without another one has no value. Raw weights of different initial values differ by
     * head and neuron symmetries too: at chance is nearly certain.
     *
     * @param rows of {@link #OVERLAPS}
     */
    public static RunNumber overChance(Table rows, int k) {
        String label = "overlap of the top " + k + " directions with other seeds' over chance";
        RowsNumber mean = RowsNumber.of(SeedOverlapStudy::ratio, Reduction.MEAN);
        return new RunNumber(label, Scale.LOG, runs -> Rows.reduced(Rows.by(rows.rows(), row -> row.text(ONE)), mean));
    }

    /** The overlap of a row over its chance level; NaN where a path has no direction. */
    public static double ratio(Row row) {
        int one = (int) row.number(ONE_DIRECTIONS);
        int other = (int) row.number(OTHER_DIRECTIONS);
        return one == 0 || other == 0
                ? Double.NaN
                : row.number(OVERLAP) / new OverlapNull(one, other, (long) row.number(WEIGHTS)).mean();
    }
}
