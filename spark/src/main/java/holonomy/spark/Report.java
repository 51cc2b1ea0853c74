package holonomy.spark;

import java.io.Serializable;

/**
 * How far a run is.
 *
 * @param fromStep where this training began, above 0 after a checkpoint
 * @param steps its number of steps in all
 * @param step steps taken
 * @param loss training loss of the latest batch in nats; NaN before the first
 */
record Report(String id, String label, long fromStep, long steps, long step, double loss) implements Serializable {
    Report advanced(long now, double latest) {
        return new Report(id, label, fromStep, steps, now, latest);
    }
}
