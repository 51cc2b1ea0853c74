package holonomy.measure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Gram;
import holonomy.geometry.Increments;
import holonomy.geometry.SpectralGap;
import holonomy.geometry.WalkNull;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The spectral gap of the latest increments of a path, all blocks as one vector, along training ({@link SpectralGap}; arXiv 2603.15678), beside that of AR(1) steps with the measured lengths and mean cosine of
 * successive ones. A row's step is the window's last.
 *
 * @param snapshots the path
 * @param window increments in a window W, at least 2; published: 10
 */
public record SpectralGaps(SnapshotPlan snapshots, int window) implements PathMeasure {
    /** k*, from 1; dimensionless. */
    public static final String POSITION = "position of the gap";

    /** s_k* / s_{k*+1}, dimensionless. */
    public static final String RATIO = "ratio at the gap";

    /** The series of what was measured; the null's is the walk's label. */
    public static final String MEASURED = "measured";

    public SpectralGaps {
        if (window < 2) {
            throw new UserError("spectral gap: expected a window of at least 2 increments, found " + window);
        }
        PathMeasure.requireAtLeast(window + 1, snapshots, "spectral gap of " + window + " increments");
    }

    @Override
    public String name() {
        return "spectral-gap";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, STATISTIC, SERIES, VALUE);
    }

    @Override
    public boolean isOfItsStep() {
        return true;
    }

    @Override
    public ObjectNode parameters() {
        return PathMeasure.super.parameters().put("window", window);
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        write(Gram.whole("all blocks", moment.trajectory(snapshots)), rows);
    }

    /** Adds the rows of a path. @param rows with {@link #columns()}. Modified. */
    public void write(Gram path, Table.Builder rows) {
        WalkNull walk = new WalkNull.Autoregressive();
        for (int end = window; end < path.snapshots(); end++) {
            int[] kept = IntStream.rangeClosed(end - window, end).toArray();
            Increments increments = Increments.of(path.picked(kept));
            row(path.steps()[end], MEASURED, increments, rows);
            row(path.steps()[end], walk.label(), Increments.of(walk.path(increments)), rows);
        }
    }

    private static void row(long step, String series, Increments increments, Table.Builder rows) {
        SpectralGap.of(increments).ifPresent(gap -> {
            rows.row(step, POSITION, series, (double) gap.position());
            rows.row(step, RATIO, series, gap.ratio());
        });
    }
}
