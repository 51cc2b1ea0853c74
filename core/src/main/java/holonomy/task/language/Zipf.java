package holonomy.task.language;

import java.util.random.RandomGenerator;

/**
 * Zipf's distribution over ranks 0 .. n-1, {@code p(r) = 1 / ((r + 1) H_n)}, H_n the n-th harmonic number; and that distribution mixed with ranks that are known
 * already, {@code (1 - q) p(r) + q / k} for each of k known ranks. Entropies in nats, exact.
 */
final class Zipf {
    private final double[] shares;
    private final double[] ends;

    Zipf(int n) {
        shares = new double[n];
        ends = new double[n];
        double all = 0;
        for (int r = 0; r < n; r++) {
            all += 1.0 / (r + 1);
        }
        double end = 0;
        for (int r = 0; r < n; r++) {
            shares[r] = 1 / ((r + 1) * all);
            end += shares[r];
            ends[r] = end;
        }
    }

    int size() {
        return shares.length;
    }

    /** p(r), dimensionless. */
    double share(int rank) {
        return shares[rank];
    }

    int draw(RandomGenerator random) {
        double place = random.nextDouble();
        int rank = 0;
        while (rank < ends.length - 1 && ends[rank] <= place) {
            rank++;
        }
        return rank;
    }

    /** A rank other than one that is taken. */
    int drawBeside(int taken, RandomGenerator random) {
        int rank = draw(random);
        while (rank == taken) {
            rank = draw(random);
        }
        return rank;
    }

    double entropy() {
        double sum = 0;
        for (double share : shares) {
            sum += part(share);
        }
        return sum;
    }

    /** Mean entropy of a rank drawn beside one that is taken and was drawn. */
    double entropyBeside() {
        double whole = entropy();
        double sum = 0;
        for (double taken : shares) {
            sum += taken * ((whole - part(taken)) / (1 - taken) + Math.log(1 - taken));
        }
        return sum;
    }

    /** Mean entropy of the mixture with q and one known rank that was drawn. */
    double entropyKnowing(double q) {
        double fresh = mixed(q);
        double sum = 0;
        for (double share : shares) {
            sum += share * (fresh + gain(share, q, q));
        }
        return sum;
    }

    /** The same with two known ranks, the second drawn beside the first. */
    double entropyKnowingTwo(double q) {
        double fresh = mixed(q);
        double sum = 0;
        for (int a = 0; a < shares.length; a++) {
            for (int b = 0; b < shares.length; b++) {
                if (a != b) {
                    double both = shares[a] * shares[b] / (1 - shares[a]);
                    sum += both * (fresh + gain(shares[a], q, q / 2) + gain(shares[b], q, q / 2));
                }
            }
        }
        return sum;
    }

    private double mixed(double q) {
        double sum = 0;
        for (double share : shares) {
            sum += part((1 - q) * share);
        }
        return sum;
    }

    private static double gain(double share, double q, double more) {
        return part((1 - q) * share + more) - part((1 - q) * share);
    }

    private static double part(double p) {
        return p > 0 ? -p * Math.log(p) : 0;
    }
}
