package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;

/**
 * The factor on the learning rate over steps: linear warm-up from 0, then constant, or a half cosine down to a floor.
 *
 * <pre>
 *   factor(s) = (s+1) / warmup                                    for s &lt; warmup
 *             = 1                                                 constant
 *             = floor + (1-floor) (1 + cos(pi (s-warmup)/(steps-warmup))) / 2     cosine
 * </pre>
 *
 * @param shape what follows the warm-up
 * @param warmup steps of warm-up; 0 for none
 * @param floor factor at the end of a cosine; dimensionless
 */
public record Schedule(Shape shape, long warmup, double floor) {
    /** What follows the warm-up. */
    public enum Shape {
        CONSTANT,
        COSINE
    }

    public Schedule {
        if (warmup < 0 || !(floor >= 0 && floor <= 1)) {
            throw new UserError("schedule: expected warm-up steps of at least 0 and a floor in [0, 1], found " + warmup
                    + " and " + floor);
        }
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

    /** Factor of the step numbered {@code step} (0 is the first) of {@code steps}; dimensionless. */
    public double factor(long step, long steps) {
        if (step < warmup) {
            return (step + 1.0) / warmup;
        }
        if (shape == Shape.CONSTANT) {
            return 1;
        }
        double progress = (double) (step - warmup) / Math.max(1, steps - warmup);
        return floor + (1 - floor) * (1 + StrictMath.cos(Math.PI * progress)) / 2;
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
        return shape == Shape.CONSTANT;
    }

    ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        return node.put("shape", shape.name()).put("warmup", warmup).put("floor", floor);
    }

    static Schedule fromSpec(Fields fields) {
        return new Schedule(fields.oneOf("shape", Shape.class), fields.wide("warmup"), fields.number("floor"));
    }
}
