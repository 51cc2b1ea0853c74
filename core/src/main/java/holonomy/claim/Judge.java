package holonomy.claim;

import holonomy.claim.Judgement.NullOutcome;
import holonomy.claim.Judgement.Standing;
import holonomy.data.Numbers;
import holonomy.inference.Estimate;
import holonomy.inference.Interval;
import holonomy.inference.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The rules of a verdict, in one place.
 *
 * <pre>
 *   a condition fails, or fewer than two seeds        inconclusive
 *   all seeds equal, and no grain known, or too few   inconclusive
 *   interval outside the claimed set                  not replicated
 *   a null explains the value                         explained by a null
 *   interval inside, every null beaten, and
 *     no size published, or interval inside it        replicated
 *     interval outside the published size             direction as published, size not
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
            nulls.add(Excess.over(claim.measured(), nullValue).outcome());
        }
        return untestable(claim, estimate)
                .map(why -> new Judgement(claim, estimate, nulls, Verdict.INCONCLUSIVE, why, 1))
                .orElseGet(() -> weigh(claim, estimate, nulls));
    }

    private static Optional<String> untestable(Claim claim, Estimate estimate) {
        for (Claim.Condition condition : claim.conditions()) {
            if (!condition.holds()) {
                return Optional.of("needs: " + condition.text() + "; found " + condition.found());
            }
        }
        // A number of all runs that is undefined has no seed, however many there are: what lacks isn't seeds.
        if (estimate.n() < FEWEST_SEEDS && !claim.measured().bySeed().isEmpty()) {
            return Optional.of(seeds(estimate.n()) + ": no interval over seeds");
        }
        if (!estimate.isDefined()) {
            return Optional.of("the value is undefined" + where(claim.measured()));
        }
        return estimate.isFlat()
                ? Optional.of("all " + seeds(estimate.n()) + " equal, and how coarsely they are read is not known:"
                        + " no interval over seeds")
                : Optional.empty();
    }

    /** The seeds without a value; where each has one it is what they give together that is undefined. */
    private static String where(SeedValues values) {
        List<String> seeds = values.bySeed().entrySet().stream()
                .filter(seed -> seed.getValue().isNaN())
                .map(seed -> String.valueOf(seed.getKey()))
                .toList();
        if (seeds.isEmpty()) {
            return "";
        }
        return (seeds.size() == 1 ? " in seed " : " in seeds ") + String.join(", ", seeds);
    }

    private static Judgement weigh(Claim claim, Estimate estimate, List<NullOutcome> nulls) {
        Claim.ClaimedSet claimed = claim.claimed();
        double p = p(claim);
        List<String> explaining = names(nulls, Standing.EXPLAINS);
        List<String> open = names(nulls, Standing.OPEN);
        if (claimed.excludes(estimate)) {
            return new Judgement(
                    claim, estimate, nulls, Verdict.NOT_REPLICATED, "the interval lies outside " + claimed, p);
        }
        if (!explaining.isEmpty()) {
            String reason = (claimed.holds(estimate) ? "the interval lies in " + claimed + ", but " : "")
                    + "explained by the null: " + String.join(", ", explaining);
            return new Judgement(claim, estimate, nulls, Verdict.EXPLAINED, reason, p);
        }
        if (!claimed.holds(estimate)) {
            return new Judgement(claim, estimate, nulls, Verdict.INCONCLUSIVE, straddles(claim), p);
        }
        if (!open.isEmpty()) {
            String reason = "the excess over a null straddles its margin: " + String.join(", ", open);
            return new Judgement(claim, estimate, nulls, Verdict.INCONCLUSIVE, reason, p);
        }
        return sized(claim, estimate, nulls, p);
    }

    /** The set holds and the nulls are beaten: whether the size is the published one, too. */
    private static Judgement sized(Claim claim, Estimate estimate, List<NullOutcome> nulls, double p) {
        String beaten = nulls.isEmpty() ? "" : " and beats " + String.join(", ", names(nulls, Standing.BEATEN));
        String holds = "the interval lies in " + claim.claimed() + beaten;
        if (p > 1 - Interval.LEVEL) {
            String reason = holds + ", but all " + seeds(estimate.n())
                    + " are equal to their grain: the sign test's p of " + Numbers.brief(p) + " is too large";
            return new Judgement(claim, estimate, nulls, Verdict.INCONCLUSIVE, reason, p);
        }
        Claim.ClaimedSet size = claim.size();
        if (size == null) {
            return new Judgement(claim, estimate, nulls, Verdict.REPLICATED, holds, p);
        }
        if (size.excludes(estimate)) {
            String reason = holds + ", outside the published " + size;
            return new Judgement(claim, estimate, nulls, Verdict.DIRECTION_ONLY, reason, p);
        }
        double withSize = Math.max(p, p(claim.measured(), size));
        if (size.holds(estimate)) {
            String reason = holds + ", and in the published " + size;
            return new Judgement(claim, estimate, nulls, Verdict.REPLICATED, reason, withSize);
        }
        String reason = "direction as published, size open: the interval straddles the edge of the published " + size;
        return new Judgement(claim, estimate, nulls, Verdict.INCONCLUSIVE, reason, withSize);
    }

    /** The largest of the p-values of set and nulls: each of them must be borne out (intersection-union). */
    private static double p(Claim claim) {
        double p = p(claim.measured(), claim.claimed());
        for (Claim.Null nullValue : claim.nulls()) {
            p = Math.max(p, Excess.over(claim.measured(), nullValue).p());
        }
        return p;
    }

    private static double p(SeedValues measured, Claim.ClaimedSet set) {
        return measured.p(set::holds);
    }

    /** Outcomes that all agree can still leave the other side open: there are too few of them. */
    private static String straddles(Claim claim) {
        double[] values = claim.measured().values();
        boolean agree = claim.measured().scale() == Scale.OUTCOME
                && Arrays.stream(values).distinct().count() == 1;
        String few = agree ? "all " + seeds(values.length) + " agree, too few to tell: " : "";
        return few + "the interval straddles the edge of " + claim.claimed();
    }

    /**
     * A number beside its null, seed by seed, on the number's scale.
     *
     * @param margin on the scale
     */
    private record Excess(Claim.Null nullValue, double value, SeedValues contrast, String word, double margin) {
        static Excess over(SeedValues measured, Claim.Null nullValue) {
            Scale by = measured.contrastedOn(nullValue.values());
            double value = Arrays.stream(nullValue.values().values()).average().orElse(Double.NaN);
            double margin = nullValue.margin().on(measured.scale(), by, value, nullValue.side());
            SeedValues contrast = measured.beside(nullValue.values());
            return new Excess(nullValue, value, contrast, Interval.contrastWord(by), margin);
        }

        NullOutcome outcome() {
            Estimate excess = contrast.estimate();
            Standing standing =
                    near(excess) > margin ? Standing.BEATEN : far(excess) <= margin ? Standing.EXPLAINS : Standing.OPEN;
            return new NullOutcome(
                    nullValue, value, excess, word, contrast.scale().back(sign() * margin), standing);
        }

        double p() {
            return contrast.p(excess -> near(excess) > margin);
        }

        private double sign() {
            return nullValue.side() == Claim.Side.ABOVE ? 1 : -1;
        }

        private double near(Estimate excess) {
            return sign() * contrast.scale().forward(sign() > 0 ? excess.low() : excess.high());
        }

        private double far(Estimate excess) {
            return sign() * contrast.scale().forward(sign() > 0 ? excess.high() : excess.low());
        }
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
