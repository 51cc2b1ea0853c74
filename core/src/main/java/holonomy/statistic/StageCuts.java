package holonomy.statistic;

import holonomy.task.StagedTask;
import holonomy.task.Task;
import java.util.ArrayList;
import java.util.List;

/** Where the stages of a training begin and end. */
public final class StageCuts {
    private StageCuts() {}

    /** Step before each stage of a task, and the end: one more than there are stages; a task without stages has one. */
    public static List<Long> ends(Task task, long steps) {
        if (!(task instanceof StagedTask staged)) {
            return List.of(0L, steps);
        }
        List<Long> ends = new ArrayList<>(List.of(0L));
        for (StagedTask.Stage stage : staged.stages()) {
            ends.add(ends.get(ends.size() - 1) + stage.batches());
        }
        return ends;
    }
}
