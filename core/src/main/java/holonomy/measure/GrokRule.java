package holonomy.measure;

import java.util.OptionalLong;

/** Since when a network generalises: three rules that sources use side by side and that differ by hundreds of steps (arXiv 2602.16746). */
public enum GrokRule {
    /** The third of three evaluations in a row with a test accuracy of at least .98. */
    THREE_AT_98("three evaluations at .98", .98, 3),
    /** The first evaluation with a test accuracy of at least .98. */
    FIRST_AT_98("first at .98", .98, 1),
    /** The first evaluation with a test accuracy of at least .90. */
    FIRST_AT_90("first at .90", .9, 1);

    private final String words;
    private final double accuracy;
    private final int inARow;

    GrokRule(String words, double accuracy, int inARow) {
        this.words = words;
        this.accuracy = accuracy;
        this.inARow = inARow;
    }

    /** The rule, as figures and labels say it. */
    public String words() {
        return words;
    }

    /**
     * The step at which the rule is met; empty when it never is (a censored run).
     *
     * @param steps steps of the evaluations, ascending
     * @param testAccuracy test accuracy at each, dimensionless
     */
    public OptionalLong step(long[] steps, double[] testAccuracy) {
        int met = 0;
        for (int i = 0; i < steps.length; i++) {
            met = testAccuracy[i] >= accuracy ? met + 1 : 0;
            if (met == inARow) {
                return OptionalLong.of(steps[i]);
            }
        }
        return OptionalLong.empty();
    }
}
