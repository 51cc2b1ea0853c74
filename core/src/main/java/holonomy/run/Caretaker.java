package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import holonomy.data.CanonicalJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks runs against their manifests, sets damaged ones aside and tidies up behind crashes. */
@SuppressWarnings("try") // a lock is held, not used
final class Caretaker {
    private static final Logger LOG = LoggerFactory.getLogger(Caretaker.class);

    private final StoreFolder store;
    private final Consumer<SetAside> hears;

    Caretaker(StoreFolder store, Consumer<SetAside> hears) {
        this.store = store;
        this.hears = hears;
    }

    /** A run's manifest, if it has one and its files have the lengths noted there; a damaged run is set aside. */
    Optional<Manifest> sound(String id) throws IOException {
        try {
            Optional<Manifest> manifest = Manifest.read(store.run(id), id);
            if (manifest.isPresent()) {
                tidy(id, checkLengths(id, manifest.get()));
            }
            return manifest;
        } catch (Damage damage) {
            return lookAgain(id, damage);
        }
    }

    /** The manifest of a run whose lock the caller holds, after clearing its folder of damage and of what a crash left; null if it is unfinished. */
    @Nullable
    Manifest makeReady(String id, JsonNode spec) throws IOException {
        Manifest manifest = null;
        try {
            manifest = Manifest.read(store.run(id), id).orElse(null);
            checkSpec(id, spec, checkLengths(id, manifest));
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
        hears.accept(event);
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

    /** Looks at a damaged run again under its lock: what a writer is changing at the moment is not damaged. */
    private Optional<Manifest> lookAgain(String id, Damage damage) {
        try (RunLock lock = store.leases().tryTake(id).orElse(null)) {
            if (lock == null) {
                return Optional.empty();
            }
            try {
                Optional<Manifest> manifest = Manifest.read(store.run(id), id);
                checkLengths(id, manifest.orElse(null));
                return manifest;
            } catch (Damage again) {
                moveAside(id, again.problems());
            }
        } catch (IOException e) {
            LOG.debug("cannot set run {} aside", id, e);
            hears.accept(new SetAside(id, damage.problems(), null));
        }
        return Optional.empty();
    }

    private RunFolder checkLengths(String id, @Nullable Manifest manifest) throws IOException, Damage {
        RunFolder found = RunFolder.scan(store.run(id));
        List<String> problems = manifest == null ? List.of() : found.problems(manifest);
        if (!problems.isEmpty()) {
            throw new Damage(problems);
        }
        return found;
    }

    private void checkSpec(String id, JsonNode spec, RunFolder found) throws IOException, Damage {
        if (found.files().containsKey(Store.SPEC)) {
            String text = Files.readString(store.run(id).resolve(Store.SPEC), StandardCharsets.UTF_8);
            if (!text.equals(CanonicalJson.text(spec))) {
                throw new Damage(List.of(Store.SPEC + ": expected the spec of this id, found another text"));
            }
        } else if (!found.files().isEmpty()) {
            throw new Damage(List.of(Store.SPEC + ": missing"));
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
