package holonomy.analysis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of one snapshot: one file, or the parts that an index names.
 *
 * @param place the file, or the folder of the files
 * @param files those that hold tensors, sorted
 * @param parts by tensor the file that holds it, as the index says; empty without one: every tensor of the only file
 */
public record Checkpoint(Path place, List<Path> files, SortedMap<String, Path> parts) {
    private static final String INDEX = SnapshotFiles.SUFFIX + ".index.json";

    /** Names under which training programs save; earlier ones first where a folder has several. */
    private static final List<String> USUAL =
            List.of("model" + SnapshotFiles.SUFFIX, "adapter_model" + SnapshotFiles.SUFFIX);

    private static final Pattern PART = Pattern.compile(
            "-\\d+-of-(?!0*1$)\\d+$|(?:^|[-_.])(?:consolidated|rank|shard|part|[tpd]p)[-_.]*(?:rank[-_.]*)?\\d+$",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern FILE_NAME = Pattern.compile("[^/\\\\\\x00]+" + Pattern.quote(SnapshotFiles.SUFFIX));

    static Checkpoint of(Path file) {
        return new Checkpoint(file, List.of(file), new TreeMap<>());
    }

    /**
     * The snapshot in a folder of its own: by its index, or model.safetensors, or adapter_model.safetensors, or the only file, if it is no part.
     *
     * @throws UserError if none of these is there, or the index is damaged or names what isn't there
     */
    static Checkpoint in(Path folder) {
        List<Path> files = files(folder, SnapshotFiles.SUFFIX);
        List<Path> indices = files(folder, INDEX);
        Optional<Path> usual = USUAL.stream()
                .map(folder::resolve)
                .filter(files::contains)
                .findFirst()
                .or(() -> whole(files).stream()
                        .filter(file -> files.size() == 1 && indices.isEmpty())
                        .findFirst());
        if (usual.isPresent()) {
            return new Checkpoint(folder, List.of(usual.get()), new TreeMap<>());
        }
        if (indices.size() == 1) {
            return indexed(folder, indices.get(0));
        }
        requireWhole(folder, files);
        throw new UserError("snapshot " + folder + ": " + (indices.isEmpty() ? "no index" : indices.size() + " indices")
                + " and " + files.size() + " files (" + names(files) + "); expected one of them, or parts with one "
                + "model" + INDEX + ". Leave only the files of the model in the folder");
    }

    /** What to call it: its file, the folder and its file, or the folder and how many files. */
    String label() {
        String name = place.getFileName().toString();
        if (files.get(0).equals(place)) {
            return name;
        }
        return files.size() == 1 ? name + "/" + files.get(0).getFileName() : name + " (" + files.size() + " files)";
    }

    /** The files whose names don't say that they are parts. */
    static List<Path> whole(List<Path> files) {
        return files.stream().filter(file -> !isPart(file)).toList();
    }

    /** @throws UserError if files are parts of one checkpoint: ranks or shards whose numbers are no steps */
    static void requireWhole(Path folder, List<Path> files) {
        List<Path> parts = files.stream().filter(Checkpoint::isPart).toList();
        if (!parts.isEmpty()) {
            String are = parts.size() == 1 ? " is a part" : " are " + parts.size() + " parts";
            throw new UserError("snapshots in " + folder + ": " + names(parts) + are
                    + " of one checkpoint, not steps of a path; expected one whole model per step. Save each step as one file ("
                    + StepNames.EXAMPLE + "), or put its parts with their model" + INDEX
                    + " into a folder of its own (checkpoint-100)");
        }
    }

    private static boolean isPart(Path file) {
        var part = PART.matcher(SnapshotFiles.stem(file));
        if (!part.find()) {
            return false;
        }
        String rest = SnapshotFiles.stem(file).substring(0, part.start());
        return part.group().contains("-of-") || !StepNames.possible(rest);
    }

    /** The visible files of a folder with this ending, sorted. */
    static List<Path> files(Path folder, String suffix) {
        return SnapshotFiles.entries(folder).stream()
                .filter(file -> file.getFileName().toString().endsWith(suffix) && Files.isRegularFile(file))
                .toList();
    }

    /** The names of files, the first and the last of many. */
    static String names(List<Path> files) {
        List<String> names =
                files.stream().map(file -> file.getFileName().toString()).toList();
        return names.size() <= 4
                ? String.join(", ", names)
                : Stream.of(names.get(0), names.get(1), "..", names.get(names.size() - 1))
                        .collect(Collectors.joining(", "));
    }

    private static Checkpoint indexed(Path folder, Path index) {
        SortedMap<String, Path> parts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> tensor : weightMap(index).properties()) {
            String name = tensor.getValue().asText();
            Path file = FILE_NAME.matcher(name).matches() ? folder.resolve(name) : index;
            if (file.equals(index) || !Files.isRegularFile(file)) {
                throw new UserError(
                        "snapshot " + folder + ": " + index.getFileName() + " says that '" + tensor.getKey()
                                + "' is in '" + name
                                + "', expected a file in this folder, found none. Save that step again, or take it out of the folder");
            }
            parts.put(tensor.getKey(), file);
        }
        return new Checkpoint(folder, List.copyOf(new TreeSet<>(parts.values())), parts);
    }

    private static JsonNode weightMap(Path index) {
        try {
            JsonNode map = new ObjectMapper().readTree(index.toFile()).path("weight_map");
            if (map.isObject() && !map.isEmpty()) {
                return map;
            }
            throw damaged(
                    index,
                    map.isMissingNode() ? "none" : map.getNodeType().toString().toLowerCase(java.util.Locale.ROOT));
        } catch (JsonProcessingException e) {
            throw damaged(index, e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + index, e);
        }
    }

    private static UserError damaged(Path index, String found) {
        return new UserError(
                "index " + index + " is damaged: expected a JSON object with 'weight_map' from tensors to files, found "
                        + found + ". Save that step again, or take it out of the folder");
    }
}
