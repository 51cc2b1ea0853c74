package holonomy.spark;

import holonomy.run.Progress;
import org.apache.spark.util.AccumulatorV2;
import org.jspecify.annotations.Nullable;

/**
 * The latest report of one task. Spark sends a copy to the driver with every heartbeat of the executor, where {@link Bars} hears it; there is nothing
 * to be added up.
 */
final class Reports extends AccumulatorV2<Report, @Nullable Report> implements Progress {
    private static final long serialVersionUID = 1;

    private volatile @Nullable Report latest;

    @Override
    public void started(String runId, String label, int worker, long fromStep, long steps) {
        latest = new Report(runId, label, fromStep, steps, fromStep, Double.NaN);
    }

    @Override
    public void advanced(String runId, long step, double loss) {
        Report before = latest;
        if (before != null) {
            latest = before.advanced(step, loss);
        }
    }

    @Override
    public void ended(String runId, Outcome outcome, String cause) {}

    @Override
    public boolean isZero() {
        return latest == null;
    }

    @Override
    public AccumulatorV2<Report, @Nullable Report> copy() {
        Reports copy = new Reports();
        copy.latest = latest;
        return copy;
    }

    @Override
    public void reset() {
        latest = null;
    }

    @Override
    public void add(Report report) {
        latest = report;
    }

    @Override
    public void merge(AccumulatorV2<Report, @Nullable Report> other) {
        // Reports of different runs have no sum.
    }

    @Override
    public @Nullable Report value() {
        return latest;
    }
}
