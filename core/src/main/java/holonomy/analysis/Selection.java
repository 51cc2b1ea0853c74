package holonomy.analysis;

import holonomy.data.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which tensors are analysed, and why the others are not.
 *
 * @param chosen names, in natural order
 * @param leftOut every other tensor, in natural order
 */
public record Selection(List<String> chosen, List<LeftOut> leftOut) {
    /**
     * A tensor that is not analysed.
     *
     * @param type its number type, as the file has it
     * @param shape {@code 64 x 32}
     * @param reason in words
     */
    public record LeftOut(String name, String type, String shape, String reason) {}

    /**
     * Without patterns (or with excluding ones only) all floating-point tensors with at least two axes of more than one entry are chosen, if their shape stays; else
     * every floating-point tensor that is asked for.
     *
     * @throws UserError if nothing is left, or a chosen matrix is missing, of another type, or (if asked for) of another shape somewhere
     */
    static Selection of(Path folder, List<SnapshotTensors> snapshots, NamePatterns patterns) {
        TreeSet<String> names = new TreeSet<>(NaturalOrder.COMPARATOR);
        snapshots.forEach(snapshot -> names.addAll(snapshot.names()));
        List<String> chosen = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        for (String name : names) {
            SnapshotTensors first = snapshots.stream()
                    .filter(snapshot -> snapshot.has(name))
                    .findFirst()
                    .orElseThrow();
            Optional<String> reason = reason(snapshots, first, name, patterns);
            if (reason.isEmpty()) {
                chosen.add(name);
            } else {
                String shape = FolderTrajectory.shapeText(first.shape(name));
                leftOut.add(new LeftOut(name, first.type(name), shape, reason.get()));
            }
        }
        if (chosen.isEmpty()) {
            throw nothing(folder, names, patterns);
        }
        snapshots.forEach(snapshot -> chosen.forEach(name -> check(snapshot, snapshots.get(0), name)));
        return new Selection(chosen, leftOut);
    }

    private static Optional<String> reason(
            List<SnapshotTensors> snapshots, SnapshotTensors first, String name, NamePatterns patterns) {
        Optional<String> refusal = patterns.refusal(name);
        if (refusal.isPresent()) {
            return refusal;
        }
        if (!first.floating(name)) {
            return Optional.of("holds " + first.type(name) + ", not F64, F32, F16 or BF16");
        }
        if (patterns.choose()) {
            return Optional.empty();
        }
        if (!first.isMatrix(name)) {
            return Optional.of("no matrix: fewer than two axes of more than one entry");
        }
        return snapshots.stream()
                .filter(other -> other.has(name) && !Arrays.equals(other.shape(name), first.shape(name)))
                .findFirst()
                .map(other -> "changes shape: " + FolderTrajectory.shapeText(first.shape(name)) + " in "
                        + first.place().getFileName() + ", " + FolderTrajectory.shapeText(other.shape(name)) + " in "
                        + other.place().getFileName());
    }

    private static void check(SnapshotTensors snapshot, SnapshotTensors first, String name) {
        if (!snapshot.has(name)) {
            throw new UserError("snapshot " + snapshot.place() + " has no matrix '" + name
                    + "', which other snapshots have; expected the same matrices in every snapshot."
                    + " Save it again, or exclude the matrix with --matrices '!" + name + "'");
        }
        if (!snapshot.floating(name)) {
            throw new UserError("snapshot " + snapshot.place() + ": matrix '" + name + "' holds " + snapshot.type(name)
                    + ", expected floating-point numbers (F64, F32, F16 or BF16)."
                    + " Save it as such, or exclude it with --matrices '!" + name + "'");
        }
        if (snapshot.dtype(name) != first.dtype(name)) {
            throw new UserError("snapshot " + snapshot.place() + ": matrix '" + name + "' holds " + snapshot.dtype(name)
                    + ", expected " + first.dtype(name) + " as in "
                    + first.place().getFileName()
                    + ". Save all snapshots in one number type: rounding would look like a step");
        }
        if (!Arrays.equals(snapshot.shape(name), first.shape(name))) {
            throw new UserError("snapshot " + snapshot.place() + ": matrix '" + name + "' is "
                    + FolderTrajectory.shapeText(snapshot.shape(name)) + ", expected "
                    + FolderTrajectory.shapeText(first.shape(name)) + " as in "
                    + first.place().getFileName()
                    + ". Snapshots of one training have one shape: take the odd ones out of the folder");
        }
    }

    private static UserError nothing(Path folder, TreeSet<String> names, NamePatterns patterns) {
        List<String> shown = names.stream().limit(12).toList();
        String rest = names.size() > shown.size() ? ", .. (" + names.size() + ")" : "";
        String what = patterns.choose()
                ? "no floating-point tensor whose name matches '" + String.join(",", patterns.patterns()) + "'"
                : "no floating-point matrix of one shape (two axes of more than one entry)"
                        + (patterns.patterns().isEmpty() ? "" : " that is not excluded");
        return new UserError("snapshots in " + folder + ": " + what + "; found "
                + (shown.isEmpty() ? "nothing" : String.join(", ", shown) + rest)
                + ". Choose with --matrices, * stands for any text, ! excludes");
    }
}
