package holonomy.product;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The library that computes this process's matrix products, decided once: OpenBLAS where it loads, takes a kernel that the processor can run and passes
 * {@link SelfTest}; else the engine.
 *
 * <p>The property {@code holonomy.products} ({@code openblas} or {@code engine}) forces one, {@code holonomy.openblas} names another OpenBLAS file than the
 * packaged one, and the environment variable {@code OPENBLAS_CORETYPE} forces one of OpenBLAS's kernels.
 *
 * @param products the products themselves
 * @param library {@code OpenBLAS} or {@code PyTorch}
 * @param version the library's version
 * @param kernel OpenBLAS's name of its kernel for this processor; empty for the engine, which doesn't tell
 * @param forced what {@code OPENBLAS_CORETYPE} says; empty for nothing
 * @param problem why OpenBLAS isn't used although nobody asked for the engine
 */
public record ProductLibrary(
        Products products,
        String library,
        String version,
        Optional<String> kernel,
        Optional<String> forced,
        Optional<String> problem) {
    private static final Logger LOG = LoggerFactory.getLogger(ProductLibrary.class);
    private static final String CHOICE = "holonomy.products";
    private static final String FILE = "holonomy.openblas";

    private static final class Chosen {
        static final ProductLibrary LIBRARY = choose();
    }

    /** This process's library. Errors: the property {@code holonomy.products} asks for something unknown, or for an OpenBLAS that can't be used. */
    public static ProductLibrary chosen() {
        return Chosen.LIBRARY;
    }

    private static ProductLibrary choose() {
        Optional<String> forced =
                Optional.ofNullable(System.getenv("OPENBLAS_CORETYPE")).filter(name -> !name.isEmpty());
        return decide(System.getProperty(CHOICE, ""), forced, () -> open(forced.orElse("")));
    }

    /** An OpenBLAS that has been opened and not yet tried. */
    record Candidate(Products products, String version, String kernel) {}

    /** Opens OpenBLAS. */
    interface Opener {
        Candidate open() throws IOException;
    }

    /**
     * The library for a choice.
     *
     * @param choice what {@code holonomy.products} says; empty for nothing
     * @param forced what {@code OPENBLAS_CORETYPE} says
     */
    static ProductLibrary decide(String choice, Optional<String> forced, Opener opener) {
        if (!choice.isEmpty() && !choice.equals("openblas") && !choice.equals("engine")) {
            throw new UserError("-D" + CHOICE + ": expected openblas or engine, found '" + choice + "'");
        }
        if (choice.equals("engine")) {
            return engine(forced, Optional.empty());
        }
        try {
            Candidate candidate = opener.open();
            stop(Kernels.problemOf(candidate.kernel, Processor.isX86(), forced.orElse("")));
            stop(selfTest(candidate.products));
            return new ProductLibrary(
                    candidate.products,
                    "OpenBLAS",
                    candidate.version,
                    Optional.of(candidate.kernel),
                    forced,
                    Optional.empty());
        } catch (IOException | LinkageError | RuntimeException failure) {
            String problem = oneLine(failure);
            if (choice.equals("openblas")) {
                throw new UserError("-D" + CHOICE + "=openblas: OpenBLAS can't be used: " + problem, failure);
            }
            LOG.warn("matrix products by the engine, OpenBLAS can't be used: {}", problem);
            return engine(forced, Optional.of(problem));
        }
    }

    private static String oneLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().map(String::strip).collect(Collectors.joining(" "));
    }

    private static Candidate open(String forced) throws IOException {
        stop(Kernels.problem(Processor.isX86(), Processor.features(), forced));
        String file = System.getProperty(FILE, "");
        OpenBlas products = new OpenBlas(file.isEmpty() ? NativeFiles.openPackaged() : NativeFiles.open(Path.of(file)));
        return new Candidate(products, products.version(), products.kernel());
    }

    private static Optional<String> selfTest(Products products) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            return SelfTest.problem(products, manager);
        }
    }

    private static void stop(Optional<String> problem) {
        if (problem.isPresent()) {
            throw new IllegalStateException(problem.get());
        }
    }

    private static ProductLibrary engine(Optional<String> forced, Optional<String> problem) {
        String version = Engine.getEngine("PyTorch").getVersion();
        return new ProductLibrary(new EngineProducts(), "PyTorch", version, Optional.empty(), forced, problem);
    }

    /** This machine's type of processor: with library, version and kernel all that the bytes of a product depend on. */
    public String processor() {
        return Processor.type();
    }

    /** Library, version and kernel in one line. */
    public String label() {
        return library + " " + version
                + kernel.map(name -> ", kernel " + name).orElse("")
                + (kernel.isPresent() && forced.isPresent() ? " (forced by OPENBLAS_CORETYPE)" : "");
    }
}
