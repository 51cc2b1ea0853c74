package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.ArrayList;
import java.util.List;

/**
 * A factor over steps, on the learning rate or on a group's part in the loss: linear warm-up from 0, then constant, a half cosine down to a floor or cut off at one,
 * or one level after the other.
 *
 * <pre>
 *   factor(s) = (s+1) / warmup                                    for s &lt; warmup
 *             = 1                                                 constant
 *             = floor + (1-floor) (1 + cos(pi (s-warmup)/(steps-warmup))) / 2     cosine
 *             = max(floor, (1 + cos(pi (s+1-warmup)/(steps-warmup))) / 2)         cut cosine
 *             = the last level that has begun                     stepped
 * </pre>
 *
 * @param shape what follows the warm-up
 * @param warmup steps of warm-up; 0 for none
 * @param floor least factor after the warm-up of a cosine; dimensionless
 * @param levels of a stepped one, in the order of their steps, the first from step 0 on
 */
public record Schedule(Shape shape, long warmup, double floor, List<Level> levels) {
    /** What follows the warm-up. */
    public enum Shape {
        CONSTANT,
        COSINE,
        /** As published in arXiv 2602.23696: one step ahead of the above, and constant once the floor is reached. */
        CUT_COSINE,
        STEPPED
    }

    /**
     * A factor that holds until the next one begins.
     *
     * @param from the step it begins with (0 is the first)
     * @param factor dimensionless
     */
    public record Level(long from, double factor) {}

    /** Without levels. */
    public Schedule(Shape shape, long warmup, double floor) {
        this(shape, warmup, floor, List.of());
    }

    public Schedule {
        levels = List.copyOf(levels);
        requireLevels(shape, warmup, levels);
        if (warmup < 0 || !(floor >= 0 && floor <= 1)) {
            throw new UserError("schedule: expected warm-up steps of at least 0 and a floor in [0, 1], found " + warmup
                    + " and " + floor);
        }
    }

    private static void requireLevels(Shape shape, long warmup, List<Level> levels) {
        boolean ordered = levels.isEmpty() || levels.get(0).from() == 0;
        for (int i = 1; i < levels.size(); i++) {
            ordered &= levels.get(i).from() > levels.get(i - 1).from();
        }
        boolean sound = levels.stream().allMatch(level -> level.factor() >= 0 && Double.isFinite(level.factor()));
        if (!ordered
                || !sound
                || (shape == Shape.STEPPED) == levels.isEmpty()
                || (shape == Shape.STEPPED && warmup > 0)) {
            throw new UserError(
                    "schedule: expected levels of a stepped schedule without warm-up, from step 0 on and in the"
                            + " order of their steps, each a number of at least 0; found " + shape + " with " + levels);
        }
    }

    /** A level throughout, until {@link #then} another one begins. */
    public static Schedule level(double factor) {
        return new Schedule(Shape.STEPPED, 0, 0, List.of(new Level(0, factor)));
    }

    /** This stepped schedule, and from a step on (0 is the first) another level. */
    public Schedule then(double factor, long from) {
        List<Level> more = new ArrayList<>(levels);
        more.add(new Level(from, factor));
        return new Schedule(shape, warmup, floor, more);
    }

    /** Factor 1 throughout. */
    public static Schedule constant() {
        return new Schedule(Shape.CONSTANT, 0, 0);
    }

    /** Linear warm-up, then constant. */
    public static Schedule warmup(long steps) {
        return new Schedule(Shape.CONSTANT, steps, 0);
    }

    /** Linear warm-up, then a half cosine to {@code floor}. */
    public static Schedule cosine(long warmup, double floor) {
        return new Schedule(Shape.COSINE, warmup, floor);
    }

    /** Linear warm-up, then a half cosine to 0 that is cut off at {@code floor}. */
    public static Schedule cutCosine(long warmup, double floor) {
        return new Schedule(Shape.CUT_COSINE, warmup, floor);
    }

    /** Factor of the step numbered {@code step} (0 is the first) of {@code steps}; dimensionless. */
    public double factor(long step, long steps) {
        if (step < warmup) {
            return (step + 1.0) / warmup;
        }
        if (shape == Shape.CONSTANT) {
            return 1;
        }
        if (shape == Shape.STEPPED) {
            return levels.stream()
                    .filter(level -> level.from() <= step)
                    .reduce((earlier, later) -> later)
                    .orElseThrow()
                    .factor();
        }
        boolean cut = shape == Shape.CUT_COSINE;
        double progress = (double) (step + (cut ? 1 : 0) - warmup) / Math.max(1, steps - warmup);
        double cosine = (1 + StrictMath.cos(Math.PI * progress)) / 2;
        return cut ? Math.max(floor, cosine) : floor + (1 - floor) * cosine;
    }

    /**
     * The product over steps {@code from .. to - 1} of 1 - rate x factor x decay: what is left of a weight that shrinks by the schedule, dimensionless.
     *
     * @param rate learning rate before the factor
     * @param steps of the whole training
     */
    double shrunk(double rate, double decay, long steps, long from, long to) {
        double left = 1;
        long step = from;
        for (; step < to && !(shape == Shape.CONSTANT && step >= warmup); step++) {
            left *= 1 - rate * factor(step, steps) * decay;
        }
        return step < to ? left * Math.pow(1 - rate * decay, to - step) : left;
    }

    /** Whether more steps would leave the earlier ones as they are. */
    public boolean extendable() {
        return shape != Shape.COSINE && shape != Shape.CUT_COSINE;
    }

    ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("shape", shape.name()).put("warmup", warmup).put("floor", floor);
        levels.forEach(level ->
                node.withArray("levels").addObject().put("from", level.from()).put("factor", level.factor()));
        return node;
    }

    static Schedule fromSpec(Fields fields) {
        List<Level> levels = new ArrayList<>();
        if (fields.has("levels")) {
            fields.objects("levels")
                    .forEach(level -> levels.add(new Level(level.wide("from"), level.number("factor"))));
        }
        return new Schedule(fields.oneOf("shape", Shape.class), fields.wide("warmup"), fields.number("floor"), levels);
    }
}
