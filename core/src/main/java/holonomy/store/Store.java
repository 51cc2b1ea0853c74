package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.AtomicFiles;
import holonomy.data.Query;
import holonomy.data.UserError;
import holonomy.lease.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * The run store: a folder with a folder {@code ID/} for each thing made, finished when its {@code manifest.json} is there. It knows ids, kinds, specs and
 * files, not what they mean. Any number of processes and threads may use one store at once; each run has one writer at a time.
 */
@SuppressWarnings("try") // a lock is held, not used
public final class Store {
    public static final String SPEC = "spec.json";
    private static final int CANDIDATES_SHOWN = 5;

    private final StoreFolder folder;
    private final Caretaker caretaker;
    private final Index index;

    private Store(StoreFolder folder) {
        this.folder = folder;
        this.caretaker = new Caretaker(folder);
        this.index = new Index(folder);
    }

    /** Opens a store; a folder that is not there is an empty store, made when something is written. What people are to hear is logged as warnings. */
    public static Store open(Path root) {
        return open(root, event -> LoggerFactory.getLogger(Store.class).warn("{}", event.message()));
    }

    /**
     * Opens a store.
     *
     * @param hears is told, once each and on the thread that found it, of damaged runs that are set aside and of what cannot be read and is left out
     * @throws UserError if a newer version has written the store
     */
    public static Store open(Path root, Consumer<Notice> hears) {
        return open(root, hears, AtomicFiles.standard());
    }

    static Store open(Path root, Consumer<Notice> hears, AtomicFiles disk) {
        StoreFolder folder = new StoreFolder(root.toAbsolutePath().normalize(), disk, hears);
        folder.checkFormat();
        return new Store(folder);
    }

    public Path root() {
        return folder.root();
    }

    /** A finished run, or empty if there is none. The lengths of its files are checked; a damaged run is set aside first. */
    public Optional<StoredRun> find(String id) {
        StorePath.checkId(id);
        try {
            return caretaker.sound(id).map(manifest -> new StoredRun(caretaker, manifest));
        } catch (IOException e) {
            throw folder.notReadable("run " + id, e);
        }
    }

    /** As {@link #find}; the hashes of its tables, which figures and claims will read, are checked too. */
    public Optional<StoredRun> findWithTables(String id) {
        StorePath.checkId(id);
        try {
            return caretaker.soundWithTables(id).map(manifest -> new StoredRun(caretaker, manifest));
        } catch (IOException e) {
            throw folder.notReadable("run " + id, e);
        }
    }

    /**
     * The writer of a run, new, unfinished or finished.
     *
     * @throws UserError if another thread or process is writing it, or the store cannot be written to
     */
    public RunWriter write(String id, String kind, JsonNode spec) {
        return tryWrite(id, kind, spec).orElseThrow(() -> busy(id, "wait for it or stop it"));
    }

    /** As {@link #write}, or empty if another thread or process is writing the run. */
    public Optional<RunWriter> tryWrite(String id, String kind, JsonNode spec) {
        StorePath.checkId(id);
        try {
            folder.prepare();
            RunLock lock = folder.leases().tryTake(id).orElse(null);
            return lock == null ? Optional.empty() : begin(lock, id, kind, spec);
        } catch (IOException e) {
            throw folder.notWritable("cannot begin run " + id, e, 0);
        }
    }

    private Optional<RunWriter> begin(RunLock lock, String id, String kind, JsonNode spec) throws IOException {
        try {
            Manifest manifest = caretaker.makeReady(id, spec);
            RunWriter writer = new RunWriter(folder, caretaker, index, id, kind, lock, manifest);
            writer.putSpecIfMissing(spec);
            return Optional.of(writer);
        } catch (IOException | RuntimeException | Error e) {
            boolean lost = lock.isTaken();
            lock.close();
            if (lost) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Who is writing a run, for people; empty if nobody is. */
    public Optional<String> owner(String id) {
        try {
            return folder.leases().owner(StorePath.checkId(id));
        } catch (IOException e) {
            return Optional.empty(); // a store that cannot be written to has no writers
        }
    }

    /** The step of an unfinished run's checkpoint; empty if there is none, or if it cannot be read: then the run begins again. */
    public OptionalLong reached(String id) {
        Path run = folder.run(StorePath.checkId(id));
        try {
            return CurrentCheckpoint.reached(run);
        } catch (Damage damage) {
            folder.tell(damage.leftOut(run, "the run begins again from its initial values"));
            return OptionalLong.empty();
        } catch (IOException e) {
            throw folder.notReadable("run " + id, e);
        }
    }

    /** All finished runs, by id. */
    public List<IndexEntry> list() {
        try {
            return index.list();
        } catch (IOException e) {
            throw folder.notReadable("list of runs", e);
        }
    }

    /** All unfinished runs, by id. What cannot be read is told and left out. */
    public List<UnfinishedRun> unfinished() {
        return unfinished(List.of());
    }

    /** As {@link #unfinished()}, looking at no run that {@link #list} has just listed. */
    public List<UnfinishedRun> unfinished(List<IndexEntry> listed) {
        try {
            List<UnfinishedRun> unfinished = new ArrayList<>();
            Set<String> finished = listed.stream().map(IndexEntry::id).collect(Collectors.toSet());
            for (String id : folder.ids()) {
                if (!finished.contains(id)) {
                    folder.readable(id, () -> UnfinishedRun.read(folder, id)).ifPresent(unfinished::add);
                }
            }
            return unfinished;
        } catch (IOException e) {
            throw folder.notReadable("list of runs", e);
        }
    }

    /** An unfinished run; empty if it is finished, not there, or cannot be read, which is told. */
    public Optional<UnfinishedRun> unfinished(String id) {
        return folder.readable(StorePath.checkId(id), () -> UnfinishedRun.read(folder, id));
    }

    /** The tables of all finished runs, as {@link Query#run} takes them: by name, each with its runs and files. */
    public Map<String, List<Query.Source>> tables() {
        Map<String, List<Query.Source>> tables = new TreeMap<>();
        for (IndexEntry run : list()) {
            for (String name : run.tables()) {
                Path file = folder.run(run.id()).resolve(IndexEntry.path(name));
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
                    folder.ids().stream().filter(id -> id.startsWith(prefix)).toList();
            if (matches.contains(prefix)) {
                return prefix;
            }
            if (matches.size() != 1) {
                throw unresolved(prefix, matches);
            }
            return matches.get(0);
        } catch (IOException e) {
            throw folder.notReadable("list of runs", e);
        }
    }

    private UserError unresolved(String prefix, List<String> matches) {
        if (matches.isEmpty()) {
            return new UserError("no run '" + prefix + "' in " + root() + "; `holonomy runs` lists what is there");
        }
        String shown = String.join(", ", matches.subList(0, Math.min(CANDIDATES_SHOWN, matches.size())));
        return new UserError("'" + prefix + "' is not one run in " + root()
                + ": expected the beginning of one id, found " + matches.size() + ": " + shown
                + (matches.size() > CANDIDATES_SHOWN ? ", ..." : "") + "; give more digits");
    }

    /**
     * Deletes a run and all its files.
     *
     * @throws UserError if it is being written, or cannot be deleted
     */
    public void delete(String id) {
        try (RunLock lock = take(id)) {
            RunFolder.delete(folder.run(id), folder.disk());
        } catch (IOException e) {
            throw folder.notWritable("cannot delete run " + id, e, 0);
        }
    }

    /**
     * Puts a run found damaged (by {@link StoredRun#verify}) out of the way, as {@code corrupt-ID-N}.
     *
     * @throws UserError if it is being written, or cannot be moved
     */
    public SetAside setAside(String id, List<String> problems) {
        try (RunLock lock = take(id)) {
            return caretaker.moveAside(id, problems);
        } catch (IOException e) {
            throw folder.notWritable("cannot set run " + id + " aside", e, 0);
        }
    }

    /**
     * Puts a run, finished or not, out of the way so that it is made again: it lies as {@code runs/replaced-ID-N} until {@link #garbage()} is
     * deleted. Empty if there is none.
     *
     * @throws UserError if it is being written, or cannot be moved
     */
    public Optional<Path> replace(String id) {
        try {
            if (!Files.exists(folder.run(StorePath.checkId(id)), LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            folder.prepare();
            try (RunLock lock = take(id)) {
                return Optional.of(caretaker.moveTo(Garbage.REPLACED, id));
            }
        } catch (IOException e) {
            throw folder.notWritable("cannot replace run " + id, e, 0);
        }
    }

    /** What can be deleted without losing a run: damaged and replaced runs, what crashes left. */
    public List<Garbage> garbage() {
        try {
            return Garbage.find(folder);
        } catch (IOException e) {
            throw folder.notReadable("list of what can be deleted", e);
        }
    }

    /** Deletes garbage. */
    public void delete(List<Garbage> garbage) {
        for (Garbage piece : garbage) {
            try {
                piece.delete(folder);
            } catch (IOException e) {
                throw folder.notWritable("cannot delete " + piece.path(), e, 0);
            }
        }
    }

    /** Which experiment asked for which runs. */
    public ExperimentRuns experimentRuns() {
        return new ExperimentRuns(folder);
    }

    /** Where a run's files lie, finished or not, for reading. */
    public Path folder(String id) {
        return folder.run(StorePath.checkId(id));
    }

    private RunLock take(String id) throws IOException {
        return folder.leases().tryTake(StorePath.checkId(id)).orElseThrow(() -> busy(id, "it is left as it is"));
    }

    private UserError busy(String id, String remedy) {
        return new UserError("run " + id + " in " + root() + " is being written by "
                + owner(id).orElse("another process") + "; " + remedy);
    }
}
