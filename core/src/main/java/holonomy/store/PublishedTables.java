package holonomy.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Parquet;
import holonomy.data.Table;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rows of measures and of derived results, kept with the figures that are made of them and without the runs' weights: a folder with one Parquet file a measure (the column
 * {@code run}, then its own), {@code runs.parquet} (a row a run or derived result: label, manifest, spec, provenance), and {@code published.json}, which has the length and the hashes
 * of the others and vouches for itself. {@link #find} gives what a store gives of the same id, but for its weights.
 */
public final class PublishedTables {
    static final String INDEX = "published.json";
    static final String RUNS = "runs.parquet";
    static final int FORMAT = 1;

    private final JsonNode about;
    private final Map<String, StoredRun> runs;

    private PublishedTables(JsonNode about, Map<String, StoredRun> runs) {
        this.about = about;
        this.runs = runs;
    }

    /** What was said of all of them when they were published. */
    public JsonNode about() {
        return about;
    }

    /** All runs and derived results, by id. */
    public Map<String, StoredRun> runs() {
        return runs;
    }

    /** A run or derived result: its tables can be read, its weights cannot. */
    public Optional<StoredRun> find(String id) {
        return Optional.ofNullable(runs.get(id));
    }

    /**
     * The tables in a folder, every byte of which has been compared; empty if none were published there.
     *
     * @throws UserError if they are not what was published; each file that isn't is named
     */
    public static Optional<PublishedTables> open(Path folder) {
        if (!Files.exists(folder.resolve(INDEX))) {
            return Optional.empty();
        }
        try {
            ObjectNode index = index(folder);
            checkFiles(folder, index.path("files"));
            return Optional.of(new PublishedTables(index.path("about"), runs(folder)));
        } catch (Damage damage) {
            throw new UserError("published tables " + folder + ": " + String.join("; ", damage.problems())
                    + ". Take the folder from git again, or run and publish the experiment again");
        } catch (IOException e) {
            throw new UserError("published tables " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static ObjectNode index(Path folder) throws IOException, Damage {
        ObjectNode index = Seal.parse(folder.resolve(INDEX), INDEX);
        int format = index.path("format").asInt(-1);
        if (format > FORMAT) {
            throw new UserError("published tables " + folder + " were written by a newer Holonomy: expected format "
                    + FORMAT + " at most, found " + format + ". Use that version");
        }
        if (!index.has("seal")) {
            throw new Damage(INDEX, "expected a seal, found none");
        }
        Seal.check(index, INDEX);
        return index;
    }

    private static void checkFiles(Path folder, JsonNode files) throws Damage {
        Verification verification = new Verification(false);
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, JsonNode> file : files.properties()) {
            StoredFile expected = StoredFile.of(INDEX, file.getKey(), file.getValue());
            String problem = verification.problem(folder.resolve(file.getKey()), expected);
            if (!problem.isEmpty()) {
                problems.add(file.getKey() + ": " + problem);
            }
        }
        if (!problems.isEmpty()) {
            throw new Damage(problems);
        }
    }

    private static Map<String, StoredRun> runs(Path folder) throws IOException, Damage {
        Map<String, Map<String, String>> texts = new LinkedHashMap<>();
        PublishedFiles files = new PublishedFiles(folder, texts, new ConcurrentHashMap<>());
        Map<String, StoredRun> runs = new LinkedHashMap<>();
        for (Table.Row row : Parquet.read(folder.resolve(RUNS)).rows()) {
            String id = row.text(PublishedFiles.RUN);
            texts.put(
                    id,
                    Map.of(Store.SPEC, row.text(Publication.SPEC), Provenance.FILE, row.text(Publication.PROVENANCE)));
            runs.put(id, new StoredRun(files, manifest(row.text(Publication.MANIFEST))));
        }
        return runs;
    }

    private static Manifest manifest(String text) throws Damage {
        try {
            return Manifest.parse((ObjectNode) new ObjectMapper().readTree(text));
        } catch (JsonProcessingException e) {
            throw new Damage(RUNS, "not valid JSON (" + e.getOriginalMessage() + ")");
        }
    }
}
