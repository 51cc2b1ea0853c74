package holonomy.curvature;

import holonomy.data.Bytes;
import holonomy.data.UserError;
import holonomy.model.Model;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * The memory that curvature of a model takes at least: {@code 8 P (6 + vectors)} bytes, for theta, a vector and its product in float64 in Java and in the engine, and the vectors
 * kept in Java (m of m Lanczos steps). Activations are not counted.
 */
public final class CurvatureMemory {
    private static final int COPIES = 3;

    private CurvatureMemory() {}

    /** {@link #require(String, Model, int, double, double)} on this machine. */
    public static void require(String what, Model model, int vectors) {
        double machine = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
        require(what, model, vectors, Runtime.getRuntime().maxMemory(), machine);
    }

    /**
     * Makes sure that the vectors fit into the Java heap, and these with the float64 network into the machine.
     *
     * @param what who asks
     * @param vectors kept at once [P]
     * @param heap bytes
     * @param machine bytes
     * @throws UserError otherwise: nothing is to be begun
     */
    public static void require(String what, Model model, int vectors, double heap, double machine) {
        double java = Double.BYTES * model.weightCount() * (COPIES + vectors);
        double all = java + Double.BYTES * model.weightCount() * COPIES;
        if (java > heap || all > machine) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s: %.3g weights in float64 with %d vectors of that size take at least %s (%s of it Java heap), expected at"
                            + " most %s (%s); use fewer eigenvalues or steps, a smaller model, or a larger heap (-Xmx)",
                    what,
                    model.weightCount(),
                    vectors,
                    Bytes.words(all),
                    Bytes.words(java),
                    Bytes.words(machine),
                    Bytes.words(heap)));
        }
    }
}
