package holonomy.geometry;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The null of order: unit increments shuffled under lengths that keep their times, {@code D_st = l_s l_t cos(Delta_pi(s), Delta_pi(t))} with a random
 * permutation pi. It keeps every pairwise cosine, so drift and anisotropy too, and loses only when each direction was taken.
 *
 * <p>Increments without length have no direction and stay out of the shuffle. (Shuffling snapshots would change nothing: the
 * spectrum does not see their order.)
 *
 * @param draws number of permutations, at least 1
 */
public record ShuffledNull(int draws) {
    /** 200 draws. */
    public static final ShuffledNull STANDARD = new ShuffledNull(200);

    /** At most so many expanding windows are worth their draws. */
    public static final int WINDOWS = 10;

    public ShuffledNull {
        if (draws < 1) {
            throw new IllegalArgumentException("number of draws is " + draws + ", expected at least 1");
        }
    }

    /** Its name in tables and figures. */
    public String label() {
        return "shuffled increments";
    }

    /**
     * One drawn path.
     *
     * @param measured increments of the measured path. Not modified.
     */
    public Gram draw(Increments measured, RandomGenerator random) {
        int[] moving = IntStream.range(0, measured.size())
                .filter(t -> measured.length(t) > 0)
                .toArray();
        int[] source = IntStream.range(0, measured.size()).toArray();
        int[] shuffled = shuffled(moving, random);
        for (int k = 0; k < moving.length; k++) {
            source[moving[k]] = shuffled[k];
        }
        return measured.path(SymmetricMatrix.of(measured.size(), (s, t) -> {
            double lengths = measured.length(s) * measured.length(t);
            return s == t ? lengths : lengths == 0 ? 0 : lengths * measured.cosine(source[s], source[t]);
        }));
    }

    private static int[] shuffled(int[] values, RandomGenerator random) {
        int[] result = values.clone();
        for (int k = result.length - 1; k > 0; k--) {
            int other = random.nextInt(k + 1);
            int swap = result[k];
            result[k] = result[other];
            result[other] = swap;
        }
        return result;
    }
}
