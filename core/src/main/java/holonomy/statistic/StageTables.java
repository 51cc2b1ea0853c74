package holonomy.statistic;

import holonomy.data.Table;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.Subspace;
import holonomy.inference.Quantiles;
import holonomy.measure.Measure;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Rows of figures of paths by stage, and of how their subspaces compare. */
public final class StageTables {
    private static final long DRAWS = 40;
    private static final Table.Column PAIR = Table.text("pair");
    private static final Table.Column RANK = Table.whole("rank");
    private static final Table.Column ANGLE = Table.quantity("angle");
    private static final Table.Column LOW = Table.quantity("low");
    private static final Table.Column HIGH = Table.quantity("high");

    private StageTables() {}

    /**
     * Two paths that are compared.
     *
     * @param name which stages
     * @param kind what is compared, without the stages' numbers
     */
    public record Comparison(String name, String kind, StagePath.Pair pair) {
        private String seed() {
            return Long.toString(pair.one().run().seed());
        }

        private List<String> cell() {
            return List.of(seed(), name, pair.one().matrix());
        }
    }

    /** Each stage with the next of the same run and block. */
    public static List<Comparison> successive(StagePaths paths, String word, String kind) {
        return paths.successive().stream()
                .map(pair -> new Comparison(
                        word + " " + pair.one().stage() + ", " + pair.other().stage(), kind, pair))
                .toList();
    }

    /** Each stage with the whole path of another run of its seed, where there is one. */
    public static List<Comparison> withWhole(StagePaths paths, StagePaths others, String word, String kind) {
        Map<List<Object>, StagePath> whole = new LinkedHashMap<>();
        others.wholes().forEach(path -> whole.put(List.of(path.run().seed(), path.block()), path));
        return paths.parts().stream()
                .filter(part -> whole.containsKey(List.of(part.run().seed(), part.block())))
                .map(part -> new Comparison(
                        part.stage() + " " + word,
                        kind,
                        paths.pair(part, whole.get(List.of(part.run().seed(), part.block())))))
                .toList();
    }

    /** A number of each stage, mean over layers: columns seed, schedule, matrix, stage, value. */
    public static Table byMatrix(
            List<StagePath> parts, ToDoubleFunction<StagePath> number, Function<Task, String> schedule) {
        Table.Builder table = Table.builder(
                List.of(RunSet.SEED, Table.text("schedule"), Measure.MATRIX, Table.whole("stage"), Measure.VALUE));
        by(
                        parts,
                        path -> List.<Object>of(
                                path.run().seed(), schedule.apply(path.run().task()), path.matrix(), path.stage()))
                .forEach((key, layers) ->
                        table.row(key.get(0), key.get(1), key.get(2), key.get(3), mean(layers, number)));
        return table.build();
    }

    /** Mean squared cosine, mean over layers: columns seed, pair, matrix, value. */
    public static Table overlaps(List<Comparison> comparisons) {
        Table.Builder table = Table.builder(List.of(RunSet.SEED, PAIR, Measure.MATRIX, Measure.VALUE));
        by(comparisons, Comparison::cell)
                .forEach((cell, own) ->
                        table.row(cell.get(0), cell.get(1), cell.get(2), mean(own, comparison -> comparison
                                .pair()
                                .overlap())));
        return table.build();
    }

    /** What random subspaces do in the cells of {@link #overlaps}: columns seed, pair, matrix, value, low, high (95 %). */
    public static Table chance(List<Comparison> comparisons) {
        Table.Builder table = Table.builder(List.of(RunSet.SEED, PAIR, Measure.MATRIX, Measure.VALUE, LOW, HIGH));
        by(comparisons, Comparison::cell).forEach((cell, own) -> {
            OverlapNull chance = own.get(0).pair().chance(own.size());
            table.row(
                    cell.get(0), cell.get(1), cell.get(2), chance.mean(), chance.quantile(.025), chance.quantile(.975));
        });
        return table.build();
    }

    /** Principal angles in degrees, smallest first, mean over blocks and stages: columns rank, seed, pair, angle. */
    public static Table angles(List<Comparison> comparisons) {
        Table.Builder table = Table.builder(List.of(RANK, RunSet.SEED, PAIR, ANGLE));
        by(comparisons, comparison -> List.of(comparison.seed(), comparison.kind()))
                .forEach((key, own) -> {
                    List<double[]> angles =
                            own.stream().map(each -> each.pair().degrees()).toList();
                    int ranks =
                            angles.stream().mapToInt(each -> each.length).min().orElse(0);
                    for (int i = 0; i < ranks; i++) {
                        int rank = i;
                        table.row(rank + 1L, key.get(0), key.get(1), mean(angles, each -> each[rank]));
                    }
                });
        return table.build();
    }

    /** Angles between random subspaces of the sizes of a pair: mean and central 95 % of the draws; columns rank, angle, low, high. */
    public static Table randomAngles(StagePath.Pair like) {
        Stream stream = Stream.of(0, "random subspaces");
        double[][] drawn = new double[(int) DRAWS][];
        Arrays.setAll(drawn, draw -> randomDegrees(like, stream.at(draw)));
        Table.Builder table = Table.builder(List.of(RANK, ANGLE, LOW, HIGH));
        for (int i = 0; i < drawn[0].length; i++) {
            int rank = i;
            double[] angles =
                    Arrays.stream(drawn).mapToDouble(angle -> angle[rank]).toArray();
            double[] ends = Quantiles.of(angles, .025, .975);
            table.row(rank + 1L, Reduction.MEAN.of(angles), ends[0], ends[1]);
        }
        return table.build();
    }

    /** Angles between two random subspaces of the sizes of a pair, in degrees, ascending. */
    public static double[] randomDegrees(StagePath.Pair like, RandomGenerator random) {
        StagePath first = like.one();
        int weights = Math.toIntExact(first.weights());
        Subspace one = Subspace.random(weights, first.directions(), random);
        Subspace other = Subspace.random(weights, like.other().directions(), random);
        return Arrays.stream(one.anglesTo(other).radians()).map(Math::toDegrees).toArray();
    }

    private static <T> double mean(List<T> items, ToDoubleFunction<T> number) {
        return Reduction.MEAN.of(items.stream().mapToDouble(number).toArray());
    }

    private static <K, T> Map<K, List<T>> by(List<T> items, Function<T, K> key) {
        return items.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }
}
