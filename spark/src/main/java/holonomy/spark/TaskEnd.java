package holonomy.spark;

import holonomy.run.Progress.Outcome;
import java.io.Serializable;

/**
 * All that a task gives back.
 *
 * @param id the run's id; empty for a probe
 * @param outcome how it ended; null if it was refused
 * @param cause one line for people when it failed, diverged or was refused
 */
record TaskEnd(String id, @org.jspecify.annotations.Nullable Outcome outcome, String cause) implements Serializable {
    static TaskEnd refused(String why) {
        return new TaskEnd("", null, why);
    }

    boolean isRefused() {
        return outcome == null;
    }
}
