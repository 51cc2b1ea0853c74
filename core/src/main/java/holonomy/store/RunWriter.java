package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.AtomicFiles;
import holonomy.data.CanonicalJson;
import holonomy.data.Parquet;
import holonomy.data.SafeTensors;
import holonomy.data.Table;
import holonomy.data.Tensor;
import holonomy.data.UserError;
import holonomy.lease.LockLost;
import holonomy.lease.RunLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of a run, which holds its lock until {@link #close}. It goes on where an unfinished run stopped, or adds to a finished one.
 *
 * <p>Each file is put whole; {@link #complete} writes the manifest last. If a file of a finished run is replaced or deleted, the run counts
 * as unfinished until the next {@code complete}. Everything under {@code checkpoint/} is for going on after a crash, and goes when the run is complete.
 * Failures to write are {@link holonomy.data.UserError}s that say what is needed; nothing stored before is touched by them.
 */
public final class RunWriter implements AutoCloseable {
    private final StoreFolder store;
    private final Caretaker caretaker;
    private final Index index;
    private final String id;
    private final String kind;
    private final Path folder;
    private final RunLock lock;
    private final AtomicFiles disk;
    private final Map<String, StoredFile> known = new HashMap<>();
    private final @Nullable Manifest before;
    private final Set<Path> unsynced = new LinkedHashSet<>();
    private boolean begun;
    private boolean syncLater;
    private boolean listed;
    private boolean open = true;

    RunWriter(
            StoreFolder store,
            Caretaker caretaker,
            Index index,
            String id,
            String kind,
            RunLock lock,
            @Nullable Manifest before) {
        this.store = store;
        this.caretaker = caretaker;
        this.index = index;
        this.id = id;
        this.kind = kind;
        this.folder = store.run(id);
        this.lock = lock;
        this.disk = store.disk();
        this.before = before;
        this.listed = before != null;
        if (before != null) {
            known.putAll(before.files());
        }
    }

    public String id() {
        return id;
    }

    /** Ends what the caller is doing if another process was seen to have taken the run over. */
    public void checkHeld() {
        if (lock.wasLost()) {
            lock.check();
        }
    }

    /** Whether the run was finished when this writer was opened. */
    public boolean wasComplete() {
        return before != null;
    }

    /** The files that are there, with their length in bytes. */
    public SortedMap<String, Long> files() {
        try {
            return RunFolder.scan(folder).files();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Length and SHA-256 of a file that is there. */
    public StoredFile stored(String path) {
        try {
            StoredFile stored = known.get(path);
            if (stored == null) {
                stored = StoredFile.of(file(path));
                known.put(path, stored);
            }
            return stored;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean exists(String path) {
        return Files.isRegularFile(file(path));
    }

    /** Where a file of this run lies or would lie. */
    public Path file(String path) {
        return folder.resolve(StorePath.check(path));
    }

    /**
     * Where a file lies that was put here, or was there before, for reading: see {@link StoredRun#verified}.
     *
     * @throws DamagedRun if it has changed since
     */
    public Path verified(String path) {
        StoredFile expected = known.get(path);
        return expected == null ? file(path) : caretaker.verified(id, path, expected);
    }

    /** Takes a file's length and hash from a checkpoint that names them; what is wrong with the file, empty if nothing. */
    public String trust(String path, StoredFile expected) {
        String problem = store.verification().problem(file(path), expected);
        if (problem.isEmpty()) {
            known.put(path, expected);
        }
        return problem;
    }

    /**
     * What has been done to this run from outside, if something failed because of that: its lock was taken ({@link LockLost}), or its folder deleted.
     *
     * @param failure kept as the cause
     */
    public Optional<RuntimeException> disturbance(Exception failure) {
        if (failure instanceof LockLost) {
            return Optional.empty();
        }
        if (lock.isTaken()) {
            return Optional.of(new LockLost("the lock of run " + id + " was lost in the middle of something", failure));
        }
        return Files.exists(folder.resolve(Store.SPEC))
                ? Optional.empty()
                : Optional.of(new UserError(
                        "run " + id + ": its folder " + folder
                                + " was deleted while the run was being made; the same command makes it from the start",
                        failure));
    }

    /** Puts a table as Parquet. */
    public void putTable(String path, Table table) {
        long about = (long) table.size() * table.columns().size() * Double.BYTES;
        put(path, about, temporary -> Parquet.write(table, temporary));
    }

    /** Puts arrays as safetensors. */
    public void putTensors(String path, SortedMap<String, ? extends Tensor> tensors, Map<String, String> metadata) {
        long bytes = tensors.values().stream()
                .mapToLong(tensor -> (long) tensor.count() * tensor.dtype().width())
                .sum();
        put(path, bytes, temporary -> SafeTensors.write(temporary, tensors, metadata));
    }

    /** Puts JSON in its canonical form. */
    public void putJson(String path, JsonNode value) {
        putBytes(path, CanonicalJson.bytes(value));
    }

    public void putBytes(String path, byte[] bytes) {
        put(path, bytes.length, temporary -> Files.write(temporary, bytes));
    }

    /**
     * Puts what a body writes.
     *
     * @param bytesNeeded about how many bytes that will be, for the message when the disk is full; 0 if not known
     */
    public void put(String path, long bytesNeeded, AtomicFiles.Body body) {
        checkMayChange(path);
        changing(path, bytesNeeded, () -> {
            unlist(path);
            putWhole(path, body);
        });
    }

    /** Puts a small file that names others: those are on the disk before it is. */
    public void putLast(String path, JsonNode value) {
        checkMayChange(path);
        byte[] bytes = CanonicalJson.bytes(value);
        changing(path, bytes.length, () -> {
            syncFiles(file -> true);
            unlist(path);
            disk.write(file(path), bytes);
        });
    }

    /**
     * From now on files are synced together, before the next {@link #putLast} or {@link #complete}: a power failure may tear those put since. For a caller that
     * trusts no file of an unfinished run but those that its checkpoint names with their hashes.
     */
    public void syncLater() {
        syncLater = true;
    }

    private void syncFiles(Predicate<Path> which) throws IOException {
        disk.syncAll(unsynced.stream().filter(which).toList());
        unsynced.clear();
    }

    /** Deletes a file if it is there. */
    public void delete(String path) {
        checkMayChange(path);
        changing(path, 0, () -> {
            unlist(path);
            known.remove(path);
            disk.delete(file(path));
        });
    }

    /**
     * Finishes the run: writes the manifest over all files but checkpoints, then deletes checkpoints and what interrupted writes left.
     * More can be put afterwards; then complete again.
     *
     * @param summary values to show in lists of runs. Not modified.
     */
    public StoredRun complete(JsonNode summary) {
        checkOpen();
        Manifest[] written = new Manifest[1];
        changing(Manifest.NAME, 0, () -> {
            RunFolder found = RunFolder.scan(folder);
            checkNothingGone(found);
            Instant created = before == null ? Instant.now().truncatedTo(ChronoUnit.MILLIS) : before.created();
            Manifest manifest = new Manifest(id, kind, created, summary, hashed(found));
            syncFiles(path -> !path.startsWith(folder.resolve(RunFolder.CHECKPOINT)));
            disk.write(folder.resolve(Manifest.NAME), manifest.bytes());
            listed = true;
            found.tidy(folder, true, disk);
            written[0] = manifest;
        });
        index.add(written[0]);
        return new StoredRun(caretaker, written[0]);
    }

    /** A manifest over half a run would pass for a whole one. */
    private void checkNothingGone(RunFolder found) throws IOException {
        for (String path : known.keySet()) {
            if (!found.files().containsKey(path) && !path.startsWith(RunFolder.CHECKPOINT)) {
                throw new NoSuchFileException(
                        file(path).toString(), null, "it was deleted while the run was being made");
            }
        }
    }

    void putSpecIfMissing(JsonNode spec) {
        if (!Files.exists(folder.resolve(Store.SPEC))) {
            byte[] text = CanonicalJson.bytes(spec);
            changing(Store.SPEC, text.length, () -> putWhole(Store.SPEC, file -> Files.write(file, text)));
        }
        begun = true;
    }

    private void putWhole(String path, AtomicFiles.Body body) throws IOException {
        StoredFile[] stored = new StoredFile[1];
        AtomicFiles.Body hashing = temporary -> {
            body.write(temporary);
            stored[0] = StoredFile.of(temporary);
        };
        if (syncLater) {
            disk.writeUnsynced(file(path), hashing);
            unsynced.add(file(path));
        } else {
            disk.write(file(path), hashing);
        }
        known.put(path, stored[0]);
        store.verification().hashed(file(path), stored[0]);
    }

    /** Takes the manifest away before a file that it lists changes: never is there a manifest that its files don't match. */
    private void unlist(String path) throws IOException {
        if (listed && before != null && before.files().containsKey(path)) {
            disk.delete(folder.resolve(Manifest.NAME));
            listed = false;
        }
    }

    private SortedMap<String, StoredFile> hashed(RunFolder found) throws IOException {
        SortedMap<String, StoredFile> files = new TreeMap<>();
        for (String path : found.files().keySet()) {
            if (!path.startsWith(RunFolder.CHECKPOINT)) {
                StoredFile stored = known.get(path);
                files.put(path, stored != null ? stored : StoredFile.of(folder.resolve(path)));
            }
        }
        return files;
    }

    private interface Change {
        void make() throws IOException;
    }

    private void changing(String path, long bytesNeeded, Change change) {
        lock.check();
        try {
            if (begun && !Files.exists(folder.resolve(Store.SPEC))) {
                throw new NoSuchFileException(folder.resolve(Store.SPEC).toString());
            }
            change.make();
        } catch (ClosedByInterruptException e) {
            throw new UncheckedIOException("writing " + path + " of run " + id + " was interrupted", e);
        } catch (IOException e) {
            throw disturbance(e)
                    .orElseGet(() -> store.notWritable("cannot write " + path + " of run " + id, e, bytesNeeded));
        }
    }

    private void checkMayChange(String path) {
        checkOpen();
        StorePath.check(path);
        if (path.equals(Manifest.NAME) || path.equals(Store.SPEC)) {
            throw new IllegalArgumentException(path + " is written by the store itself");
        }
    }

    private void checkOpen() {
        if (!open) {
            throw new IllegalStateException("the writer of run " + id + " is closed");
        }
    }

    /** Gives the run's lock up. Without {@link #complete} the run stays unfinished, to be gone on with later. */
    @Override
    public void close() {
        if (open) {
            open = false;
            try {
                lock.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Stops as a killed process would: nothing is tidied, the lock file stays. For tests. */
    void abandon() throws IOException {
        open = false;
        lock.abandon();
    }
}
