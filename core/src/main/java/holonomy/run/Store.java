package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.CanonicalJson;
import holonomy.data.Query;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The run store: a folder with {@code runs/ID/} for each thing made, finished when its {@code manifest.json} is there. It knows ids, kinds, specs and
 * files, not what they mean. Any number of processes and threads may use one store at once; each run has one writer at a time.
 */
public final class Store {
    static final String SPEC = "spec.json";
    private static final String FORMAT_FILE = "store.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root;
    private final Consumer<SetAside> hears;
    private final AtomicFiles disk;
    private final Index index;

    private Store(Path root, Consumer<SetAside> hears, AtomicFiles disk) {
        this.root = root;
        this.hears = hears;
        this.disk = disk;
        this.index = new Index(root.resolve("index.jsonl"), runs(), disk);
    }

    /** Opens a store; a folder that is not there is an empty store, made when something is written. Damaged runs are logged as warnings. */
    public static Store open(Path root) {
        return open(root, event -> LoggerFactory.getLogger(Store.class).warn("{}", event.message()));
    }

    /**
     * Opens a store.
     *
     * @param hears is told of each damaged run that is set aside, on the thread that found it
     * @throws UserError if a newer version has written the store
     */
    public static Store open(Path root, Consumer<SetAside> hears) {
        return open(root, hears, AtomicFiles.standard());
    }

    static Store open(Path root, Consumer<SetAside> hears, AtomicFiles disk) {
        Store store = new Store(root.toAbsolutePath().normalize(), hears, disk);
        store.checkFormat();
        return store;
    }

    public Path root() {
        return root;
    }

    /** A finished run, or empty if there is none; a damaged one is set aside first. */
    public Optional<StoredRun> find(String id) {
        StorePath.checkId(id);
        try {
            Optional<Manifest> manifest = Manifest.read(folder(id), id);
            if (manifest.isEmpty()) {
                return Optional.empty();
            }
            if (checkFiles(id, manifest.get()).hasLeftovers()) {
                tidy(id);
            }
            return Optional.of(new StoredRun(folder(id), manifest.get()));
        } catch (Damage damage) {
            return recheck(id, damage);
        } catch (IOException e) {
            throw notReadable(id, e);
        }
    }

    /**
     * The writer of a run, new, unfinished or finished.
     *
     * @throws UserError if another thread or process is writing it, or the store cannot be written to
     */
    public RunWriter write(String id, String kind, JsonNode spec) {
        return tryWrite(id, kind, spec)
                .orElseThrow(() -> new UserError("run " + id + " in " + root + " is being written by "
                        + owner(id).orElse("another process") + "; wait for it or stop it"));
    }

    /** As {@link #write}, or empty if another thread or process is writing the run. */
    public Optional<RunWriter> tryWrite(String id, String kind, JsonNode spec) {
        StorePath.checkId(id);
        try {
            prepare();
            RunLock lock = RunLock.tryTake(locks(), id).orElse(null);
            if (lock == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(begin(id, kind, spec, lock));
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw notWritable("cannot begin run " + id, e, 0);
        }
    }

    /** Who is writing a run, for people; empty if nobody is. */
    public Optional<String> owner(String id) {
        try {
            return RunLock.owner(locks(), StorePath.checkId(id));
        } catch (IOException e) {
            return Optional.empty(); // a store that cannot be written to has no writers
        }
    }

    /** All finished runs, by id. */
    public List<IndexEntry> list() {
        try {
            return index.list();
        } catch (IOException e) {
            throw notReadable("list", e);
        }
    }

    /** All unfinished runs, by id. */
    public List<UnfinishedRun> unfinished() {
        try {
            List<UnfinishedRun> unfinished = new ArrayList<>();
            for (String id : ids(runs())) {
                if (!Files.exists(folder(id).resolve(Manifest.NAME))) {
                    RunFolder found = RunFolder.scan(folder(id));
                    unfinished.add(new UnfinishedRun(id, spec(id), found.files(), owner(id)));
                }
            }
            return unfinished;
        } catch (IOException e) {
            throw notReadable("list", e);
        }
    }

    /** The tables of all finished runs, as {@link Query#run} takes them: by name, each with its runs and files. */
    public Map<String, List<Query.Source>> tables() {
        Map<String, List<Query.Source>> tables = new TreeMap<>();
        for (IndexEntry run : list()) {
            for (String name : run.tables()) {
                Path file = folder(run.id()).resolve(IndexEntry.path(name));
                tables.computeIfAbsent(name, key -> new ArrayList<>()).add(new Query.Source(run.id(), file));
            }
        }
        return tables;
    }

    /**
     * The id that begins with some digits, finished or not.
     *
     * @throws UserError if none or several do
     */
    public String resolve(String prefix) {
        try {
            List<String> matches =
                    ids(runs()).stream().filter(id -> id.startsWith(prefix)).toList();
            if (matches.contains(prefix) || matches.size() == 1) {
                return matches.contains(prefix) ? prefix : matches.get(0);
            }
            throw new UserError(
                    matches.isEmpty()
                            ? "no run '" + prefix + "' in " + root + "; `holonomy runs` lists what is there"
                            : "'" + prefix + "' is not one run in " + root
                                    + ": expected the beginning of one id, found "
                                    + matches.size() + ": "
                                    + String.join(", ", matches.subList(0, Math.min(5, matches.size())))
                                    + (matches.size() > 5 ? ", ..." : "") + "; give more digits");
        } catch (IOException e) {
            throw notReadable("list", e);
        }
    }

    /** Deletes a run and all its files. */
    public void delete(String id) {
        StorePath.checkId(id);
        try {
            RunLock lock = RunLock.tryTake(locks(), id)
                    .orElseThrow(() -> new UserError("run " + id + " in " + root + " is being written by "
                            + owner(id).orElse("another process") + "; it is not deleted"));
            try (lock) {
                deleteFolder(folder(id));
            }
        } catch (IOException e) {
            throw notWritable("cannot delete run " + id, e, 0);
        }
    }

    /**
     * Puts a run found damaged (by {@link StoredRun#verify}) out of the way, as {@code runs/corrupt-ID-N}.
     *
     * @throws UserError if it is being written, or cannot be moved
     */
    public SetAside setAside(String id, List<String> problems) {
        StorePath.checkId(id);
        try (RunLock lock = RunLock.tryTake(locks(), id).orElse(null)) {
            if (lock == null) {
                throw new UserError("run " + id + " in " + root + " is being written; it is not set aside");
            }
            return moveAside(id, problems);
        } catch (IOException e) {
            throw notWritable("cannot set run " + id + " aside", e, 0);
        }
    }

    Index index() {
        return index;
    }

    Path folder(String id) {
        return runs().resolve(id);
    }

    UserError notWritable(String what, IOException cause, long bytesNeeded) {
        return AtomicFiles.explain("no writable store at " + root + ": " + what, cause, bytesNeeded, root);
    }

    /** The names in {@code runs/} that are ids, sorted. */
    static List<String> ids(Path runs) throws IOException {
        List<String> ids = new ArrayList<>();
        if (Files.isDirectory(runs)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(runs)) {
                for (Path folder : folders) {
                    if (StorePath.isId(folder.getFileName().toString())) {
                        ids.add(folder.getFileName().toString());
                    }
                }
            }
        }
        Collections.sort(ids);
        return ids;
    }

    private RunWriter begin(String id, String kind, JsonNode spec, RunLock lock) throws IOException {
        Manifest manifest = null;
        try {
            manifest = Manifest.read(folder(id), id).orElse(null);
            checkContents(id, spec, manifest);
        } catch (Damage damage) {
            moveAside(id, damage.problems());
            manifest = null;
        }
        disk.createFolders(folder(id));
        RunFolder.scan(folder(id)).tidy(folder(id), manifest != null, disk);
        RunWriter writer = new RunWriter(this, id, kind, lock, disk, manifest);
        if (!Files.exists(folder(id).resolve(SPEC))) {
            writer.putSpec(spec);
        }
        return writer;
    }

    private void checkContents(String id, JsonNode spec, @Nullable Manifest manifest) throws IOException, Damage {
        if (!Files.isDirectory(folder(id))) {
            return;
        }
        RunFolder found = checkFiles(id, manifest);
        if (found.files().containsKey(SPEC)) {
            String text = Files.readString(folder(id).resolve(SPEC), StandardCharsets.UTF_8);
            if (!text.equals(CanonicalJson.text(spec))) {
                throw new Damage(List.of(SPEC + ": expected the spec of this id, found another text"));
            }
        } else if (!found.files().isEmpty()) {
            throw new Damage(List.of(SPEC + ": missing"));
        }
    }

    /** Looks at a damaged run again under its lock: what a writer is changing at the moment is not damaged. */
    private Optional<StoredRun> recheck(String id, Damage damage) {
        try (RunLock lock = RunLock.tryTake(locks(), id).orElse(null)) {
            if (lock == null) {
                return Optional.empty();
            }
            try {
                Optional<Manifest> manifest = Manifest.read(folder(id), id);
                checkFiles(id, manifest.orElse(null));
                return manifest.map(whole -> new StoredRun(folder(id), whole));
            } catch (Damage again) {
                moveAside(id, again.problems());
            }
        } catch (IOException e) {
            hears.accept(new SetAside(id, damage.problems(), null));
        }
        return Optional.empty();
    }

    private RunFolder checkFiles(String id, @Nullable Manifest manifest) throws IOException, Damage {
        RunFolder found = RunFolder.scan(folder(id));
        List<String> problems = manifest == null ? List.of() : found.problems(manifest);
        if (!problems.isEmpty()) {
            throw new Damage(problems);
        }
        return found;
    }

    private SetAside moveAside(String id, List<String> problems) throws IOException {
        int n = 1;
        while (Files.exists(runs().resolve("corrupt-" + id + "-" + n))) {
            n++;
        }
        Path to = runs().resolve("corrupt-" + id + "-" + n);
        disk.move(folder(id), to);
        SetAside event = new SetAside(id, problems, to);
        hears.accept(event);
        return event;
    }

    private void tidy(String id) {
        try (RunLock lock = RunLock.tryTake(locks(), id).orElse(null)) {
            if (lock != null) {
                RunFolder.scan(folder(id)).tidy(folder(id), true, disk);
            }
        } catch (IOException e) {
            LoggerFactory.getLogger(Store.class).debug("cannot tidy run {}", id, e);
        }
    }

    private void deleteFolder(Path folder) throws IOException {
        disk.delete(folder.resolve(Manifest.NAME));
        RunFolder found = RunFolder.scan(folder);
        for (String path : found.files().keySet()) {
            disk.delete(folder.resolve(path));
        }
        found.tidy(folder, true, disk);
        RunFolder.deleteEmptyFolders(folder);
    }

    private Optional<JsonNode> spec(String id) throws IOException {
        Path file = folder(id).resolve(SPEC);
        return Files.exists(file) ? Optional.of(JSON.readTree(Files.readAllBytes(file))) : Optional.empty();
    }

    private void prepare() throws IOException {
        disk.createFolders(runs());
        if (!Files.exists(root.resolve(FORMAT_FILE))) {
            disk.write(
                    root.resolve(FORMAT_FILE),
                    CanonicalJson.bytes(JSON.createObjectNode().put("format", Manifest.FORMAT)));
        }
    }

    private void checkFormat() {
        Path file = root.resolve(FORMAT_FILE);
        try {
            int format = Files.exists(file)
                    ? JSON.readTree(Files.readAllBytes(file)).path("format").asInt()
                    : 0;
            if (format > Manifest.FORMAT) {
                throw Manifest.newer(file, format);
            }
        } catch (IOException e) {
            throw new UserError(
                    "the store's file " + file + " cannot be read: " + e.getMessage() + ". If " + root
                            + " is a store of yours, delete this file: it is made again",
                    e);
        }
    }

    private UserError notReadable(String what, IOException e) {
        return new UserError("the store at " + root + " cannot be read (" + what + "): " + e, e);
    }

    private Path runs() {
        return root.resolve("runs");
    }

    private Path locks() {
        return root.resolve("locks");
    }
}
