package holonomy.task;

/**
 * Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (SC 2011): ten rounds of
 *
 * <pre>
 *   (c0, c1, c2, c3) -> (hi(M1 c2) ^ c1 ^ k0,  lo(M1 c2),  hi(M0 c0) ^ c3 ^ k1,  lo(M0 c0)),   k0 += W0, k1 += W1
 * </pre>
 *
 * <p>A pure function of a 64-bit key and a 128-bit counter: any block of random bits can be made again, in any order, anywhere.
 */
final class Philox {
    private static final int ROUNDS = 10;
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * Encrypts one counter.
     *
     * @param key both key words, k0 in the low half
     * @param low counter words c0 (low half) and c1
     * @param high counter words c2 (low half) and c3
     * @param out receives four 32-bit words. Modified.
     */
    static void block(long key, long low, long high, int[] out) {
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        int c0 = (int) low;
        int c1 = (int) (low >>> 32);
        int c2 = (int) high;
        int c3 = (int) (high >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = M0 * (c0 & LOW);
            long p1 = M1 * (c2 & LOW);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c1 = (int) p1;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c3 = (int) p0;
            k0 += W0;
            k1 += W1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }
}
