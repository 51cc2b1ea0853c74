package holonomy.experiment;

import holonomy.experiment.Judgement.NullOutcome;
import holonomy.experiment.Judgement.Standing;
import holonomy.stats.Estimate;
import holonomy.stats.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rules of a verdict, in one place.
 *
 * <pre>
 *   a condition fails, or fewer than two seeds        inconclusive
 *   interval outside the claimed set                  not replicated
 *   a null explains the value                         not replicated
 *   interval inside, every null beaten                replicated
 *   else                                              inconclusive
 * </pre>
 */
public final class Judge {
    private static final int FEWEST_SEEDS = 2;

    private Judge() {}

    /** Judges a claim by the 95 % intervals over its seeds. */
    public static Judgement judge(Claim claim) {
        Estimate estimate = claim.measured().estimate();
        List<NullOutcome> nulls = new ArrayList<>();
        for (Claim.Null nullValue : claim.nulls()) {
            nulls.add(outcome(claim.measured(), nullValue));
        }
        for (Claim.Condition condition : claim.conditions()) {
            if (!condition.holds()) {
                return new Judgement(
                        claim,
                        estimate,
                        nulls,
                        Verdict.INCONCLUSIVE,
                        "needs: " + condition.text() + "; found " + condition.found());
            }
        }
        if (estimate.n() < FEWEST_SEEDS) {
            return new Judgement(
                    claim, estimate, nulls, Verdict.INCONCLUSIVE, seeds(estimate.n()) + ": no interval over seeds");
        }
        if (!estimate.isDefined()) {
            return new Judgement(
                    claim, estimate, nulls, Verdict.INCONCLUSIVE, "the value is undefined in at least one seed");
        }
        return weigh(claim, estimate, nulls);
    }

    private static Judgement weigh(Claim claim, Estimate estimate, List<NullOutcome> nulls) {
        Claim.ClaimedSet claimed = claim.claimed();
        boolean inside = estimate.low() >= claimed.low() && estimate.high() <= claimed.high();
        boolean outside = estimate.high() < claimed.low() || estimate.low() > claimed.high();
        if (outside) {
            return new Judgement(
                    claim, estimate, nulls, Verdict.NOT_REPLICATED, "the interval lies outside " + claimed);
        }
        List<String> explaining = names(nulls, Standing.EXPLAINS);
        if (!explaining.isEmpty()) {
            return new Judgement(
                    claim,
                    estimate,
                    nulls,
                    Verdict.NOT_REPLICATED,
                    "explained by the null: " + String.join(", ", explaining));
        }
        List<String> open = names(nulls, Standing.OPEN);
        if (!inside) {
            return new Judgement(claim, estimate, nulls, Verdict.INCONCLUSIVE, straddles(claim));
        }
        if (!open.isEmpty()) {
            return new Judgement(
                    claim,
                    estimate,
                    nulls,
                    Verdict.INCONCLUSIVE,
                    "the excess over a null straddles its margin: " + String.join(", ", open));
        }
        String beaten = nulls.isEmpty() ? "" : " and beats " + String.join(", ", names(nulls, Standing.BEATEN));
        return new Judgement(claim, estimate, nulls, Verdict.REPLICATED, "the interval lies in " + claimed + beaten);
    }

    /** Outcomes that all agree can still leave the other side open: there are too few of them. */
    private static String straddles(Claim claim) {
        double[] values = claim.measured().values();
        boolean agree = claim.measured().scale() == Scale.OUTCOME
                && Arrays.stream(values).distinct().count() == 1;
        String few = agree ? "all " + seeds(values.length) + " agree, too few to tell: " : "";
        return few + "the interval straddles the edge of " + claim.claimed();
    }

    private static NullOutcome outcome(SeedValues measured, Claim.Null nullValue) {
        Estimate excess = measured.minus(nullValue.values()).estimate();
        double value = Arrays.stream(nullValue.values().values()).average().orElse(Double.NaN);
        double sign = nullValue.side() == Claim.Side.ABOVE ? 1 : -1;
        double near = sign > 0 ? excess.low() : -excess.high();
        double far = sign > 0 ? excess.high() : -excess.low();
        Standing standing = near > nullValue.margin()
                ? Standing.BEATEN
                : far <= nullValue.margin() ? Standing.EXPLAINS : Standing.OPEN;
        return new NullOutcome(nullValue, value, excess, standing);
    }

    private static List<String> names(List<NullOutcome> nulls, Standing standing) {
        return nulls.stream()
                .filter(outcome -> outcome.standing() == standing)
                .map(outcome -> outcome.nullValue().name())
                .toList();
    }

    private static String seeds(int n) {
        return n == 1 ? "1 seed" : n + " seeds";
    }
}
