package holonomy.probe;

import holonomy.data.Table;
import holonomy.task.RandomSequence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Chooses latents: the most variable, the most correlated, and random ones that fire as often. */
final class LatentSets {
    private static final int NEAREST = 5;

    private final Latents latents;
    private final Table attribution;

    LatentSets(Latents latents, Table attribution) {
        this.latents = latents;
        this.attribution = attribution;
    }

    /** The {@code count} latents of largest variance. */
    int[] mostVariable(int count) {
        return IntStream.range(0, size())
                .boxed()
                .sorted(Comparator.comparingDouble(j -> -latents.variance()[j]))
                .limit(count)
                .mapToInt(j -> j)
                .toArray();
    }

    /** The {@code count} latents of largest strength; fewer where fewer have one. */
    int[] mostCorrelated(Attribute attribute, int count) {
        return attribution.rows().stream()
                .filter(row -> row.text("attribute").equals(attribute.label())
                        && row.number("rank") <= count
                        && !Double.isNaN(row.number("strength")))
                .mapToInt(row -> (int) row.number("latent"))
                .toArray();
    }

    /** As many latents outside a set, each drawn from the five nearest in firing rate to one of the set; empty where too few are alive. */
    int[] randomLike(int[] set, RandomSequence random) {
        List<Integer> free = new ArrayList<>();
        for (int j = 0; j < size(); j++) {
            int latent = j;
            if (latents.firing()[j] > 0 && IntStream.of(set).noneMatch(member -> member == latent)) {
                free.add(j);
            }
        }
        if (free.size() < set.length) {
            return new int[0];
        }
        int[] chosen = new int[set.length];
        for (int i = 0; i < set.length; i++) {
            double rate = latents.firing()[set[i]];
            free.sort(Comparator.comparingDouble(j -> Math.abs(latents.firing()[j] - rate)));
            chosen[i] = free.remove(random.nextInt(Math.min(NEAREST, free.size())));
        }
        return chosen;
    }

    int[] all() {
        return IntStream.range(0, size()).toArray();
    }

    /** Mean value of each latent. */
    double[] means() {
        return latents.mean();
    }

    double meanFiring(int[] set) {
        return IntStream.of(set).mapToDouble(j -> latents.firing()[j]).average().orElse(Double.NaN);
    }

    private int size() {
        return latents.firing().length;
    }
}
