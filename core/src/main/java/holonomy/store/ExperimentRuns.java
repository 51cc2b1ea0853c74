package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.lease.RunLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which experiment asked for which runs: {@code experiments/NAME.json} beside {@code runs/}, apart from the runs' identities. Runs that an edited sweep no longer
 * asks for stay listed. A file that cannot be read is told and left out: the next asking writes it anew.
 */
@SuppressWarnings("try") // a lock is held, not used
public final class ExperimentRuns {
    private static final Logger LOG = LoggerFactory.getLogger(ExperimentRuns.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LOCK = "experiments";
    private static final String ADVICE = "the experiment's next run writes it anew";
    private static final int TRIES = 100;
    private static final long MILLIS_BETWEEN_TRIES = 20;

    private final StoreFolder store;

    ExperimentRuns(StoreFolder store) {
        this.store = store;
    }

    /** Notes what an experiment asks for. A store that cannot be written to is no harm here. */
    public void add(String experiment, List<ExperimentRun> asked) {
        try {
            store.prepare();
            for (int i = 0; i < TRIES; i++) {
                try (RunLock lock = store.leases().tryTake(LOCK).orElse(null)) {
                    if (lock != null) {
                        write(experiment, asked);
                        return;
                    }
                }
                Thread.sleep(MILLIS_BETWEEN_TRIES);
            }
        } catch (IOException e) {
            LOG.debug("cannot note what experiment '{}' asks for", experiment, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(String experiment, List<ExperimentRun> asked) throws IOException {
        Map<String, ExperimentRun> all = new LinkedHashMap<>();
        Path file = folder().resolve(StorePath.part(experiment) + ".json");
        read(file).forEach(asking -> all.put(asking.id(), asking));
        if (asked.stream().allMatch(asking -> asking.equals(all.get(asking.id())))) {
            return;
        }
        asked.forEach(asking -> all.put(asking.id(), asking));
        ObjectNode node = JSON.createObjectNode().put("experiment", experiment);
        ObjectNode runs = node.putObject("runs");
        all.values().forEach(asking -> {
            ObjectNode entry = runs.putObject(asking.id()).put("label", asking.label());
            ObjectNode labels = entry.putObject("labels");
            asking.labels().forEach(labels::put);
        });
        store.disk().write(file, JSON.writeValueAsBytes(Seal.sealed(node)));
    }

    /** All that is known, by run. */
    public Map<String, List<ExperimentRun>> byRun() {
        Map<String, List<ExperimentRun>> byRun = new LinkedHashMap<>();
        try {
            if (Files.isDirectory(folder())) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(), "*.json")) {
                    for (Path file : files) {
                        read(file).forEach(asking -> byRun.computeIfAbsent(asking.id(), id -> new ArrayList<>())
                                .add(asking));
                    }
                }
            }
        } catch (IOException e) {
            throw store.notReadable("list of experiments", e);
        }
        return byRun;
    }

    private List<ExperimentRun> read(Path file) {
        try {
            return runs(Seal.read(file, file.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (Damage damage) {
            store.tell(damage.leftOut(folder(), ADVICE));
        } catch (IOException e) {
            store.tell(new Unreadable(file, "cannot be read (" + e + "); " + ADVICE));
        }
        return List.of();
    }

    private static List<ExperimentRun> runs(JsonNode node) {
        List<ExperimentRun> runs = new ArrayList<>();
        String experiment = node.path("experiment").asText();
        node.path("runs").properties().forEach(run -> {
            Map<String, String> labels = new LinkedHashMap<>();
            run.getValue()
                    .path("labels")
                    .properties()
                    .forEach(
                            label -> labels.put(label.getKey(), label.getValue().asText()));
            runs.add(new ExperimentRun(
                    experiment, run.getKey(), run.getValue().path("label").asText(), labels));
        });
        return runs;
    }

    private Path folder() {
        return store.root().resolve("experiments");
    }
}
