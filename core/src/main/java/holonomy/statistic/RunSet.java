package holonomy.statistic;

import holonomy.claim.SeedValues;
import holonomy.data.Table;
import holonomy.inference.Scale;
import holonomy.measure.Measure;
import holonomy.store.StoredRun;
import holonomy.task.EvaluationSet;
import holonomy.task.Task;
import holonomy.train.RunSpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Runs side by side, whose numbers can be read. A number is computed per run; runs are told apart by their ids. */
public interface RunSet {
    /** The column of long tables that tells runs apart: their ids. */
    Table.Column RUN = Table.text("run");

    /** The seed a run belongs to: the unit of replication. */
    Table.Column SEED = Table.text("seed");

    /** The largest number of markers of a run's task; 0 for a task without markers. */
    Table.Column MOST_MARKERS = Table.whole("m_max");

    /** {@link #MOST_MARKERS} of a task. */
    static int mostMarkers(Task task) {
        return Arrays.stream(EvaluationSet.markers(task)).max().orElse(0);
    }

    /**
     * A finished run.
     *
     * @param name its label, for people
     * @param seed the unit of replication it belongs to
     * @param task as it was asked for, before it got its seed
     */
    record Member(String name, long seed, Task task, RunSpec spec, StoredRun stored) {
        public String id() {
            return stored.id();
        }
    }

    /** The rows of a measure that were known by a step, that step included. */
    static Table upTo(long step, Table rows) {
        return rows.where(row -> row.number(Measure.STEP) <= step);
    }

    /** The runs that finished. */
    List<Member> members();

    /** The rows of a measure of all runs, with at least the columns {@link #RUN}, {@link #SEED} and {@link #MOST_MARKERS} before its own. */
    Table table(Measure measure);

    /**
     * One number per seed; those of runs of one seed are reduced as it was said of the set.
     *
     * @param number of a run, by its id; NaN where undefined
     */
    SeedValues perSeed(String label, Scale scale, ToDoubleFunction<Member> number);
}
