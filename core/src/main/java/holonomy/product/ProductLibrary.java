package holonomy.product;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import com.sun.jna.NativeLibrary;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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
        String choice = System.getProperty(CHOICE, "");
        if (!choice.isEmpty() && !choice.equals("openblas") && !choice.equals("engine")) {
            throw new UserError("-D" + CHOICE + ": expected openblas or engine, found '" + choice + "'");
        }
        Optional<String> forced =
                Optional.ofNullable(System.getenv("OPENBLAS_CORETYPE")).filter(name -> !name.isEmpty());
        if (choice.equals("engine")) {
            return engine(forced, Optional.empty());
        }
        try {
            return openBlas(forced);
        } catch (IOException | LinkageError | IllegalStateException failure) {
            String problem = firstLine(failure);
            if (choice.equals("openblas")) {
                throw new UserError("-D" + CHOICE + "=openblas: OpenBLAS can't be used: " + problem, failure);
            }
            LOG.warn("matrix products by the engine, not by OpenBLAS: {}", problem);
            return engine(forced, Optional.of(problem));
        }
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }

    private static ProductLibrary openBlas(Optional<String> forced) throws IOException {
        String core = forced.orElse("");
        stop(Kernels.problem(Processor.isX86(), Processor.features(), core));
        String file = System.getProperty(FILE, "");
        NativeLibrary opened = file.isEmpty() ? NativeFiles.openPackaged() : NativeFiles.open(Path.of(file));
        OpenBlas products = new OpenBlas(opened);
        stop(Kernels.problemOf(products.kernel(), Processor.isX86(), core));
        stop(selfTest(products));
        return new ProductLibrary(
                products, "OpenBLAS", products.version(), Optional.of(products.kernel()), forced, Optional.empty());
    }

    private static Optional<String> selfTest(Products products) {
        try (NDManager manager = NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch")) {
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
