package holonomy.measure;

import holonomy.data.Table;
import holonomy.task.EvaluationSet;
import java.util.List;

/**
 * The column that tells evaluation sets apart in a table: {@link Measure#M} where each has a number of markers, else {@link Measure#SET}.
 *
 * @param column one of the two
 */
public record SetColumn(Table.Column column) {
    /** That of some sets. */
    public static SetColumn of(List<? extends EvaluationSet> sets) {
        return new SetColumn(sets.stream().allMatch(set -> set.markers().isPresent()) ? Measure.M : Measure.SET);
    }

    /** What stands there for a set. */
    public Object of(EvaluationSet set) {
        return column.equals(Measure.M) ? (Object) set.markers().orElseThrow() : set.name();
    }

    /** The name of a set in rows, as {@link #name} reads it. */
    public static String name(EvaluationSet set) {
        return set.markers().isPresent() ? "m = " + set.markers().getAsInt() : set.name();
    }

    /** The name of the set that a row is of. */
    public static String name(Table.Row row) {
        return row.has(Measure.SET) ? row.text(Measure.SET) : "m = " + row.text(Measure.M);
    }
}
