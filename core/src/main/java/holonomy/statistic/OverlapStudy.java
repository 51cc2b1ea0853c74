package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import java.util.function.LongConsumer;

/**
 * The overlaps among some runs' paths, kept in the store: tables {@link #BY_PARTNER}, {@link #SHOWN} and {@link #WITHIN}, as {@link PathOverlaps} makes them.
 *
 * @param label for progress and lists
 */
public record OverlapStudy(PathOverlaps paths, String label) implements Derived {
    /** Overlaps by comparison: columns seed, comparison, layer, matrix, value. */
    public static final String BY_PARTNER = "metrics/overlaps-by-comparison.parquet";

    /** Overlaps between runs of the main task: columns one, other, value. */
    public static final String SHOWN = "metrics/overlaps-between-runs.parquet";

    /** Overlaps within runs of the main task: columns seed, one, other, value. */
    public static final String WITHIN = "metrics/overlaps-within-runs.parquet";

    @Override
    public String kind() {
        return "overlaps";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.put("directions", paths.k());
        spec.set("snapshots", paths.plan().spec());
        spec.set("main", paths.main().spec());
        StudiedRuns.put(paths.runs().members(), spec);
    }

    @Override
    public long steps() {
        return 2;
    }

    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        PathOverlaps.Between between = paths.between();
        writer.putTable(BY_PARTNER, between.byPartner());
        writer.putTable(SHOWN, between.shown());
        advanced.accept(1);
        writer.putTable(WITHIN, paths.within());
        advanced.accept(2);
        return JsonNodeFactory.instance
                .objectNode()
                .put("runs", paths.runs().members().size());
    }
}
