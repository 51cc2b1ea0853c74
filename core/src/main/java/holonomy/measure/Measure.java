package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.data.Table;
import holonomy.train.RunSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Something measured along a training, as a value: a pure function from a moment to rows of a table of its own.
 *
 * <p>A measure keeps no state between moments (what it needs of the past is in the snapshots), so a run can be resumed between any
 * two of them, and a measure can be added to a finished run by training it again.
 */
public interface Measure {
    /** The optimiser step of a row; what any row of a run's table may have. */
    Table.Column STEP = Table.whole("step");

    /** Number of markers. */
    Table.Column M = Table.whole("m");

    /** Name of an evaluation set. */
    Table.Column SET = Table.text("set");

    /** Number of a layer. */
    Table.Column LAYER = Table.whole("layer");

    /** Number of a head in its layer. */
    Table.Column HEAD = Table.whole("head");

    /** A block of weights, by its name in the layout. */
    Table.Column BLOCK = Table.text("block");

    /** The kind of matrix, for instance {@code W_Q}, or of head product. */
    Table.Column MATRIX = Table.text("matrix");

    /** Snapshots of the path so far. */
    Table.Column SNAPSHOTS = Table.whole("snapshots");

    /** Which statistic of a path {@link #VALUE} is. */
    Table.Column STATISTIC = Table.text("statistic");

    /** What was measured, or a null by its name. */
    Table.Column SERIES = Table.text("series");

    /** The number itself, where a row holds one of several. */
    Table.Column VALUE = Table.quantity("value");

    /** Name of the table, for instance {@code accuracy}. */
    String name();

    /** When it is measured. */
    Cadence cadence();

    /** The table's columns, where nothing is known of the run. */
    List<Table.Column> columns();

    /** The table's columns along a run. */
    default List<Table.Column> columns(RunSpec run) {
        return columns();
    }

    /** 1 at first, bumped by hand whenever the same weights would give other rows. */
    default int semantics() {
        return 1;
    }

    /** The parameters that the rows depend on, beside name, semantics and cadence; none by default. */
    default ObjectNode parameters() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Measures one moment.
     *
     * @param rows receives the rows. Modified. */
    void measure(Moment moment, Table.Builder rows);

    /** Snapshots that must exist at each moment measured. */
    default Set<SnapshotPlan> needs() {
        return Set.of();
    }

    /**
     * Makes sure that its numbers mean of such a run what they say; nothing by default.
     *
     * @throws holonomy.data.UserError otherwise: nothing is to be trained
     */
    default void requireMeaning(RunSpec run) {}

    /**
     * Makes sure that this machine has the memory that measuring such a run takes besides the training; nothing by default.
     *
     * @throws holonomy.data.UserError otherwise: nothing is to be trained here
     */
    default void requireMemory(RunSpec run) {}

    /** The most that one moment costs, in gradients of one of its batches; 0 where that is little beside the training. */
    default double gradients(RunSpec run) {
        return 0;
    }

    /** Sequences that it looks at in one batch; 0 if it draws none. */
    default int sequences() {
        return 0;
    }

    /**
     * Whether the rows follow from the run's spec and the snapshots in {@link #needs()} alone: then the measure can be added to a finished run
     * without training it again.
     */
    default boolean snapshotsOnly() {
        return false;
    }

    /** Whether each row is made of nothing later than its step: only such rows can foretell something. */
    default boolean isOfItsStep() {
        return false;
    }

    /** Numbers that sum the finished table up in lists of runs, by name; none by default. */
    default Map<String, Double> summary(Table table) {
        return Map.of();
    }

    /** What determines the rows, given the run. */
    default ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "measure").put("name", name()).put("semantics", semantics());
        node.set("cadence", cadence().spec());
        node.set("parameters", parameters());
        return node;
    }

    /** The run's file that holds the table. */
    default String file() {
        return "metrics/" + name() + "-" + Identity.of(spec()).substring(0, 8) + ".parquet";
    }
}
