package holonomy.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How the pairs of a {@link PairTask} are divided into a training and a test set. */
public enum PairSplit {
    /** A shuffled list of all pairs, cut: the published split. Mirror images of test pairs stand in training. */
    BY_PAIR {
        @Override
        int[][] divide(Operation operation, int[] pairs, double share, int seed) {
            int[] order = pairs.clone();
            new MersenneTwister(seed).shuffle(order);
            int train = (int) Math.floor(share * order.length);
            return new int[][] {Arrays.copyOf(order, train), Arrays.copyOfRange(order, train, order.length)};
        }
    },
    /**
     * Whole orbits are shuffled and taken while they fit: no test pair has a mirror image in training. An orbit holds the pairs that exchanging
     * and negating the arguments carry into each other, as far as these leave the operation's values unchanged.
     */
    BY_ORBIT {
        @Override
        int[][] divide(Operation operation, int[] pairs, double share, int seed) {
            List<int[]> orbits = orbits(operation, pairs);
            int[] order = new int[orbits.size()];
            Arrays.setAll(order, i -> i);
            new MersenneTwister(seed).shuffle(order);
            int wanted = (int) Math.floor(share * pairs.length);
            List<Integer> train = new ArrayList<>();
            List<Integer> test = new ArrayList<>();
            for (int i : order) {
                List<Integer> side = train.size() + orbits.get(i).length <= wanted ? train : test;
                Arrays.stream(orbits.get(i)).forEach(side::add);
            }
            return new int[][] {ints(train), ints(test)};
        }
    };

    /** Training and test pairs, each {@code a * C + b}. */
    abstract int[][] divide(Operation operation, int[] pairs, double share, int seed);

    /** The orbits, each in ascending order, by their first pair. */
    static List<int[]> orbits(Operation operation, int[] pairs) {
        int p = operation.classes();
        List<Integer> symmetries = new ArrayList<>();
        for (int s = 1; s < 8; s++) {
            int symmetry = s;
            if (Arrays.stream(pairs)
                    .allMatch(pair -> operation.table()[pair] == operation.table()[image(symmetry, pair, p)])) {
                symmetries.add(s);
            }
        }
        boolean[] seen = new boolean[p * p];
        List<int[]> orbits = new ArrayList<>();
        for (int pair : pairs) {
            if (!seen[pair]) {
                orbits.add(orbit(pair, symmetries, p, seen));
            }
        }
        return orbits;
    }

    private static int[] orbit(int first, List<Integer> symmetries, int p, boolean[] seen) {
        List<Integer> members = new ArrayList<>(List.of(first));
        seen[first] = true;
        for (int i = 0; i < members.size(); i++) {
            for (int symmetry : symmetries) {
                int image = image(symmetry, members.get(i), p);
                if (!seen[image]) {
                    seen[image] = true;
                    members.add(image);
                }
            }
        }
        return members.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /** Bit 0 negates a, bit 1 negates b, bit 2 then exchanges them. */
    private static int image(int symmetry, int pair, int p) {
        int a = (symmetry & 1) == 0 ? pair / p : Math.floorMod(-(pair / p), p);
        int b = (symmetry & 2) == 0 ? pair % p : Math.floorMod(-(pair % p), p);
        return (symmetry & 4) == 0 ? a * p + b : b * p + a;
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
