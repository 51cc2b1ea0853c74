package holonomy.statistic;

import holonomy.task.StagedTask;
import holonomy.task.Task;

/** Where the stages of a training begin and end. */
public final class StageCuts {
    private StageCuts() {}

    /** Step before each stage of a task, and the end: one more than there are stages; a task without stages has one. */
    public static long[] ends(Task task, long steps) {
        if (!(task instanceof StagedTask staged)) {
            return new long[] {0, steps};
        }
        long[] ends = new long[staged.stages().size() + 1];
        for (int i = 1; i < ends.length; i++) {
            ends[i] = ends[i - 1] + staged.stages().get(i - 1).batches();
        }
        return ends;
    }
}
