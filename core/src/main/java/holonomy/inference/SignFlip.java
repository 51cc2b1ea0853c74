package holonomy.inference;

/**
 * The exact sign-flip test of paired differences: under the null each difference is as likely to have either sign, and of the 2^n flipped sums the
 * p-value is the fraction at least as large as the observed one.
 *
 * @param n number of pairs
 * @param greater one-sided p that the mean difference is above 0
 * @param less one-sided p that it is below 0
 * @param twoSided p that it is not 0: fraction of sums at least as large in size
 */
public record SignFlip(int n, double greater, double less, double twoSided) {
    /** Most pairs that are enumerated; 2^24 sums take a tenth of a second. */
    public static final int MOST = 24;

    /** Sums that differ by less than this share of sum |d| are equal. */
    private static final double TIE = 1e-12;

    /**
     * The test of these differences.
     *
     * @param differences first arm minus second, one per seed, at most 24. Not modified.
     */
    public static SignFlip of(double[] differences) {
        int n = differences.length;
        if (n > MOST) {
            throw new IllegalArgumentException("sign-flip test of " + n + " pairs: at most " + MOST
                    + " are enumerated; with so many use the interval of the paired difference");
        }
        double observed = 0;
        double size = 0;
        for (double difference : differences) {
            if (!Double.isFinite(difference)) {
                throw new IllegalArgumentException("sign-flip test: a difference is " + difference
                        + ", expected finite numbers; state what an undefined run means before testing");
            }
            observed += difference;
            size += Math.abs(difference);
        }
        Counter counter = new Counter(differences, observed, TIE * size);
        counter.add(0, 0);
        double all = Math.scalb(1.0, n);
        return new SignFlip(n, counter.greater / all, counter.less / all, counter.either / all);
    }

    /** 2/2^n: no two-sided p of n pairs is smaller. */
    public double floor() {
        return Math.min(1, Math.scalb(2.0, -n));
    }

    private static final class Counter {
        private final double[] differences;
        private final double observed;
        private final double tie;
        private long greater;
        private long less;
        private long either;

        private Counter(double[] differences, double observed, double tie) {
            this.differences = differences;
            this.observed = observed;
            this.tie = tie;
        }

        private void add(int index, double sum) {
            if (index < differences.length) {
                add(index + 1, sum + differences[index]);
                add(index + 1, sum - differences[index]);
                return;
            }
            greater += sum >= observed - tie ? 1 : 0;
            less += sum <= observed + tie ? 1 : 0;
            either += Math.abs(sum) >= Math.abs(observed) - tie ? 1 : 0;
        }
    }
}
