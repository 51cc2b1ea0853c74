package holonomy.product;

/**
 * Dense float32 matrix products. Nothing is allocated that outlives a call; the result must not share entries with a factor. May be called from several
 * threads at once; each call computes in its own thread only.
 */
public interface Products {
    /**
     * {@code C = A B}.
     *
     * @param a [m, k]
     * @param b [k, n]
     * @param c [m, n]. Modified.
     */
    void multiply(Factor a, Factor b, Matrix c);

    /**
     * {@code C = C + A B}.
     *
     * @param a [m, k]
     * @param b [k, n]
     * @param c [m, n]. Modified.
     */
    void multiplyAdd(Factor a, Factor b, Matrix c);

    /** Errors: factors and result whose sizes don't fit each other. */
    static void check(Factor a, Factor b, Matrix c) {
        if (a.columns() != b.rows() || a.rows() != c.rows() || b.columns() != c.columns()) {
            throw new IllegalArgumentException("product of [" + a.rows() + ", " + a.columns() + "] and [" + b.rows()
                    + ", " + b.columns() + "] into [" + c.rows() + ", " + c.columns() + "]");
        }
    }
}
