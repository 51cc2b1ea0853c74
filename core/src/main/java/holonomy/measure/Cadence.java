package holonomy.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import holonomy.data.UserError;
import java.util.stream.LongStream;

/**
 * When something is observed, as a count per run and not as a number of steps, so that a shorter run never leaves one point.
 *
 * <p>n observations lie at steps round(i S / (n-1)), i = 0 .. n-1, of S steps, duplicates once; one observation lies at the end.
 *
 * @param count n
 */
public record Cadence(int count) {
    public Cadence {
        if (count < 1) {
            throw new UserError("cadence: expected at least 1 observation per run, found " + count);
        }
    }

    /** n times per run, at the start, at the end and evenly between. */
    public static Cadence times(int count) {
        return new Cadence(count);
    }

    /** Once, at the end. */
    public static Cadence atEnd() {
        return new Cadence(1);
    }

    /** Whether something is due after {@code step} of {@code steps} steps. */
    public boolean due(long step, long steps) {
        if (count == 1) {
            return step == steps;
        }
        long nearest = Math.round((double) step * (count - 1) / steps);
        return at(nearest, steps) == step
                || (nearest > 0 && at(nearest - 1, steps) == step)
                || (nearest < count - 1 && at(nearest + 1, steps) == step);
    }

    /** All steps of a run of {@code steps} steps after which something is due, ascending. */
    public long[] steps(long steps) {
        if (count == 1) {
            return new long[] {steps};
        }
        return count > steps
                ? LongStream.rangeClosed(0, steps).toArray()
                : LongStream.range(0, count).map(i -> at(i, steps)).distinct().toArray();
    }

    private long at(long i, long steps) {
        return Math.round((double) i * steps / (count - 1));
    }

    JsonNode spec() {
        return IntNode.valueOf(count);
    }
}
