package holonomy.bench;

/**
 * A loop of nothing but multiply-adds, x = a x + b six times over for 2048 numbers in the first cache: how fast one core can compute at best. HotSpot makes
 * vector instructions of it; six in a row, because loads and stores then hide behind them.
 */
final class Peak {
    private static final int LENGTH = 2048;
    private static final int CHAIN = 6;
    private static final int REPEATS = 100;

    private final float[] values = new float[LENGTH];

    void run() {
        for (int i = 0; i < REPEATS; i++) {
            multiplyAdd(values, .999f, .001f);
        }
    }

    private static void multiplyAdd(float[] x, float a, float b) {
        for (int i = 0; i < x.length; i++) {
            float v = Math.fma(x[i], a, b);
            v = Math.fma(v, a, b);
            v = Math.fma(v, a, b);
            v = Math.fma(v, a, b);
            v = Math.fma(v, a, b);
            x[i] = Math.fma(v, a, b);
        }
    }

    /** Additions and multiplications of {@link #run}. */
    static double operations() {
        return 2. * CHAIN * LENGTH * REPEATS;
    }
}
