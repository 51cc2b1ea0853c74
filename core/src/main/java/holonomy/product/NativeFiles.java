package holonomy.product;

import ai.djl.util.Utils;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import holonomy.data.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The OpenBLAS that is packaged with the build for this platform: put where the engine keeps its own native files, and opened from there. */
final class NativeFiles {
    private static final String PACKAGE = "/org/bytedeco/openblas/";
    private static final int RESOLVE_NOW = 2;
    private static final int MAC_LOCAL = 4;

    private NativeFiles() {}

    /**
     * Opens the packaged library.
     *
     * <p>Errors: IOException where none is packaged for this platform or its files can't be written; UnsatisfiedLinkError where it can't be loaded.
     */
    static NativeLibrary openPackaged() throws IOException {
        Path folder = Utils.getEngineCacheDir().resolve("openblas").resolve(version() + "-" + platform());
        List<Path> files = new ArrayList<>();
        for (String name : names()) {
            URL resource = NativeFiles.class.getResource(PACKAGE + platform() + "/" + name);
            if (resource != null) {
                files.add(extract(resource, folder.resolve(name)));
            }
        }
        if (files.isEmpty()) {
            throw new IOException("none is packaged for " + platform());
        }
        // What the library needs comes first: then it is found by its name, wherever the system looks.
        NativeLibrary library = open(files.get(0));
        for (Path file : files.subList(1, files.size())) {
            library = open(file);
        }
        return library;
    }

    /**
     * Opens a library so that nobody else is bound to its symbols: with JNA's own default the engine was, and crashed.
     *
     * <p>Errors: UnsatisfiedLinkError where it can't be loaded.
     */
    static NativeLibrary open(Path file) {
        String system = System.getProperty("os.name");
        Map<String, Object> options = system.startsWith("Windows")
                ? Map.of()
                : Map.of(Library.OPTION_OPEN_FLAGS, RESOLVE_NOW | (system.startsWith("Mac") ? MAC_LOCAL : 0));
        return NativeLibrary.getInstance(file.toString(), options);
    }

    /** The files of a platform, each after those that it needs. */
    private static List<String> names() {
        String system = System.getProperty("os.name");
        if (system.startsWith("Windows")) {
            return List.of("libopenblas.dll");
        }
        if (system.startsWith("Mac")) {
            return List.of("libgcc_s.1.1.dylib", "libquadmath.0.dylib", "libgfortran.5.dylib", "libopenblas.0.dylib");
        }
        return List.of("libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0");
    }

    private static String platform() {
        String name = System.getProperty("os.name");
        String system = name.startsWith("Mac") ? "macosx" : name.startsWith("Windows") ? "windows" : "linux";
        return system + "-" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x86_64");
    }

    private static String version() throws IOException {
        try (InputStream in =
                NativeFiles.class.getResourceAsStream("/META-INF/maven/org.bytedeco/openblas/pom.properties")) {
            if (in == null) {
                throw new IOException("none is packaged for " + platform());
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }

    /** Copies a packaged file unless it is there already with the same length. */
    private static Path extract(URL resource, Path target) throws IOException {
        URLConnection connection = resource.openConnection();
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            if (Files.exists(target) && Files.size(target) == connection.getContentLengthLong()) {
                return target;
            }
            AtomicFiles.standard().writeUnsynced(target, part -> Files.copy(in, part));
        }
        return target;
    }
}
