package holonomy.claim;

import holonomy.data.Numbers;
import holonomy.inference.BenjaminiHochberg;
import holonomy.inference.Holm;
import holonomy.inference.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Claims that were tried together. Within a study Holm's correction bounds the chance of a single false 'replicated' among all its claims by 5 %; over all studies the
 * false-discovery rate says how many of what was found are false. A claim that could not be tested belongs to its family with p = 1.
 */
public final class Family {
    private static final double ALPHA = 1 - Interval.LEVEL;

    private Family() {}

    /**
     * A claim as it stands alone.
     *
     * @param study whose claims it is one of
     * @param alone its verdict by its own intervals
     * @param p see {@link Judgement#p}
     */
    public record Member(String study, Verdict alone, double p) {
        public Member {
            p = p >= 0 && p <= 1 ? p : 1;
        }
    }

    /**
     * A claim among the others.
     *
     * @param size number of claims of its study that were at hand
     * @param holm p adjusted by Holm within the study
     * @param discovery p adjusted by Benjamini and Hochberg over all studies at hand
     * @param verdict the verdict alone, or inconclusive where a positive one doesn't stand up to the correction
     */
    public record Place(Member member, int size, double holm, double discovery, Verdict verdict) {
        /** Whether the family took a positive verdict back. */
        public boolean isHeldBack() {
            return verdict != member.alone();
        }

        /** The reason of the verdict, given that of the verdict alone. */
        public String reason(String alone) {
            return isHeldBack()
                    ? String.format(
                            Locale.ROOT,
                            "%s on its own (p %s), not among the %d claims of '%s' (Holm %s): %s",
                            member.alone().words(),
                            Numbers.brief(member.p()),
                            size,
                            member.study(),
                            Numbers.brief(holm),
                            alone)
                    : alone;
        }
    }

    /** The places of claims, in their order. */
    public static List<Place> of(List<Member> members) {
        Map<String, List<Integer>> studies = new LinkedHashMap<>();
        for (int i = 0; i < members.size(); i++) {
            studies.computeIfAbsent(members.get(i).study(), study -> new ArrayList<>())
                    .add(i);
        }
        double[] discovery = BenjaminiHochberg.adjusted(
                members.stream().mapToDouble(Member::p).toArray());
        Place[] places = new Place[members.size()];
        for (List<Integer> study : studies.values()) {
            double[] holm = Holm.adjusted(
                    study.stream().mapToDouble(i -> members.get(i).p()).toArray());
            for (int k = 0; k < holm.length; k++) {
                int i = study.get(k);
                places[i] = place(members.get(i), holm.length, holm[k], discovery[i]);
            }
        }
        return List.of(places);
    }

    private static Place place(Member member, int size, double holm, double discovery) {
        boolean heldBack = member.alone().isPositive() && holm > ALPHA;
        return new Place(member, size, holm, discovery, heldBack ? Verdict.INCONCLUSIVE : member.alone());
    }

    /**
     * How many claims were tried and what stands, in sentences. A statement that doesn't hold passes alone with a chance of at most 2.5 %: only one end of its 95 % interval
     * can err that way.
     */
    public static String words(List<Place> places) {
        long alone = count(places, place -> place.member().alone() == Verdict.REPLICATED);
        long after = count(places, place -> place.verdict() == Verdict.REPLICATED);
        long found = count(places, place -> place.member().alone() == Verdict.REPLICATED && place.discovery() <= ALPHA);
        Map<String, Integer> studies = new LinkedHashMap<>();
        places.forEach(place -> studies.put(place.member().study(), place.size()));
        List<String> each = new ArrayList<>();
        studies.forEach((study, size) -> each.add("'" + study + "' " + size));
        return String.format(
                Locale.ROOT,
                "%s (%s): %d replicated alone, by 95 %% intervals; %d after Holm's correction within the study; %d at a"
                        + " false-discovery rate of 5 %% over all. If none of the statements held, at most %s would be"
                        + " expected to be replicated alone, by chance",
                places.size() == 1 ? "1 claim" : places.size() + " claims",
                String.join(", ", each),
                alone,
                after,
                found,
                Numbers.brief(places.size() * ALPHA / 2));
    }

    private static long count(List<Place> places, java.util.function.Predicate<Place> condition) {
        return places.stream().filter(condition).count();
    }
}
