package holonomy.model.fused;

/** Element-wise kernels on the first n entries of arrays. */
final class Rows {
    private Rows() {}

    /** sum += a b. Modified: sum. */
    static void multiplyAdd(float[] sum, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += a[i] * b[i];
        }
    }

    /** sum += a b + c e. Modified: sum. */
    static void multiplyAdd(float[] sum, float[] a, float[] b, float[] c, float[] e, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] = sum[i] + a[i] * b[i] + c[i] * e[i];
        }
    }

    /** sum = a b + c e. Modified: sum. */
    static void multiply(float[] sum, float[] a, float[] b, float[] c, float[] e, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] = a[i] * b[i] + c[i] * e[i];
        }
    }

    /** sum = a b. Modified: sum. */
    static void multiply(float[] sum, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] = a[i] * b[i];
        }
    }

    /** sum = the sum over i in from .. to-1, at least one i, of a_i b_i, entry by entry; added to what sum is, if so asked. Modified: sum. */
    static void sumOfProducts(float[] sum, float[][] a, float[][] b, int from, int to, boolean add, int n) {
        int i = from;
        if (!add && from + 1 < to) {
            multiply(sum, a[i], b[i], a[i + 1], b[i + 1], n);
            i += 2;
        } else if (!add) {
            multiply(sum, a[i], b[i], n);
            i++;
        }
        for (; i + 1 < to; i += 2) {
            multiplyAdd(sum, a[i], b[i], a[i + 1], b[i + 1], n);
        }
        if (i < to) {
            multiplyAdd(sum, a[i], b[i], n);
        }
    }

    /** sum += a. Modified: sum. */
    static void add(float[] sum, float[] a, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += a[i];
        }
    }

    /** sum += a + shift. Modified: sum. */
    static void addShifted(float[] sum, float[] a, float shift, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += a[i] + shift;
        }
    }

    /** sum += factor a. Modified: sum. */
    static void addScaled(float[] sum, float[] a, float factor, int n) {
        for (int i = 0; i < n; i++) {
            sum[i] += factor * a[i];
        }
    }

    /** a = a - b. Modified: a. */
    static void subtract(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            a[i] -= b[i];
        }
    }

    /** a = a b. Modified: a. */
    static void multiply(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            a[i] *= b[i];
        }
    }

    /** a = factor a. Modified: a. */
    static void scale(float[] a, float factor, int n) {
        for (int i = 0; i < n; i++) {
            a[i] *= factor;
        }
    }

    /** a = max(a, b). Modified: a. */
    static void max(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            a[i] = Math.max(a[i], b[i]);
        }
    }

    /** a = 1 / a. Modified: a. */
    static void invert(float[] a, int n) {
        for (int i = 0; i < n; i++) {
            a[i] = 1f / a[i];
        }
    }

    /** The sum of a, in eight interleaved partial sums. */
    static float sum(float[] a, int n) {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        int i = 0;
        for (; i + 7 < n; i += 8) {
            s0 += a[i];
            s1 += a[i + 1];
            s2 += a[i + 2];
            s3 += a[i + 3];
            s4 += a[i + 4];
            s5 += a[i + 5];
            s6 += a[i + 6];
            s7 += a[i + 7];
        }
        for (; i < n; i++) {
            s0 += a[i];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }

    /** The inner product of a and b, in eight interleaved partial sums. */
    static float dot(float[] a, float[] b, int n) {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        int i = 0;
        for (; i + 7 < n; i += 8) {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
            s4 += a[i + 4] * b[i + 4];
            s5 += a[i + 5] * b[i + 5];
            s6 += a[i + 6] * b[i + 6];
            s7 += a[i + 7] * b[i + 7];
        }
        for (; i < n; i++) {
            s0 += a[i] * b[i];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }
}
