package holonomy.task;

/**
 * MT19937 seeded with the key array [seed] (Matsumoto and Nishimura 1998), and the shuffle of CPython's {@code random}: what a published split
 * was drawn with. Nothing else here draws from it. Not thread-safe.
 */
final class MersenneTwister {
    private static final int SIZE = 624;
    private static final int MIDDLE = 397;

    private final int[] state = new int[SIZE];
    private int next = SIZE;

    /** @param seed 0 .. 2^32 - 1 */
    MersenneTwister(int seed) {
        state[0] = 19650218;
        for (int i = 1; i < SIZE; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
        int i = 1;
        for (int k = 0; k < SIZE; k++) {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + seed;
            i = wrapped(i + 1);
        }
        for (int k = 1; k < SIZE; k++) {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
            i = wrapped(i + 1);
        }
        state[0] = 0x80000000;
    }

    /** The key's second pass goes on after the last entry at 1, its predecessor copied to 0. */
    private int wrapped(int i) {
        if (i < SIZE) {
            return i;
        }
        state[0] = state[SIZE - 1];
        return 1;
    }

    private int nextInt() {
        if (next == SIZE) {
            refill();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    private void refill() {
        for (int i = 0; i < SIZE; i++) {
            int y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
            state[i] = state[(i + MIDDLE) % SIZE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }
        next = 0;
    }

    /** Uniform in 0 .. bound - 1: the top bits of a draw, drawn again while too large. */
    private int below(int bound) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
        int drawn = nextInt() >>> (Integer.SIZE - bits);
        while (drawn >= bound) {
            drawn = nextInt() >>> (Integer.SIZE - bits);
        }
        return drawn;
    }

    /** Fisher and Yates from the last place down. Modified: values. */
    void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = below(i + 1);
            int kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }
}
