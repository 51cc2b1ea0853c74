package holonomy.product;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** This machine's processor. */
final class Processor {
    private static final Path TABLE = Path.of("/proc/cpuinfo");

    private Processor() {}

    /** Whether it is an x86 processor. */
    static boolean isX86() {
        return Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    }

    /** What it has, as Linux names it; where the system has no such table, what HotSpot found. */
    static Set<String> features() {
        Map<String, String> table = table();
        String features = table.getOrDefault("flags", table.getOrDefault("Features", ""));
        return table.isEmpty()
                ? vectors()
                : Set.of(features.toLowerCase(Locale.ROOT).split("\\s+"));
    }

    private static Set<String> vectors() {
        if (!isX86()) {
            return Set.of();
        }
        int level = Integer.parseInt(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("UseAVX")
                .getValue());
        Set<String> features = new LinkedHashSet<>();
        features.addAll(level >= 2 ? Kernels.AVX2 : List.of());
        features.addAll(level >= 3 ? Kernels.AVX512 : List.of());
        return features;
    }

    /** Its type in a few words, {@code AuthenticAMD family 25 model 1}: on one type, one kernel gives the same bytes. */
    static String type() {
        Map<String, String> table = table();
        if (table.containsKey("vendor_id")) {
            return table.get("vendor_id") + " family " + table.get("cpu family") + " model " + table.get("model");
        }
        if (table.containsKey("CPU part")) {
            return "ARM implementer " + table.get("CPU implementer") + " part " + table.get("CPU part");
        }
        return System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", System.getProperty("os.arch"));
    }

    /** What Linux says of the first processor, by name; empty on other systems. */
    private static Map<String, String> table() {
        Map<String, String> table = new TreeMap<>();
        if (Files.isReadable(TABLE)) {
            try {
                for (String line : Files.readAllLines(TABLE)) {
                    int colon = line.indexOf(':');
                    if (colon > 0) {
                        table.putIfAbsent(
                                line.substring(0, colon).strip(),
                                line.substring(colon + 1).strip());
                    }
                }
            } catch (IOException unreadable) {
                return Map.of();
            }
        }
        return table;
    }
}
