package holonomy.measure;

import holonomy.data.Table;
import holonomy.geometry.Alignment;
import holonomy.geometry.Gram;
import holonomy.geometry.Increments;
import holonomy.geometry.InitialDirection;
import holonomy.geometry.Shrinkage;
import holonomy.geometry.Trajectory;
import holonomy.geometry.WalkNull;
import holonomy.model.Layout;
import java.util.List;

/**
 * How early each block's path points where it ends: {@code cos(w_t - w_0, w_n - w_0)} over t, the same without the component along the initial weights
 * ({@link InitialDirection}: weight decay pulls along it), and {@code cos(w_t - w_0, w_0)}; the first two beside the uncorrelated walk and drift plus noise with the same
 * increment lengths, which settle too. All values dimensionless. Source: arXiv 2602.10496; controls: spec C1 and section 3.
 *
 * @param snapshots the path
 */
public record FinalAlignment(SnapshotPlan snapshots) implements PathMeasure {
    /** Which cosine {@link Measure#VALUE} is. */
    public static final Table.Column COSINE = Table.text("cosine");

    /** The cosine to the final displacement. */
    public static final String WHOLE = "to the end";

    /** The same without the component along the initial weights. */
    public static final String REMOVED = "to the end, initial weights removed";

    /** The cosine to the initial weights; -1 for pure decay, 0 +- 1/sqrt(D) at chance. */
    public static final String INITIAL = "to the initial weights";

    /** The series that holds the measured values; the others are named after their null. */
    public static final String MEASURED = TrajectorySpectrum.MEASURED;

    /** The table's columns. */
    public static final List<Table.Column> COLUMNS = List.of(BLOCK, STEP, COSINE, SERIES, VALUE);

    public FinalAlignment {
        PathMeasure.requireAtLeast(3, snapshots, "cosine to the final displacement");
    }

    @Override
    public String name() {
        return "alignment";
    }

    @Override
    public List<Table.Column> columns() {
        return COLUMNS;
    }

    @Override
    public int semantics() {
        return 2;
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory path = moment.trajectory(snapshots);
        Layout layout = moment.run().model().layout();
        path.blocks().forEach(block -> {
            Shrinkage decay = moment.run().shrinkage(layout.block(block));
            write(InitialDirection.of(path, block), decay, rows);
        });
    }

    /**
     * Adds the rows of one block.
     *
     * @param decay what decay alone does to it
     * @param rows with {@link #COLUMNS}. Modified.
     */
    public static void write(InitialDirection direction, Shrinkage decay, Table.Builder rows) {
        curves(WHOLE, direction.path(), decay, rows);
        curves(REMOVED, direction.removed(), decay, rows);
        add(direction.path(), INITIAL, MEASURED, direction.toInitial(), rows);
    }

    private static void curves(String cosine, Gram path, Shrinkage decay, Table.Builder rows) {
        add(path, cosine, MEASURED, Alignment.toFinal(path), rows);
        for (WalkNull walk : List.of(new WalkNull.Uncorrelated(), new WalkNull.DriftPlusNoise(decay))) {
            add(path, cosine, walk.label(), Alignment.toFinal(walk.path(Increments.of(path))), rows);
        }
    }

    private static void add(Gram path, String cosine, String series, double[] values, Table.Builder rows) {
        long[] steps = path.steps();
        for (int t = 1; t < steps.length; t++) {
            rows.row(path.block(), steps[t], cosine, series, values[t - 1]);
        }
    }
}
