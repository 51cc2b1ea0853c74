package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.PlainFile;
import holonomy.data.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;

/**
 * A run without manifest: in the making, or left by a process that ended.
 *
 * @param id identity
 * @param spec what determines it; empty if its owner has not yet written it
 * @param reached the step of its checkpoint; empty if there is none
 * @param files what is there, with lengths in bytes
 * @param owner who is making it, for people; empty if nobody is
 */
public record UnfinishedRun(
        String id,
        Optional<JsonNode> spec,
        OptionalLong reached,
        SortedMap<String, Long> files,
        Optional<String> owner) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The run in a folder without a manifest; empty if there is no such folder.
     *
     * @throws Damage if it cannot be understood
     */
    static Optional<UnfinishedRun> read(StoreFolder store, String id) throws IOException, Damage {
        Path folder = store.run(id);
        if (!Files.exists(folder) || Manifest.read(folder, id).isPresent()) {
            return Optional.empty();
        }
        Optional<String> owner = store.leases().owner(id);
        SortedMap<String, Long> files = RunFolder.scan(folder).files();
        if (files.isEmpty() && owner.isEmpty()) {
            throw new Damage(Store.SPEC, "expected the spec of this id, found no file");
        }
        return Optional.of(new UnfinishedRun(
                id, spec(folder, id, files.isEmpty()), CurrentCheckpoint.reached(folder), files, owner));
    }

    private static Optional<JsonNode> spec(Path folder, String id, boolean begun) throws IOException, Damage {
        try {
            byte[] text = PlainFile.read(folder.resolve(Store.SPEC), PlainFile.JSON_BYTES);
            if (!Sha256.of(text).equals(id)) {
                throw new Damage(Store.SPEC, "expected the spec of this id, found another text");
            }
            return Optional.of(JSON.readTree(text));
        } catch (NoSuchFileException e) {
            if (begun) {
                return Optional.empty();
            }
            throw new Damage(Store.SPEC, "missing");
        } catch (PlainFile.NotPlain e) {
            throw new Damage(Store.SPEC, String.valueOf(e.getMessage()));
        }
    }
}
