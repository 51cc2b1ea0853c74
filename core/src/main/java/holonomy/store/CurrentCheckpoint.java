package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code checkpoint/current.json} of an unfinished run: the step reached, and length and SHA-256 of every file that the run goes on from. It is replaced last, in
 * one rename, so that at every moment it names a whole checkpoint.
 */
public final class CurrentCheckpoint {
    /** Its path in the run's folder. */
    public static final String FILE = "checkpoint/current.json";

    private CurrentCheckpoint() {}

    /** The step of the checkpoint in a run's folder; empty if there is none. */
    static OptionalLong reached(Path run) throws IOException, Damage {
        Optional<ObjectNode> pointer = read(run.resolve(FILE));
        return pointer.isPresent() ? OptionalLong.of(pointer.get().get("step").longValue()) : OptionalLong.empty();
    }

    /**
     * Step and files; empty if there is none.
     *
     * @param file where it lies
     * @throws Damage if it is not as it was written
     */
    public static Optional<ObjectNode> read(Path file) throws IOException, Damage {
        return Files.exists(file) ? Optional.of(parse(file)) : Optional.empty();
    }

    private static ObjectNode parse(Path file) throws IOException, Damage {
        ObjectNode pointer = Seal.read(file, FILE);
        JsonNode step = pointer.path("step");
        if (!step.isIntegralNumber() || !step.canConvertToLong() || step.longValue() < 0) {
            throw new Damage(FILE, "expected a whole number from 0 in 'step', found '" + step.asText() + "'");
        }
        if (!pointer.path("files").isObject()) {
            throw new Damage(FILE, "expected an object 'files', found none");
        }
        return pointer;
    }
}
