package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A window of a run's path, told from its first snapshot (arXiv 2602.23696, the controls; spec/backbone.md, 4.26).
 *
 * @param from where it begins, as a share of the run's steps; dimensionless
 * @param to where it ends
 */
public record PathWindow(double from, double to) {
    /** Updates set beside a window's backbone take this share of the run's steps. */
    private static final double UPDATE = .05;

    /** Steps 600 to 2,000 of 4,000, as published. */
    public static final PathWindow PUBLISHED = new PathWindow(.15, .5);

    public PathWindow {
        if (!(from >= 0 && from < to && to <= 1)) {
            throw new UserError("backbone: expected a window from a share of the steps to a later one, within 0 to 1;"
                    + " found " + from + " to " + to);
        }
    }

    long first(long steps) {
        return Math.round(from * steps);
    }

    long last(long steps) {
        return Math.round(to * steps);
    }

    /** Steps of an update: a twentieth of the run's, 200 of 4,000 as published. */
    long lag(long steps) {
        return Math.max(1, Math.round(UPDATE * steps));
    }

    /** The steps at which updates begin, one after the other from the window's first step to the end of the run. */
    List<Long> updates(long steps) {
        long lag = lag(steps);
        return LongStream.iterate(first(steps), step -> step + lag <= steps, step -> step + lag)
                .boxed()
                .toList();
    }

    /** The steps at which there must be snapshots. */
    LongStream needed(long steps) {
        LongStream ends = updates(steps).stream().mapToLong(step -> step + lag(steps));
        return LongStream.concat(LongStream.of(first(steps), last(steps)), ends);
    }

    ObjectNode spec() {
        return JsonNodeFactory.instance.objectNode().put("from", from).put("to", to);
    }

    static PathWindow fromSpec(Fields fields) {
        return new PathWindow(fields.number("from"), fields.number("to"));
    }
}
