package holonomy.statistic;

import holonomy.data.Table;
import holonomy.data.Table.Column;
import holonomy.data.Table.Row;
import holonomy.inference.Scale;
import holonomy.probe.Ablation;
import holonomy.probe.AblationPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Numbers of sparse autoencoders at stages and places: what ablating their latents does, and what latents go with. */
public final class SparseNumbers {
    /** The column that names a place: a layer, and which tokens. */
    public static final Column PLACE = Table.text("place");

    private static final Set<String> COUNTED = Set.of(AblationPlan.VARIABLE, AblationPlan.RANDOM_VARIABLE);
    private static final List<Column> QUANTITIES = List.of(
            AblationPlan.ACCURACY,
            AblationPlan.LOSS,
            AblationPlan.CHANGED,
            AblationPlan.ABLE,
            AblationPlan.MAJORITY,
            AblationPlan.FIRING);

    private SparseNumbers() {}

    /**
     * An edit of the residual stream, as the ablation's table names it.
     *
     * @param words as figures and claims name it; {@code N} stands for the number of latents
     */
    public record Edit(String name, Ablation.Form form, String words) {
        /** The words with a number of latents. */
        public String words(String latents) {
            return words.replace("N", latents);
        }

        private boolean is(Row row, OptionalInt count) {
            return row.text(AblationPlan.EDIT).equals(name)
                    && row.text(AblationPlan.FORM).equals(form.name())
                    && (count.isEmpty()
                            || !COUNTED.contains(name)
                            || row.number(AblationPlan.LATENTS) == count.getAsInt());
        }
    }

    /**
     * What edits do, mean over m and random sets: columns run, seed, stage, place, edit, latents, accuracy, loss, changed, able, majority, firing.
     *
     * @param count number of latents; empty for any
     */
    public static Table effects(Table ablation, List<Edit> edits, OptionalInt count) {
        Map<Column, RowsNumber> means = new LinkedHashMap<>();
        QUANTITIES.forEach(column -> means.put(column, RowsNumber.of(RowNumber.of(column), Reduction.MEAN)));
        String latents = count.isPresent() ? "" + count.getAsInt() : "N";
        return Table.concat(edits.stream()
                .map(edit -> Cells.of(
                                ablation.where(row -> edit.is(row, count)),
                                List.of(
                                        Cells.Key.of(RunSet.RUN),
                                        Cells.Key.of(RunSet.SEED),
                                        Cells.Key.of(StageNumbers.STAGE),
                                        Cells.Key.of(PLACE),
                                        new Cells.Key(AblationPlan.EDIT, row -> edit.words(latents)),
                                        Cells.Key.of(AblationPlan.LATENTS)))
                        .numbers(means))
                .toList());
    }

    /** A row's stage and place. */
    public static Predicate<Row> at(String stage, String place) {
        return StageNumbers.at(stage).and(row -> row.text(PLACE).equals(place));
    }

    /** Accuracy after one edit minus accuracy after another, mean over m; dimensionless. */
    public static RunNumber drop(
            String label, Supplier<Table> ablation, Edit before, Edit after, int count, Predicate<Row> at) {
        return new RunNumber(label, Scale.IDENTITY, runs -> {
            Map<String, Double> high = accuracy(ablation, before, count, at).apply(runs);
            Map<String, Double> low = accuracy(ablation, after, count, at).apply(runs);
            high.replaceAll((run, value) -> value - low.getOrDefault(run, Double.NaN));
            return high;
        });
    }

    /** Accuracy after one edit; undefined where the table has not exactly that one. */
    private static Function<RunSet, Map<String, Double>> accuracy(
            Supplier<Table> ablation, Edit edit, int count, Predicate<Row> at) {
        return StageNumbers.of(
                        "",
                        Scale.IDENTITY,
                        () -> effects(ablation.get(), List.of(edit), OptionalInt.of(count)),
                        at,
                        rows -> rows.size() == 1 ? rows.get(0).number(AblationPlan.ACCURACY) : Double.NaN)
                .byRun();
    }

    /** Number of latents whose correlation with an attribute has at least this size: a count that more sequences don't raise, read in whole numbers. */
    public static RunNumber strong(
            String label, Supplier<Table> attribution, String attribute, double atLeast, Predicate<Row> at) {
        return StageNumbers.of(
                        label,
                        Scale.IDENTITY,
                        attribution,
                        at.and(row -> row.text("attribute").equals(attribute)),
                        rows -> rows.stream()
                                .filter(row -> row.number("strength") >= atLeast)
                                .count())
                .grained(runs -> 1);
    }

    /** Mean of a column of effects. */
    public static double mean(Table effects, Column column) {
        return Reduction.MEAN.of(effects.rows(), RowNumber.of(column));
    }

    /** Mean share of sequences that an edit can reach, by place, where it can't reach all. */
    public static Map<String, Double> reach(Table effects) {
        Map<String, Double> reach = Rows.reduced(
                Rows.by(effects.rows(), row -> row.text(PLACE)),
                RowsNumber.of(RowNumber.of(AblationPlan.ABLE), Reduction.MEAN));
        reach.values().removeIf(share -> !(share < 1));
        return reach;
    }

    /** The effects of random latents at places and counts where every seed has some that fire at least half as often as the chosen. */
    public static Table alike(Table random, Table chosen, int seeds) {
        Map<List<Object>, Double> rates = new HashMap<>();
        chosen.rows().forEach(row -> rates.put(key(row, true), row.number(AblationPlan.FIRING)));
        Map<List<Object>, Set<String>> comparable = new HashMap<>();
        for (Row row : random.rows()) {
            if (row.number(AblationPlan.FIRING) >= .5 * rates.getOrDefault(key(row, true), Double.NaN)) {
                comparable
                        .computeIfAbsent(key(row, false), key -> new HashSet<>())
                        .add(row.text(RunSet.SEED));
            }
        }
        return random.where(
                row -> comparable.getOrDefault(key(row, false), Set.of()).size() == seeds);
    }

    private static List<Object> key(Row row, boolean ofSeed) {
        return Arrays.asList(row.text(PLACE), row.text(AblationPlan.LATENTS), ofSeed ? row.text(RunSet.SEED) : "");
    }
}
