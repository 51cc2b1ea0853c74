package holonomy.claim;

import holonomy.inference.Estimate;
import java.util.List;

/**
 * A claim with its estimate, its nulls and its verdict.
 *
 * @param claim what was judged
 * @param estimate mean over seeds with its 95 % interval
 * @param nulls how the measured value stands to each null
 * @param verdict what became of it
 * @param reason why, in one sentence
 * @param p the smallest level at which the intervals no longer bear the statement out, the largest over set and nulls ({@link holonomy.inference.PValue}); at most .05
 *     exactly where the verdict is positive. 1 where nothing can be tested
 */
public record Judgement(
        Claim claim, Estimate estimate, List<NullOutcome> nulls, Verdict verdict, String reason, double p) {

    /**
     * A null's own value and the measured excess over it.
     *
     * @param nullValue the null, with no opinion
     * @param value mean of the null over seeds
     * @param excess measured beside null, paired within the seed, with its 95 % interval: a difference, a ratio, an odds ratio
     * @param contrast which of these
     * @param margin the excess that matters, in the same unit
     * @param standing what the interval of the excess says
     */
    public record NullOutcome(
            Claim.Null nullValue, double value, Estimate excess, String contrast, double margin, Standing standing) {}

    /** What the interval of the excess over a null says. */
    public enum Standing {
        /** The whole interval lies beyond the margin on the claimed side. */
        BEATEN,
        /** The whole interval lies within the margin or on the other side: the null gives as much. */
        EXPLAINS,
        /** The interval straddles. */
        OPEN
    }
}
