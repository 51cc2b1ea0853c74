package holonomy.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * When something is observed: evenly, as a count per run and not as a number of steps, so that a shorter run never leaves one point; and
 * oftener in windows of steps where more is asked.
 *
 * <p>n observations lie at steps round(i S / (n-1)), i = 0 .. n-1, of S steps, duplicates once; one observation lies at the end. A window
 * adds the steps from, from + every, .. up to its end, as far as the run goes.
 *
 * @param count n
 * @param windows where it is observed oftener; mostly none
 */
public record Cadence(int count, List<Window> windows) {
    /**
     * Steps at which is observed as well.
     *
     * @param every distance, in steps
     * @param from first step
     * @param to last step, if it is one of them
     */
    public record Window(long every, long from, long to) {
        public Window {
            if (every < 1 || from < 0 || to < from) {
                throw new UserError(
                        "cadence: expected a window of at least every step, from 0 or later to no earlier, found every "
                                + every + " in " + from + ".." + to);
            }
        }

        boolean due(long step) {
            return step >= from && step <= to && (step - from) % every == 0;
        }

        LongStream steps(long steps) {
            return LongStream.iterate(from, step -> step <= Math.min(to, steps), step -> step + every);
        }

        @Override
        public String toString() {
            return "every " + every + " in " + from + ".." + to;
        }
    }

    public Cadence {
        if (count < 1) {
            throw new UserError("cadence: expected at least 1 observation per run, found " + count);
        }
        windows = List.copyOf(windows);
    }

    /** n times per run, at the start, at the end and evenly between; and in windows. */
    public static Cadence times(int count, Window... windows) {
        return new Cadence(count, List.of(windows));
    }

    /** Once, at the end. */
    public static Cadence atEnd() {
        return times(1);
    }

    /** Whether something is due after {@code step} of {@code steps} steps. */
    public boolean due(long step, long steps) {
        if (windows.stream().anyMatch(window -> window.due(step))) {
            return true;
        }
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
        LongStream more = windows.stream().flatMapToLong(window -> window.steps(steps));
        return LongStream.concat(even(steps), more).sorted().distinct().toArray();
    }

    private LongStream even(long steps) {
        if (count == 1) {
            return LongStream.of(steps);
        }
        return count > steps
                ? LongStream.rangeClosed(0, steps)
                : LongStream.range(0, count).map(i -> at(i, steps));
    }

    private long at(long i, long steps) {
        return Math.round((double) i * steps / (count - 1));
    }

    /** The cadence under {@code key}: a whole number, or an object where there are windows. */
    public static Cadence fromSpec(Fields fields, String key) {
        if (!fields.node().path(key).isObject()) {
            return times(fields.whole(key));
        }
        Fields with = fields.object(key);
        return new Cadence(
                with.whole("count"),
                with.objects("windows").stream()
                        .map(window -> new Window(window.wide("every"), window.wide("from"), window.wide("to")))
                        .toList());
    }

    /** The cadence as data. */
    public JsonNode spec() {
        if (windows.isEmpty()) {
            return IntNode.valueOf(count);
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Window window : windows) {
            list.addObject().put("every", window.every).put("from", window.from).put("to", window.to);
        }
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("count", count);
        node.set("windows", list);
        return node;
    }

    /** The cadence as part of a file's name: its count, and its windows if there are any. */
    String name() {
        return count
                + windows.stream()
                        .map(window -> "+" + window.every + "in" + window.from + "-" + window.to)
                        .collect(Collectors.joining());
    }
}
