package holonomy.product;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.lang.ref.Reference;

/** Products by OpenBLAS's {@code cblas_sgemm}, called on the matrices' own memory; one thread per call. */
final class OpenBlas implements Products {
    private static final int ROW_MAJOR = 101;
    private static final int AS_IS = 111;
    private static final int TRANSPOSED = 112;

    /** Binds the functions to a library that is open. Errors: UnsatisfiedLinkError where one of them is missing. */
    OpenBlas(NativeLibrary library) {
        Native.register(OpenBlas.class, library);
        openblas_set_num_threads(1);
    }

    @Override
    public void multiply(Factor a, Factor b, Matrix c) {
        multiply(a, b, 0, c);
    }

    @Override
    public void multiplyAdd(Factor a, Factor b, Matrix c) {
        multiply(a, b, 1, c);
    }

    private static void multiply(Factor a, Factor b, float beta, Matrix c) {
        Products.check(a, b, c);
        Matrix left = a.matrix();
        Matrix right = b.matrix();
        cblas_sgemm(
                ROW_MAJOR,
                a.isTransposed() ? TRANSPOSED : AS_IS,
                b.isTransposed() ? TRANSPOSED : AS_IS,
                a.rows(),
                b.columns(),
                a.columns(),
                1,
                left.address(),
                left.stride(),
                right.address(),
                right.stride(),
                beta,
                c.address(),
                c.stride());
        Reference.reachabilityFence(left);
        Reference.reachabilityFence(right);
        Reference.reachabilityFence(c);
    }

    /** The kernel that the library took for this processor, as OpenBLAS names it. */
    String kernel() {
        return openblas_get_corename();
    }

    /** The library's version: the second word of what it says of itself, 'OpenBLAS 0.3.31 ...'. */
    String version() {
        String[] words = openblas_get_config().split(" ");
        return words.length > 1 ? words[1] : "unknown";
    }

    // Pointers are passed as 64-bit numbers: the libraries exist for 64-bit platforms only.
    private static native void cblas_sgemm(
            int order,
            int transposeA,
            int transposeB,
            int m,
            int n,
            int k,
            float alpha,
            long a,
            int strideA,
            long b,
            int strideB,
            float beta,
            long c,
            int strideC);

    private static native String openblas_get_corename();

    private static native String openblas_get_config();

    private static native void openblas_set_num_threads(int count);
}
