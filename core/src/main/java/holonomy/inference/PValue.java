package holonomy.inference;

import java.util.function.DoublePredicate;

/** The p-value that belongs to an interval. */
public final class PValue {
    /** No p-value is said to be smaller. */
    public static final double FLOOR = 1e-6;

    private static final double USUAL = 1 - Interval.LEVEL;
    private static final double RELATIVE = 1e-6;

    private PValue() {}

    /**
     * {@code inf alpha} such that the interval of coverage {@code 1 - alpha} lies where it is claimed to; 1 if none does. It is at most .05 exactly where the 95 % interval
     * does. The interval's two ends err in {@code alpha/2} each, so a statement that is false passes with a chance of at most {@code alpha/2}.
     *
     * @param lies whether the interval of a coverage lies there; false at a larger coverage wherever it is false at a smaller one
     */
    public static double of(DoublePredicate lies) {
        boolean usual = lies.test(Interval.LEVEL);
        double fails = usual ? FLOOR : USUAL;
        double holds = usual ? USUAL : 1 - FLOOR;
        if (usual && lies.test(1 - FLOOR)) {
            return FLOOR;
        }
        if (!usual && !lies.test(FLOOR)) {
            return 1;
        }
        while (holds - fails > RELATIVE * fails) {
            double middle = Math.sqrt(fails * holds);
            if (lies.test(1 - middle)) {
                holds = middle;
            } else {
                fails = middle;
            }
        }
        return holds;
    }
}
