package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.claim.SeedValues;
import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.Table.Row;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.Subspace;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Overlap (mean squared cosine of the principal angles) of the top k principal directions of each block's path in two runs of different seeds, kept in the store: table {@link #OVERLAPS}, a
 * row a block and ordered pair of runs, columns one, other, block, overlap, one_directions, other_directions, weights.
 *
 * @param runs of one model
 * @param label for progress and lists
 */
public record SeedOverlapStudy(RunSet runs, SnapshotPlan plan, int k, String label) implements Derived {
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
    public void describe(ObjectNode spec) {
        spec.put("directions", k);
        spec.set("snapshots", plan.spec());
        StudiedRuns.put(runs.members(), spec);
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
     * The overlap over that of random subspaces, mean over blocks and pairs of seeds; 1 at chance. Pairs share seeds ({@link SeedPairs}). The label ends in how often independent
     * subspaces overlap as much: {@code sum over pairs and blocks of overlap k^2 / chance ~ chi^2(pairs blocks k^2)}, pairs that share a seed included, for given one subspace the
     * others turn freely. Raw weights of different initial values differ by head and neuron symmetries too: at chance is nearly certain.
     *
     * @param rows of {@link #OVERLAPS}
     * @param runs one per seed; a seed without another one has no value
     */
    public static SeedValues overChance(Table rows, RunSet runs, int k) {
        String label = "overlap of the top " + k + " directions of two seeds over chance";
        runs.perSeed(label, Scale.LOG, run -> 1); // two runs of one seed are an error that names both
        Map<String, Long> seedOf = new HashMap<>();
        runs.members().forEach(run -> seedOf.put(run.id(), run.seed()));
        return overChance(label, rows, seedOf, k);
    }

    /** The same of rows alone. @param seedOf the seed of each run, by its id */
    static SeedValues overChance(String label, Table rows, Map<String, Long> seedOf, int k) {
        List<SeedPairs.Pair> pairs = new ArrayList<>();
        Rows.by(rows.rows(), row -> List.of(row.text(ONE), row.text(OTHER)))
                .forEach((two, own) -> pairs.add(new SeedPairs.Pair(
                        Objects.requireNonNull(seedOf.get(two.get(0))),
                        Objects.requireNonNull(seedOf.get(two.get(1))),
                        Reduction.MEAN.of(own, SeedOverlapStudy::ratio))));
        return new SeedPairs(label + independent(rows, pairs, k), Scale.LOG, pairs)
                .perSeed(seedOf.values().stream().sorted().toList());
    }

    /** How often independent subspaces overlap as much in the mean, in words; nothing where a path has fewer directions. */
    private static String independent(Table rows, List<SeedPairs.Pair> pairs, int k) {
        boolean fewer = rows.rows().stream()
                .anyMatch(row -> row.number(ONE_DIRECTIONS) < k || row.number(OTHER_DIRECTIONS) < k);
        if (pairs.isEmpty() || fewer) {
            return "";
        }
        OverlapNull chance = new OverlapNull(k, k, (long) rows.rows().get(0).number(WEIGHTS));
        double mean = Reduction.MEAN.of(
                pairs.stream().mapToDouble(SeedPairs.Pair::value).toArray());
        // each pair is there from both sides
        double p = chance.tailOfMean(mean * chance.mean(), rows.size() / 2);
        return "; independent subspaces overlap as much with p " + Numbers.brief(p);
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
