package holonomy.analysis;

import holonomy.data.UserError;
import holonomy.geometry.Windows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The snapshots of a folder by their step, ascending as numbers: step-9 comes before step-10. Either files with a step in their names, or folders with one, each
 * of which holds a checkpoint (model.safetensors, parts with an index, an adapter); where both are there, those that are more. Hidden files are not seen.
 *
 * <p>{@link StepNames} says what is a step. A folder that holds an exported run of ours stands for the snapshots in it.
 *
 * @param folder where the snapshots lie
 * @param byStep at least 3
 * @param leftOut files and folders that hold tensors but are no snapshots of this path, each with the reason
 */
public record SnapshotFiles(Path folder, SortedMap<Long, Checkpoint> byStep, List<String> leftOut) {
    static final String SUFFIX = ".safetensors";
    private static final String EXPECTED = "expected one " + SUFFIX + " file per snapshot, the step in its name ("
            + StepNames.EXAMPLE + "), or a folder each (checkpoint-100/model" + SUFFIX + ")";

    /**
     * Finds the snapshots.
     *
     * @throws UserError if there is no such folder, a file's name has no step, two have the same, files are parts of one checkpoint, or there are fewer than 3
     */
    public static SnapshotFiles in(Path given) {
        if (!Files.isDirectory(given)) {
            throw new UserError("no folder " + given + "; " + EXPECTED
                    + ". `holonomy analyse --help` shows how to make such a folder");
        }
        Path folder = ofRun(given);
        List<Path> files = Checkpoint.files(folder, SUFFIX);
        List<Path> folders =
                entries(folder).stream().filter(SnapshotFiles::holdsTensors).toList();
        Map<Path, Long> ofFolders = steps(folder, folders);
        Map<Path, Long> ofFiles = steps(folder, Checkpoint.whole(files));
        if (ofFolders.size() > ofFiles.size()) {
            List<String> leftOut = new ArrayList<>(named(files, "beside folders of snapshots"));
            leftOut.addAll(named(without(ofFolders, folders), "no step in its name"));
            return new SnapshotFiles(folder, byStep(folder, ofFolders, Checkpoint::in), leftOut);
        }
        Checkpoint.requireWhole(folder, files);
        for (Path file : without(ofFiles, files)) {
            throw new UserError("snapshot " + file + ": no step in its name; expected one, for instance "
                    + StepNames.EXAMPLE + ". Rename it, or take it out of the folder");
        }
        List<String> leftOut = named(folders, "a folder beside files of snapshots");
        return new SnapshotFiles(folder, byStep(folder, ofFiles, Checkpoint::of), leftOut);
    }

    /** The snapshots, by step. */
    List<Checkpoint> checkpoints() {
        return List.copyOf(byStep.values());
    }

    /** The snapshots' files, or their folders, by step. */
    public List<String> names() {
        return checkpoints().stream().map(Checkpoint::label).toList();
    }

    /** The steps [n], ascending. */
    public long[] steps() {
        return byStep.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    private static SortedMap<Long, Checkpoint> byStep(
            Path folder, Map<Path, Long> steps, Function<Path, Checkpoint> checkpoint) {
        TreeMap<Long, Path> places = new TreeMap<>();
        for (Map.Entry<Path, Long> snapshot : new TreeMap<>(steps).entrySet()) {
            Path place = snapshot.getKey();
            Path twin = places.put(snapshot.getValue(), place);
            if (twin != null) {
                throw new UserError(
                        "snapshots in " + folder + ": " + twin.getFileName() + " and " + place.getFileName()
                                + " are both of step " + snapshot.getValue()
                                + "; expected one snapshot per step (a model in several files needs a folder of its own, with their index). Remove or rename one");
            }
        }
        if (places.size() < Windows.FIRST) {
            throw new UserError("snapshots in " + folder + ": found " + places.size() + "; " + EXPECTED + ", at least "
                    + Windows.FIRST + " of them: a path of fewer has no shape");
        }
        SortedMap<Long, Checkpoint> byStep = new TreeMap<>();
        places.forEach((step, place) -> byStep.put(step, checkpoint.apply(place)));
        return byStep;
    }

    private static Map<Path, Long> steps(Path folder, List<Path> places) {
        Map<String, Long> byName =
                StepNames.of(folder, places.stream().map(SnapshotFiles::stem).toList());
        return places.stream()
                .filter(place -> byName.containsKey(stem(place)))
                .collect(Collectors.toMap(place -> place, place -> byName.get(stem(place))));
    }

    private static List<Path> without(Map<Path, Long> steps, List<Path> places) {
        return places.stream().filter(place -> !steps.containsKey(place)).toList();
    }

    private static List<String> named(List<Path> places, String reason) {
        return places.stream()
                .map(place -> place.getFileName() + " (" + reason + ")")
                .toList();
    }

    private static boolean holdsTensors(Path place) {
        return Files.isDirectory(place) && !Checkpoint.files(place, SUFFIX).isEmpty();
    }

    /** The folder of the only trajectory of an exported run, or the folder itself. */
    private static Path ofRun(Path folder) {
        Path trajectories = folder.resolve("trajectory");
        if (!Files.isDirectory(trajectories)) {
            return folder;
        }
        List<Path> inside =
                entries(trajectories).stream().filter(Files::isDirectory).toList();
        if (inside.size() == 1) {
            return inside.get(0);
        }
        String names = inside.stream().map(Path::toString).collect(Collectors.joining(", "));
        throw new UserError("the run in " + folder + " has " + inside.size() + " trajectories, expected one"
                + (inside.isEmpty() ? "; it was trained without snapshots" : "; give one of them: " + names));
    }

    /** A name without the suffix. */
    static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    }

    /** What is in a folder, sorted, without what is hidden (.DS_Store, and ._x that some systems leave beside a file x). */
    static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError(
                    "folder " + folder + " cannot be listed (" + e.getMessage() + "); give one that can be read", e);
        }
    }
}
