package holonomy.store;

import holonomy.data.Identity;
import holonomy.data.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which code this process runs: the version, and a digest of core's classes. Two processes may work on one sweep only if theirs are equal; a version number alone
 * would call two states of a working tree the same.
 */
public final class CodeVersion {
    /** Packages of which the bytes of a run depend. */
    private static final List<String> PACKAGES =
            List.of("data", "geometry", "measure", "model", "run", "task", "train");

    /** Read once: a process cannot change its code. */
    private static final class Here {
        static final String TEXT = read();
    }

    private CodeVersion() {}

    /** The code of this process, for instance {@code 0.1.0 (5c0a3f1b22de)}: equal bytes of classes in a folder or a jar, equal text. */
    public static String here() {
        return Here.TEXT;
    }

    private static String read() {
        try {
            URI place = CodeVersion.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            Path path = Path.of(place);
            if (Files.isDirectory(path)) {
                return text(path);
            }
            try (FileSystem jar = FileSystems.newFileSystem(path, Map.of())) {
                return text(jar.getPath("/"));
            }
        } catch (URISyntaxException | IOException e) {
            throw new IllegalStateException("Holonomy's own classes cannot be read", e);
        }
    }

    private static String text(Path root) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        PACKAGES.forEach(name -> add(root.resolve("holonomy").resolve(name), all));
        return Provenance.version() + " (" + Identity.shortened(Sha256.of(all.toByteArray())) + ")";
    }

    private static void add(Path folder, ByteArrayOutputStream all) {
        try (Stream<Path> files = Files.walk(folder)) {
            SortedMap<String, Path> classes = new TreeMap<>();
            files.filter(file -> file.toString().endsWith(".class"))
                    .forEach(file ->
                            classes.put(folder.relativize(file).toString().replace('\\', '/'), file));
            for (Map.Entry<String, Path> file : classes.entrySet()) {
                all.write(file.getKey().getBytes(StandardCharsets.UTF_8));
                all.write(Files.readAllBytes(file.getValue()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
