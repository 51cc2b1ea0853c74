package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Parquet;
import holonomy.data.Table;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far an unfinished run had come at its latest checkpoint, for who looks on: nothing is locked, and whoever trains it needs not know.
 *
 * @param step optimiser steps taken
 * @param seconds training time so far
 * @param loss training loss of the latest batch, nats; NaN before the first step
 * @param at when the checkpoint was written
 * @param tables rows measured so far, by the name of the measure's file
 */
public record Underway(long step, double seconds, double loss, Instant at, Map<String, Table> tables) {
    private static final String PARQUET = ".parquet";

    /**
     * The latest checkpoint in a run's folder; empty if there is none, or if it was replaced while it was read: look again.
     *
     * @throws Damage if a file is not what it was when the checkpoint was written
     */
    public static Optional<Underway> read(Path run) throws IOException, Damage {
        Path current = run.resolve(CurrentCheckpoint.FILE);
        Optional<ObjectNode> pointer = CurrentCheckpoint.read(current);
        if (pointer.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(run, current, pointer.get()));
        } catch (IOException | Damage | UserError failure) {
            if (CurrentCheckpoint.read(current).equals(pointer)) {
                throw failure;
            }
            return Optional.empty(); // its files went when the next one was there, or the run was finished
        }
    }

    private static Underway read(Path run, Path current, JsonNode pointer) throws IOException, Damage {
        long step = pointer.get("step").longValue();
        String folder = RunFolder.CHECKPOINT + step + "/";
        Map<String, Table> tables = new TreeMap<>();
        for (Map.Entry<String, JsonNode> file : pointer.path("files").properties()) {
            String path = file.getKey();
            if (path.startsWith(folder) && path.endsWith(PARQUET)) {
                String name = path.substring(folder.length(), path.length() - PARQUET.length());
                tables.put(name, table(run, path, StoredFile.of(CurrentCheckpoint.FILE, path, file.getValue())));
            }
        }
        double loss = pointer.path("loss").asDouble(Double.NaN);
        Instant at = Files.getLastModifiedTime(current).toInstant();
        return new Underway(step, pointer.path("seconds").asDouble(), loss, at, tables);
    }

    private static Table table(Path run, String path, StoredFile expected) throws IOException, Damage {
        if (!expected.matches(run.resolve(path), false)) {
            throw new Damage(path, "not what it was when the checkpoint was written");
        }
        return Parquet.read(run.resolve(path));
    }
}
