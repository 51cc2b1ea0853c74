package holonomy.spark;

import holonomy.data.UserError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of {@code --on}: a master as Spark names it, or {@code spark-submit} for the one that spark-submit was given.
 *
 * @param text as it was given
 */
record MasterAddress(String text) {
    static final String SUBMITTED = "spark-submit";
    private static final Pattern STANDALONE = Pattern.compile("spark://(.+)");
    private static final Pattern HOST = Pattern.compile("([^:,/]+):(\\d{1,5})");
    private static final Pattern OTHER = Pattern.compile("yarn|k8s://.+|local(\\[.*])?|" + SUBMITTED);

    MasterAddress {
        if (!STANDALONE.matcher(text).matches() && !OTHER.matcher(text).matches()) {
            throw new UserError(
                    "--on: expected spark://HOST:PORT, yarn, k8s://HOST:PORT, local-cluster or spark-submit,"
                            + " found '" + text + "'");
        }
    }

    /** Whether all tasks run in the driver's own process, which Spark gives no GPUs. */
    boolean isLocal() {
        return text.matches("local(\\[.*])?");
    }

    boolean isStandalone() {
        return STANDALONE.matcher(text).matches();
    }

    boolean isSubmitted() {
        return text.equals(SUBMITTED);
    }

    /** Whether driver and workers are on one machine. */
    boolean isLoopback() {
        return text.startsWith("local")
                || standalone().stream().allMatch(host -> host.getHostString().matches("localhost|127\\..*"))
                        && !standalone().isEmpty();
    }

    /** Makes sure that a standalone master, or one of several, answers; other masters are found by Spark itself. */
    void requireReachable(Duration limit) {
        List<InetSocketAddress> masters = standalone();
        if (masters.isEmpty()) {
            return;
        }
        List<String> problems = new ArrayList<>();
        for (InetSocketAddress master : masters) {
            try (Socket socket = new Socket()) {
                // A name is looked up here, so that a second try sees a changed one.
                socket.connect(new InetSocketAddress(master.getHostString(), master.getPort()), (int)
                        limit.dividedBy(masters.size()).toMillis());
                return;
            } catch (IOException e) {
                problems.add(e.getMessage() == null ? e.toString() : e.getMessage());
            }
        }
        throw unreachable(String.join("; ", problems));
    }

    UserError unreachable(String why) {
        return new UserError("--on " + text + ": no Spark master can be reached there (" + why
                + "); nothing was trained. Check the address and that the master runs: its web page shows the URL");
    }

    private List<InetSocketAddress> standalone() {
        Matcher standalone = STANDALONE.matcher(text);
        List<InetSocketAddress> masters = new ArrayList<>();
        if (standalone.matches()) {
            for (String part : standalone.group(1).split(",")) {
                Matcher host = HOST.matcher(part);
                if (!host.matches() || Integer.parseInt(host.group(2)) > 65_535) {
                    throw new UserError("--on: expected spark://HOST:PORT, found '" + text + "'");
                }
                masters.add(InetSocketAddress.createUnresolved(host.group(1), Integer.parseInt(host.group(2))));
            }
        }
        return masters;
    }
}
