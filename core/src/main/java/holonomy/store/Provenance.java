package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.model.ComputeDevice;
import holonomy.product.ProductLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Where a result comes from: versions, machine, the state of the source tree, the time. Looks at this machine only, never at a network. */
public final class Provenance {
    private static final ObjectMapper JSON = new ObjectMapper();
    public static final String FILE = "provenance.json";
    /** The entry that holds {@link #products}, in that file and in checkpoints. */
    public static final String PRODUCTS = "products";

    private static final long GIT_SECONDS = 10;

    private Provenance() {}

    /**
     * Provenance of what this process makes now: {@code holonomy}, {@code java}, {@code os}, {@code cpu}, {@code cores}, {@code time} and, if
     * {@code sources} lies in a git tree, {@code git} with {@code revision} and {@code dirty} (whether tracked files differ from it).
     *
     * @param sources the folder of the source tree
     */
    public static ObjectNode collect(Path sources) {
        ObjectNode node = JSON.createObjectNode()
                .put("holonomy", version())
                .put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"))
                .put(
                        "os",
                        System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                                + System.getProperty("os.arch"))
                .put("cpu", cpu().orElse("unknown"))
                .put("cores", Runtime.getRuntime().availableProcessors())
                .put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        git(sources, "rev-parse", "HEAD").ifPresent(revision -> node.putObject("git")
                .put("revision", revision)
                .put(
                        "dirty",
                        !git(sources, "status", "--porcelain", "--untracked-files=no")
                                .orElse("")
                                .isEmpty()));
        return node;
    }

    /**
     * What the bytes of a run made here depend on beside its spec: {@code library}, {@code version}, {@code kernel} (OpenBLAS only) and {@code processor} of
     * its matrix products. Empty on a GPU, where nothing is promised of bytes.
     */
    public static ObjectNode products(ComputeDevice device) {
        ObjectNode node = JSON.createObjectNode();
        if (device.equals(ComputeDevice.CPU)) {
            ProductLibrary chosen = ProductLibrary.chosen();
            node.put("library", chosen.library()).put("version", chosen.version());
            chosen.kernel().ifPresent(kernel -> node.put("kernel", kernel));
            node.put("processor", chosen.processor());
        }
        return node;
    }

    /** Says so if a run was made with other products than one made here would be, so that its bytes can't be expected again; empty where that isn't known. */
    public static Optional<String> otherProducts(StoredRun run, ComputeDevice device) {
        return run.has(FILE) ? otherProducts(run.json(FILE).path(PRODUCTS), device) : Optional.empty();
    }

    /** The same for the {@link #products} that something was made with. */
    public static Optional<String> otherProducts(JsonNode made, ComputeDevice device) {
        JsonNode here = products(device);
        return made.isEmpty() || here.isEmpty() || made.equals(here)
                ? Optional.empty()
                : Optional.of("made with " + words(made) + "; here it is " + words(here));
    }

    private static String words(JsonNode products) {
        String kernel =
                products.has("kernel") ? ", kernel " + products.path("kernel").asText() : "";
        return products.path("library").asText() + " "
                + products.path("version").asText() + kernel + " on "
                + products.path("processor").asText();
    }

    /** This library's version. */
    public static String version() {
        try (InputStream in = Provenance.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** The processor's name, where the system tells it. */
    public static Optional<String> cpu() {
        Path table = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(table)) {
            return command(Path.of("."), "sysctl", "-n", "machdep.cpu.brand_string")
                    .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")));
        }
        try (Stream<String> lines = Files.lines(table)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> git(Path folder, String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "git";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return command(folder, command);
    }

    /** What a command prints, without the space around it; empty if there is no such command, it fails or takes too long. */
    private static Optional<String> command(Path folder, String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(GIT_SECONDS, TimeUnit.SECONDS);
            return ended && process.exitValue() == 0 ? Optional.of(text.strip()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
