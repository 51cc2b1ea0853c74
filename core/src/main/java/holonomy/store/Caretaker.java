package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.CanonicalJson;
import holonomy.data.PlainFile;
import holonomy.data.UserError;
import holonomy.lease.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks runs against their manifests, sets damaged ones aside and tidies up behind crashes. */
@SuppressWarnings("try") // a lock is held, not used
final class Caretaker implements RunFiles {
    private static final Logger LOG = LoggerFactory.getLogger(Caretaker.class);

    private static final String TABLES = "metrics/";

    private final StoreFolder store;

    Caretaker(StoreFolder store) {
        this.store = store;
    }

    @Override
    public Path folder(String id) {
        return store.run(id);
    }

    /** A run's manifest, if it has one and its files have the lengths noted there; a damaged run is set aside. */
    Optional<Manifest> sound(String id) throws IOException {
        return sound(id, path -> false);
    }

    /** As {@link #sound(String)}, and its tables have the hashes noted there too. */
    Optional<Manifest> soundWithTables(String id) throws IOException {
        return sound(id, path -> path.startsWith(TABLES));
    }

    private Optional<Manifest> sound(String id, Predicate<String> hashed) throws IOException {
        try {
            Optional<Manifest> manifest = Manifest.read(store.run(id), id);
            if (manifest.isPresent()) {
                tidy(id, check(id, manifest.get(), hashed));
            }
            return manifest;
        } catch (Damage damage) {
            return lookAgain(id, hashed, damage).manifest();
        }
    }

    /** A file of a finished run, which is as the manifest says; a damaged run is set aside. */
    @Override
    public Path verified(String id, String path, StoredFile expected) {
        String problem = problem(id, path, expected);
        if (!problem.isEmpty()) {
            throw new DamagedRun(
                    lookAgain(id, path::equals, new Damage(path, problem)).event());
        }
        return store.run(id).resolve(path);
    }

    @Override
    public String problem(String id, String path, StoredFile expected) {
        return store.verification().problem(store.run(id).resolve(path), expected);
    }

    @Override
    public List<String> problems(String id, Manifest manifest) {
        return problems(id, manifest, path -> true, new Verification(true));
    }

    @Override
    public UserError lacks(String id, String path, Collection<String> has) {
        return new UserError("run " + id + " has no file '" + path + "'; it has " + String.join(", ", has));
    }

    /** What is wrong with some files of a run, one line each. */
    private List<String> problems(String id, Manifest manifest, Predicate<String> which, Verification verification) {
        List<String> problems = new ArrayList<>();
        manifest.files().forEach((path, expected) -> {
            String problem =
                    which.test(path) ? verification.problem(store.run(id).resolve(path), expected) : "";
            if (!problem.isEmpty()) {
                problems.add(path + ": " + problem);
            }
        });
        return problems;
    }

    /** The manifest of a run whose lock the caller holds, after clearing its folder of damage and of what a crash left; null if it is unfinished. */
    @Nullable
    Manifest makeReady(String id, JsonNode spec) throws IOException {
        Manifest manifest = null;
        try {
            manifest = Manifest.read(store.run(id), id).orElse(null);
            checkSpec(id, spec, check(id, manifest, path -> false));
        } catch (Damage damage) {
            moveAside(id, damage.problems());
            manifest = null;
        }
        store.disk().createFolders(store.run(id));
        RunFolder.scan(store.run(id)).tidy(store.run(id), manifest != null, store.disk());
        return manifest;
    }

    /** Moves a run, whose lock the caller holds, to the first free {@code runs/corrupt-ID-N}. */
    SetAside moveAside(String id, List<String> problems) throws IOException {
        SetAside event = new SetAside(id, problems, moveTo("corrupt-", id));
        store.tell(event);
        return event;
    }

    /** Moves a run, whose lock the caller holds, to the first free {@code PREFIX-ID-N}. */
    Path moveTo(String prefix, String id) throws IOException {
        int n = 1;
        while (Files.exists(store.root().resolve(prefix + id + "-" + n))) {
            n++;
        }
        Path to = store.root().resolve(prefix + id + "-" + n);
        store.disk().move(store.run(id), to);
        return to;
    }

    /** What a second look at a damaged run found: its manifest if all is well after all, and what people are told. */
    private record Look(Optional<Manifest> manifest, SetAside event) {}

    /** Looks at a damaged run again under its lock: what a writer is changing at the moment is not damaged. */
    private Look lookAgain(String id, Predicate<String> hashed, Damage damage) {
        SetAside unmoved = new SetAside(id, damage.problems(), null);
        try (RunLock lock = store.leases().tryTake(id).orElse(null)) {
            if (lock == null) {
                return new Look(Optional.empty(), unmoved);
            }
            try {
                Optional<Manifest> manifest = Manifest.read(store.run(id), id);
                check(id, manifest.orElse(null), hashed);
                return new Look(manifest, unmoved);
            } catch (Damage again) {
                return new Look(Optional.empty(), moveAside(id, again.problems()));
            }
        } catch (IOException e) {
            LOG.debug("cannot set run {} aside", id, e);
            store.tell(unmoved);
        }
        return new Look(Optional.empty(), unmoved);
    }

    private RunFolder check(String id, @Nullable Manifest manifest, Predicate<String> hashed)
            throws IOException, Damage {
        RunFolder found = RunFolder.scan(store.run(id));
        if (manifest == null) {
            return found;
        }
        List<String> problems = found.problems(manifest);
        if (problems.isEmpty()) {
            problems = problems(id, manifest, hashed, store.verification());
        }
        if (!problems.isEmpty()) {
            throw new Damage(problems);
        }
        return found;
    }

    private void checkSpec(String id, JsonNode spec, RunFolder found) throws IOException, Damage {
        if (found.files().containsKey(Store.SPEC)) {
            byte[] text = PlainFile.read(store.run(id).resolve(Store.SPEC), PlainFile.JSON_BYTES);
            if (!Arrays.equals(text, CanonicalJson.bytes(spec))) {
                throw new Damage(Store.SPEC, "expected the spec of this id, found another text");
            }
        } else if (!found.files().isEmpty()) {
            throw new Damage(Store.SPEC, "missing");
        }
    }

    /** Deletes what a crash left in a finished run, its lock file too; not while the run is being written. */
    private void tidy(String id, RunFolder found) {
        if (!found.hasLeftovers() && !store.leases().hasTrace(id)) {
            return;
        }
        try (RunLock lock = store.leases().tryTake(id).orElse(null)) {
            if (lock != null) {
                RunFolder.scan(store.run(id)).tidy(store.run(id), true, store.disk());
            }
        } catch (IOException e) {
            LOG.debug("cannot tidy run {}", id, e);
        }
    }
}
