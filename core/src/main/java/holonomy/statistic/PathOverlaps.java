package holonomy.statistic;

import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.geometry.Gram;
import holonomy.geometry.HeadProduct;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.StreamedOverlap;
import holonomy.geometry.Subspace;
import holonomy.inference.Scale;
import holonomy.measure.HeadSpectrum;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Layout;
import holonomy.model.Model;
import holonomy.model.WeightGroup;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import holonomy.task.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The overlaps (mean squared cosine of the principal angles) of the top k subspaces of runs' paths. Heads are compared by their number: where initial values differ, a head's
 * partner is arbitrary, as any pairing is.
 *
 * @param model of all runs
 * @param main the task whose runs are compared among each other
 */
public record PathOverlaps(RunSet runs, Model model, Task main, SnapshotPlan plan, int k) {
    public PathOverlaps {
        HeadSpectrum.requireForms(model, "overlap of subspaces");
    }

    private static final int MOST_SHOWN = 8;
    private static final List<String> MATRICES = List.of("W_Q", "W_K", "W_V", "W_O");
    /** How two runs differ. */
    public static final Table.Column COMPARISON = Table.text("comparison");
    /** The first of two runs, or of two matrices. */
    public static final Table.Column ONE = Table.text("one");

    private static final Table.Column OTHER = Table.text("other");

    /** Which two runs are compared; (s, s') is the run with the initial values of s and the batches of s'. */
    public enum Partner {
        /** (s, s) and (s, s'). */
        OTHER_DATA("other data"),
        /** (s, s') and (s', s'). */
        OTHER_START("other start"),
        /** (s, s) and (s', s'). */
        OTHER_SEED("other seed"),
        /** (s, s) on the main task and on another. */
        OTHER_TASK("other task"),
        /** (s, s) and (s', s') begun with the embeddings of s. */
        SAME_EMBEDDINGS("same embeddings"),
        /** (s, s) and (s', s') begun with the attention matrices of s. */
        SAME_ATTENTION("same attention");

        private final String label;

        Partner(String label) {
            this.label = label;
        }
    }

    private record Two(RunSet.Member one, RunSet.Member other) {}

    /** Weights of a matrix, and numbers of a head's product alike. */
    public long dimension() {
        return (long) model.width() * model.width();
    }

    /** What random subspaces of these sizes do. */
    public OverlapNull chance() {
        return new OverlapNull(k, k, dimension());
    }

    private static long data(RunSet.Member run) {
        return run.spec().dataSeed();
    }

    private static boolean isOwn(RunSet.Member run) {
        return run.seed() == data(run);
    }

    private Stream<RunSet.Member> onMain() {
        return runs.members().stream().filter(run -> run.task().equals(main));
    }

    /** The runs of the main task whose initial values are all of one seed. */
    private Stream<RunSet.Member> whole() {
        return onMain().filter(run -> run.spec().groupSeed().isEmpty());
    }

    /** The runs of the main task that share one group's initial values, and nothing else, with their seed's own run. */
    private Stream<Two> sharing(WeightGroup group) {
        return onMain().filter(run -> run.spec()
                        .groupSeed()
                        .filter(part -> part.group() == group)
                        .isPresent())
                .flatMap(run -> own(run.seed()).map(own -> new Two(own, run)).stream());
    }

    private Optional<RunSet.Member> own(long seed) {
        return whole().filter(run -> isOwn(run) && run.seed() == seed).findFirst();
    }

    private List<Two> pairs(Partner partner) {
        if (partner == Partner.SAME_EMBEDDINGS) {
            return sharing(WeightGroup.EMBEDDINGS).toList();
        }
        if (partner == Partner.SAME_ATTENTION) {
            return sharing(WeightGroup.ATTENTION).toList();
        }
        return whole().filter(run -> isOwn(run) == (partner == Partner.OTHER_TASK))
                .flatMap(run -> switch (partner) {
                    case OTHER_DATA -> own(run.seed()).map(own -> new Two(own, run)).stream();
                    case OTHER_START -> own(data(run)).map(own -> new Two(run, own)).stream();
                    case OTHER_SEED ->
                        own(run.seed()).flatMap(own -> own(data(run)).map(other -> new Two(own, other))).stream();
                    case OTHER_TASK ->
                        runs.members().stream()
                                .filter(other -> !other.task().equals(main)
                                        && other.seed() == run.seed()
                                        && data(other) == data(run))
                                .limit(1)
                                .map(other -> new Two(run, other));
                    case SAME_EMBEDDINGS, SAME_ATTENTION -> Stream.<Two>empty();
                })
                .toList();
    }

    /** The runs of the main task that are shown against each other. */
    private List<Two> shown() {
        List<RunSet.Member> shown = whole().sorted(
                        Comparator.comparingLong(RunSet.Member::seed).thenComparingLong(PathOverlaps::data))
                .limit(MOST_SHOWN)
                .toList();
        return shown.stream()
                .flatMap(one -> shown.stream().filter(other -> other != one).map(other -> new Two(one, other)))
                .toList();
    }

    /**
     * Overlaps between runs.
     *
     * @param byPartner by comparison: columns seed, comparison, layer, matrix, value (mean over heads)
     * @param shown between runs on the main task, mean over layers and matrices: columns one, other, value
     */
    public record Between(Table byPartner, Table shown) {}

    /** Computes them, one layer after the other. */
    public Between between() {
        Table.Builder rows =
                Table.builder(List.of(RunSet.SEED, COMPARISON, Measure.LAYER, Measure.MATRIX, Measure.VALUE));
        Map<Two, List<Double>> values = new LinkedHashMap<>();
        List<Two> shown = shown();
        for (int layer = 0; layer < model.layers(); layer++) {
            Map<RunSet.Member, Map<String, List<Subspace>>> subspaces = new LinkedHashMap<>();
            for (RunSet.Member run : runs.members()) {
                subspaces.put(run, subspaces(run, layer));
            }
            for (Partner partner : Partner.values()) {
                for (Two two : pairs(partner)) {
                    for (String mover : subspaces.get(two.one).keySet()) {
                        double mean = Reduction.MEAN.of(overlaps(subspaces, two, mover));
                        rows.row(two.one.seed(), partner.label, layer, mover, mean);
                    }
                }
            }
            for (Two two : shown) {
                for (String matrix : MATRICES) {
                    List<Double> own = values.computeIfAbsent(two, key -> new ArrayList<>());
                    Arrays.stream(overlaps(subspaces, two, matrix)).forEach(own::add);
                }
            }
        }
        Table.Builder between = Table.builder(List.of(ONE, OTHER, Measure.VALUE));
        values.forEach((two, own) -> between.row(
                name(two.one),
                name(two.other),
                Reduction.MEAN.of(own.stream().mapToDouble(value -> value).toArray())));
        return new Between(rows.build(), between.build());
    }

    private static String name(RunSet.Member run) {
        return run.seed() + "/" + data(run);
    }

    /** The top k subspaces of one layer of a run: of its matrices (one each) and its heads' products (one per head). */
    private Map<String, List<Subspace>> subspaces(RunSet.Member run, int layer) {
        Map<String, List<Subspace>> subspaces = new LinkedHashMap<>();
        try (StoredTrajectory path = Snapshots.of(run.stored(), run.spec(), plan)) {
            for (String matrix : MATRICES) {
                subspaces.put(matrix, List.of(Subspace.principal(path, "layers." + layer + "." + matrix, k)));
            }
            for (HeadProduct product : HeadProduct.values()) {
                List<Subspace> heads = new ArrayList<>();
                for (int head = 0; head < model.heads(); head++) {
                    var moved = product.path(path, layer, head, model.heads(), model.width());
                    heads.add(Subspace.principal(moved, product.block(layer, head), k));
                }
                subspaces.put(product.label(), heads);
            }
        }
        return subspaces;
    }

    private static double[] overlaps(Map<RunSet.Member, Map<String, List<Subspace>>> subspaces, Two two, String mover) {
        List<Subspace> own = subspaces.get(two.one).get(mover);
        List<Subspace> other = subspaces.get(two.other).get(mover);
        double[] overlaps = new double[own.size()];
        Arrays.setAll(overlaps, i -> own.get(i).anglesTo(other.get(i)).overlap());
        return overlaps;
    }

    /** Overlaps within runs of the main task between all matrices: columns seed, one, other, value. */
    public Table within() {
        Table.Builder rows = Table.builder(List.of(RunSet.SEED, ONE, OTHER, Measure.VALUE));
        for (RunSet.Member run : whole().filter(PathOverlaps::isOwn).toList()) {
            try (StoredTrajectory path = Snapshots.of(run.stored(), run.spec(), plan)) {
                List<String> blocks = path.blocks();
                Layout layout = run.spec().model().layout();
                List<String> names = blocks.stream()
                        .map(layout::block)
                        .map(block -> block.layer() + " " + block.role().label())
                        .toList();
                StreamedOverlap overlap = StreamedOverlap.of(
                        path, blocks.stream().map(block -> Gram.of(path, block)).toList(), k);
                for (int a = 0; a < blocks.size(); a++) {
                    for (int b = 0; b < blocks.size(); b++) {
                        if (a != b) {
                            rows.row(run.seed(), names.get(a), names.get(b), overlap.get(a, b));
                        }
                    }
                }
            }
        }
        return rows.build();
    }

    /** The table with its last column, an overlap, over the chance level. */
    public Table overChance(Table overlaps) {
        List<Table.Column> kept =
                overlaps.columns().subList(0, overlaps.columns().size() - 1);
        RowNumber ratio = row -> row.number(Measure.VALUE) / chance().mean();
        Table.Builder rows = Table.builder(overlaps.columns());
        for (Table.Row row : overlaps.rows()) {
            rows.row(Stream.concat(kept.stream().map(row::value), Stream.of(ratio.of(row)))
                    .toArray());
        }
        return rows.build();
    }

    /** Mean overlap over layers, by matrix or head product: columns seed, comparison, matrix, value. */
    public static Table overLayers(Table byPartner) {
        return Cells.of(byPartner, RunSet.SEED, COMPARISON, Measure.MATRIX).mean(Measure.VALUE);
    }

    /** Ends of the central 95 % of the mean overlap of random pairs, over chance. */
    public double[] interval(int pairs) {
        return new double[] {quantile(.025, pairs), quantile(.975, pairs)};
    }

    /** The overlap over chance below which this share of the means of random pairs lies. */
    private double quantile(double probability, int pairs) {
        return chance().quantileOfMean(probability, pairs) / chance().mean();
    }

    /** Mean overlap over layers and movers by seed. */
    private static SortedMap<Long, Double> bySeed(Table byPartner, Partner partner, Set<String> movers) {
        Table own = byPartner.where(
                row -> row.text(COMPARISON).equals(partner.label) && movers.contains(row.text(Measure.MATRIX)));
        return new TreeMap<>(Rows.reduced(
                Rows.by(own.rows(), row -> Long.valueOf(row.text(RunSet.SEED))),
                RowsNumber.of(RowNumber.of(Measure.VALUE), Reduction.MEAN)));
    }

    /** Mean overlap over layers and movers divided by chance, per seed; the label ends in the sign test of its logarithms. */
    public SeedValues overChance(String label, Table byPartner, Partner partner, Set<String> movers) {
        SortedMap<Long, Double> values = bySeed(byPartner, partner, movers);
        values.replaceAll((seed, overlap) -> overlap / chance().mean());
        double[] logs = values.values().stream().mapToDouble(Math::log).toArray();
        return new SeedValues(label + "; " + SignTest.words(logs), Scale.LOG, values).sharing(partners(partner));
    }

    /** By seed the seed whose data or runs a comparison takes beside its own. */
    private Map<Long, Set<Long>> partners(Partner partner) {
        return partner == Partner.OTHER_TASK
                ? Map.of()
                : onMain().filter(run -> !isOwn(run))
                        .collect(Collectors.groupingBy(
                                RunSet.Member::seed, Collectors.mapping(PathOverlaps::data, Collectors.toSet())));
    }

    /** The overlap over chance that one in forty means of random pairs exceeds, for the seeds of a comparison. */
    public SeedValues atMostByChance(Table byPartner, Partner partner, Set<String> movers) {
        int layers = Rows.distinct(byPartner, Measure.LAYER).size();
        SortedMap<Long, Double> values = bySeed(byPartner, partner, movers);
        values.replaceAll((seed, overlap) -> quantile(.975, layers * movers.size()));
        return new SeedValues("97.5 % of random pairs", Scale.LOG, values);
    }

    /** Overlap under one comparison minus overlap under another, paired by the seed; the label ends in its sign test. */
    public SeedValues difference(String label, Table byPartner, Partner one, Partner other, Set<String> movers) {
        SeedValues difference = SeedValues.of(label, bySeed(byPartner, one, movers))
                .sharing(partners(one))
                .minus(SeedValues.of(label, bySeed(byPartner, other, movers)).sharing(partners(other)));
        return difference.labelled(label + "; " + SignTest.words(difference.values()));
    }
}
