package holonomy.statistic;

import holonomy.claim.SeedValues;
import holonomy.data.Numbers;
import holonomy.inference.Estimate;
import holonomy.inference.SignFlip;
import java.util.Arrays;

/** The exact sign-flip test of differences in words, with the smallest p that so many seeds allow. */
public final class SignTest {
    private SignTest() {}

    /** For a label. */
    public static String words(double[] differences) {
        String seeds = seeds(differences.length);
        if (differences.length == 0 || differences.length > SignFlip.MOST || isUndefined(differences)) {
            return "no sign-flip test of " + seeds + (differences.length > SignFlip.MOST ? "" : ", a value is missing");
        }
        SignFlip test = SignFlip.of(differences);
        return "exact sign-flip p " + Numbers.brief(test.twoSided()) + " of " + seeds + ", floor "
                + Numbers.brief(test.floor());
    }

    /** A sentence on a difference paired by seed: its mean with the 95 % interval, and the test. */
    public static String contrast(String what, SeedValues difference) {
        double[] values = difference.values();
        if (values.length == 0) {
            return what + ": no seed has both.";
        }
        if (isUndefined(values)) {
            return what + ": undefined in at least one of " + seeds(values.length) + ".";
        }
        Estimate estimate = difference.estimate();
        String interval = estimate.isBounded()
                ? "95 % interval " + Numbers.brief(estimate.low()) + " to " + Numbers.brief(estimate.high()) + ", "
                : "";
        return what + ": " + Numbers.brief(estimate.value()) + " (" + interval + "n = " + seeds(values.length)
                + flipped(values) + ").";
    }

    private static String flipped(double[] values) {
        if (values.length > SignFlip.MOST) {
            return "";
        }
        SignFlip test = SignFlip.of(values);
        return "; exact sign-flip p = " + Numbers.brief(test.twoSided()) + ", not below " + Numbers.brief(test.floor())
                + " with so many";
    }

    private static boolean isUndefined(double[] values) {
        return !Arrays.stream(values).allMatch(Double::isFinite);
    }

    private static String seeds(int count) {
        return count == 1 ? "1 seed" : count + " seeds";
    }
}
