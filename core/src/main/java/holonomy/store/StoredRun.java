package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.SafeTensorsFile;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/** A finished run as it stands in a store, or, its tables only, in {@link PublishedTables}. Files are opened when asked for. */
public final class StoredRun {
    private final RunFiles where;
    private final Path folder;
    private final Manifest manifest;

    StoredRun(RunFiles where, Manifest manifest) {
        this.where = where;
        this.folder = where.folder(manifest.id());
        this.manifest = manifest;
    }

    /** What it was finished with. */
    Manifest manifest() {
        return manifest;
    }

    public String id() {
        return manifest.id();
    }

    /** What kind of thing this is, for instance {@code run}. */
    public String kind() {
        return manifest.kind();
    }

    /** What determines it. */
    public JsonNode spec() {
        return json(Store.SPEC);
    }

    /** The values given when it was finished. */
    public JsonNode summary() {
        return manifest.summary();
    }

    /** When it was first finished. */
    public Instant created() {
        return manifest.created();
    }

    /** The files, by path inside the run, such as {@code metrics/accuracy.parquet}. */
    public SortedMap<String, StoredFile> files() {
        return Collections.unmodifiableSortedMap(manifest.files());
    }

    /** Length of all files together, in bytes. */
    public long bytes() {
        return manifest.files().values().stream().mapToLong(StoredFile::bytes).sum();
    }

    public boolean has(String path) {
        return manifest.files().containsKey(path);
    }

    /** Where the run lies, for reading. */
    public Path folder() {
        return folder;
    }

    /**
     * Where a file lies, for reading: its length and hash (CRC-32C, else SHA-256) are those of the manifest. It is hashed when it is first asked for, and again only when its
     * length or time has changed.
     *
     * @throws DamagedRun if they are not; the run is set aside
     */
    public Path verified(String path) {
        return where.verified(id(), path, expected(path));
    }

    private StoredFile expected(String path) {
        StoredFile expected = manifest.files().get(path);
        if (expected == null) {
            throw where.lacks(id(), path, files().keySet());
        }
        return expected;
    }

    /** What is wrong with a file of the run, compared with the manifest; empty if nothing is. As {@link #verified}, but nothing is set aside. */
    public String problem(String path) {
        StoredFile expected = manifest.files().get(path);
        return expected == null ? "not a file of the run" : where.problem(id(), path, expected);
    }

    /** A table of the run. */
    public Table table(String path) {
        return open(path, expected -> where.table(id(), path, expected));
    }

    /** A JSON file of the run. */
    public JsonNode json(String path) {
        return open(path, expected -> where.json(id(), path, expected));
    }

    /** The bytes of a file. */
    public byte[] bytes(String path) {
        return open(path, expected -> Files.readAllBytes(where.verified(id(), path, expected)));
    }

    /** An array file of the run, opened; the caller closes it. */
    public SafeTensorsFile tensors(String path) {
        return open(path, expected -> SafeTensorsFile.open(where.verified(id(), path, expected)));
    }

    /** The weights and the optimiser's state at the end of a training; a copy. */
    public TrainingState end(RunSpec spec) {
        return WeightsFile.read(
                verified(WeightsFile.FINAL), spec, summary().path("step").longValue());
    }

    /** Reads every file and compares it with the manifest: one line per problem, naming the file; empty if all is well. */
    public List<String> verify() {
        return where.problems(id(), manifest);
    }

    /** Whether every file is as the manifest says; a damaged run is set aside. */
    public boolean isSound() {
        try {
            manifest.files().keySet().forEach(this::verified);
            return true;
        } catch (DamagedRun damaged) {
            return false;
        }
    }

    private interface Opening<T> {
        T open(StoredFile expected) throws IOException;
    }

    private <T> T open(String path, Opening<T> opening) {
        try {
            return opening.open(expected(path));
        } catch (NoSuchFileException e) {
            throw new UserError(
                    "run " + id() + ": file '" + path + "' has gone from " + folder + " since the run was looked up",
                    e);
        } catch (IOException e) {
            throw new UserError(
                    "run " + id() + ": file '" + path + "' in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "StoredRun[" + id() + "]";
    }
}
