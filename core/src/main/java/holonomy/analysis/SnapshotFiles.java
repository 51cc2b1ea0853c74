package holonomy.analysis;

import holonomy.data.UserError;
import holonomy.geometry.Windows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of a folder of snapshots by their step, ascending as numbers: step-9 comes before step-10.
 *
 * <p>The step is the number behind the word 'step' in a file's name, or else the last number in it. A folder that holds an exported run of ours stands for the
 * snapshots in it.
 *
 * @param folder where the files lie
 * @param byStep at least 3
 */
public record SnapshotFiles(Path folder, SortedMap<Long, Path> byStep) {
    private static final String SUFFIX = ".safetensors";
    private static final Pattern STEP = Pattern.compile("(?i)step[-_. =]*(\\d+)");
    private static final Pattern NUMBER = Pattern.compile("(\\d+)");
    private static final String EXPECTED = "expected one " + SUFFIX + " file per snapshot, the step in its name (step-100" + SUFFIX + ")";

    /**
     * Finds the snapshots.
     *
     * @throws UserError if there is no such folder, a file's name has no number, two have the same, or there are fewer than 3
     */
    public static SnapshotFiles in(Path given) {
        if (!Files.isDirectory(given)) {
            throw new UserError(
                    "no folder " + given + "; " + EXPECTED + ". `holonomy analyse --help` shows how to make such a folder");
        }
        Path folder = ofRun(given);
        TreeMap<Long, Path> byStep = new TreeMap<>();
        for (Path file : listed(folder)) {
            Path twin = byStep.put(step(file), file);
            if (twin != null) {
                throw new UserError("snapshots in " + folder + ": " + twin.getFileName() + " and " + file.getFileName()
                        + " are both of step " + step(file)
                        + "; expected one file per step (a model in several files must be saved as one). Remove or rename one");
            }
        }
        if (byStep.size() < Windows.FIRST) {
            throw new UserError("snapshots in " + folder + ": found " + count(byStep.size()) + "; " + EXPECTED
                    + ", at least " + Windows.FIRST + " of them: a path of fewer has no shape");
        }
        return new SnapshotFiles(folder, byStep);
    }

    /** The files, by step. */
    public List<Path> files() {
        return List.copyOf(byStep.values());
    }

    /** The steps [n], ascending. */
    public long[] steps() {
        return byStep.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    private static String count(int files) {
        return files == 1 ? "1 such file" : files + " such files";
    }

    /** The folder of the only trajectory of an exported run, or the folder itself. */
    private static Path ofRun(Path folder) {
        Path trajectories = folder.resolve("trajectory");
        if (!Files.isDirectory(trajectories)) {
            return folder;
        }
        List<Path> inside = entries(trajectories).stream().filter(Files::isDirectory).toList();
        if (inside.size() == 1) {
            return inside.get(0);
        }
        String names = inside.stream().map(Path::toString).collect(Collectors.joining(", "));
        throw new UserError("the run in " + folder + " has " + inside.size() + " trajectories, expected one"
                + (inside.isEmpty() ? "; it was trained without snapshots" : "; give one of them: " + names));
    }

    private static List<Path> listed(Path folder) {
        return entries(folder).stream()
                .filter(file -> file.getFileName().toString().endsWith(SUFFIX) && Files.isRegularFile(file))
                .toList();
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    static long step(Path file) {
        String name = file.getFileName().toString();
        String stem = name.substring(0, name.length() - SUFFIX.length());
        Matcher named = STEP.matcher(stem);
        String digits = named.find() ? named.group(1) : last(stem);
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new UserError(
                    "snapshot " + file + ": " + (digits.isEmpty() ? "no number in its name" : digits + " is too large a step")
                            + "; expected its step, for instance step-100" + SUFFIX + ". Rename it, or take it out of the folder",
                    e);
        }
    }

    private static String last(String stem) {
        String digits = "";
        for (Map.Entry<Integer, String> number : NUMBER.matcher(stem)
                .results()
                .collect(Collectors.toMap(m -> m.start(), m -> m.group(1), (a, b) -> a, TreeMap::new))
                .entrySet()) {
            digits = number.getValue();
        }
        return digits;
    }
}
