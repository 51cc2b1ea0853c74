package holonomy.lease;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A process that holds a lease, as others can tell it.
 *
 * @param host its machine's name, for people
 * @param machine where process numbers mean the same: one start of one machine, and in it one container
 * @param user who runs it: the processes of others may be hidden
 * @param process its number
 * @param begun when it began, in the machine's own words; a process of the same number that began at another time is another one
 */
record Owner(String host, String machine, String user, long process, String begun) {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final int STATE = 0;
    private static final int STARTED = 19;

    /** This process. */
    static Owner here() {
        long process = ProcessHandle.current().pid();
        String host = hostName();
        return new Owner(host, machine(host), System.getProperty("user.name", ""), process, begun(process));
    }

    /** Whether the process has ended for certain, seen from another one: only then need nobody wait for its lease to run out. */
    boolean isGone(Owner seenFrom) {
        return machine.equals(seenFrom.machine) && user.equals(seenFrom.user) && !begun.equals(begun(process));
    }

    /** For people. */
    String words(Owner seenFrom) {
        return "process " + process + (machine.equals(seenFrom.machine) ? "" : " on " + host);
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("host", host)
                .put("machine", machine)
                .put("user", user)
                .put("process", process)
                .put("begun", begun);
    }

    static Owner fromJson(JsonNode node) {
        return new Owner(
                node.path("host").asText(),
                node.path("machine").asText(),
                node.path("user").asText(),
                node.path("process").asLong(),
                node.path("begun").asText());
    }

    /** When a process of this machine began; empty if there is none, or only what its parent has yet to take notice of. */
    private static String begun(long process) {
        if (!Files.exists(STAT)) {
            return ProcessHandle.of(process)
                    .flatMap(handle -> handle.info().startInstant())
                    .map(Object::toString)
                    .orElse("");
        }
        try {
            String stat = new String(
                    Files.readAllBytes(Path.of("/proc", Long.toString(process), "stat")), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[STATE].matches("[ZX]") ? "" : fields[STARTED];
        } catch (IOException gone) {
            return "";
        }
    }

    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException notLinux) {
            String name = System.getenv("COMPUTERNAME");
            return name != null ? name : System.getenv().getOrDefault("HOSTNAME", "another machine");
        }
    }

    private static String machine(String host) {
        try {
            if (Files.exists(STAT)) {
                return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                                .strip() + " " + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
            }
            for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (card.getHardwareAddress() != null) {
                    return host + " " + HexFormat.of().formatHex(card.getHardwareAddress());
                }
            }
        } catch (IOException e) {
            // No way to tell: as if every process had a machine of its own.
        }
        return UUID.randomUUID().toString();
    }
}
