package holonomy.statistic;

import holonomy.claim.Sampling;
import holonomy.claim.SeedValues;
import holonomy.inference.Scale;
import java.util.SortedMap;
import java.util.TreeMap;

/** How much of an effect goes through one of its consequences: what is left of it where that consequence is held, beside the whole. */
public final class Mediation {
    private Mediation() {}

    /**
     * The share mediated, {@code 1 - mean direct / mean total} over seeds, dimensionless: 0 where holding the consequence changes nothing, 1 where nothing of the effect
     * is left, outside that range where holding it turns the effect round or adds to it. Its interval leaves seeds out of both means. A seed shows its own two numbers'
     * share.
     *
     * @param total effect by seed, for instance a slope
     * @param direct the same with the consequence held, of the same seeds
     */
    public static SeedValues share(SeedValues total, SeedValues direct) {
        SortedMap<Long, Double> own = new TreeMap<>();
        total.bySeed().forEach((seed, whole) -> {
            Double left = direct.bySeed().get(seed);
            if (left != null) {
                own.put(seed, share(whole, left));
            }
        });
        String label = "share mediated: 1 - (" + direct.label() + ") / (" + total.label() + ")";
        return new SeedValues(label, Scale.IDENTITY, own, Sampling.ofMeans(total, direct, Mediation::share));
    }

    private static double share(double total, double direct) {
        return total == 0 ? Double.NaN : 1 - direct / total;
    }
}
