package holonomy.claim;

import holonomy.inference.Interval;
import holonomy.inference.Proportion;
import holonomy.inference.Scale;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Seeds until decided: claims are looked at after few, fixed numbers of seeds, and seeds are added while the verdict is open. The error of all looks together is at
 * most {@code 1 - }{@link Interval#LEVEL}: each of K looks has intervals of level {@code 1 - .05/K}, so whatever the looks have to do with each other, the chance that any of
 * their intervals misses is at most .05 (Bonferroni's inequality; group-sequential looks: Jennison and Turnbull 1999).
 *
 * @param looks numbers of seeds, ascending
 */
public record Sequential(List<Integer> looks) {
    /** Where claims are looked at: beyond the last, seeds are spent on an effect below half a standard deviation. */
    public static final List<Integer> USUAL = List.of(3, 6, 10, 20);

    public Sequential {
        looks = List.copyOf(looks);
    }

    /** The first look at the seeds that were declared, then the usual ones beyond. */
    public static Sequential from(int declared) {
        IntStream later = USUAL.stream().mapToInt(Integer::intValue).filter(n -> n > declared);
        return new Sequential(
                IntStream.concat(IntStream.of(declared), later).boxed().toList());
    }

    /** Coverage of each look's intervals. */
    public double level() {
        return 1 - (1 - Interval.LEVEL) / looks.size();
    }

    /** The verdict of a look. */
    public Judgement judge(Claim claim) {
        return Judge.judge(claim.of(values -> values.at(level())));
    }

    /**
     * Whether more seeds can change a verdict: it is open, every condition holds and the value is defined. A run that lacks the value lacks it with more seeds, too.
     */
    public static boolean isOpen(Judgement judgement) {
        return judgement.verdict() == Verdict.INCONCLUSIVE
                && judgement.claim().conditions().stream().allMatch(Claim.Condition::holds)
                && judgement.estimate().isDefined();
    }

    /** The first look after n seeds that would decide the claim, should further seeds spread about the present value as these do; none of them, empty. */
    public OptionalInt likely(Claim claim, int n) {
        return looks.stream()
                .mapToInt(Integer::intValue)
                .filter(look -> look > n
                        && judge(claim.of(values -> values.extended(look))).verdict() != Verdict.INCONCLUSIVE)
                .findFirst();
    }

    /** Whether n seeds can decide a claim, whatever comes out. Only outcomes can be too few to: k of n for every k leave the claim open. */
    public static boolean canDecide(Claim claim, int n, double level) {
        Claim.ClaimedSet claimed = claim.claimed();
        return claim.measured().scale() != Scale.OUTCOME
                || IntStream.rangeClosed(0, n)
                        .mapToObj(k -> Proportion.wilson(k, n, level))
                        .anyMatch(share -> share.liesWithin(claimed.low(), claimed.high())
                                || share.liesOutside(claimed.low(), claimed.high()));
    }
}
