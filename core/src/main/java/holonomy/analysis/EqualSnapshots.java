package holonomy.analysis;

import holonomy.geometry.Gram;
import java.util.List;

/**
 * Which snapshots of a matrix are the same, bit for bit: {@code first[i]} is the earliest snapshot equal to snapshot i, itself included, [n].
 *
 * <p>Only pairs whose distance in the Gram matrix is nothing beside their displacements are read and compared.
 */
record EqualSnapshots(int[] first) {
    /** Squared distance beside squared displacements up to which rounding could hide that two snapshots differ, or are equal. */
    private static final double NEAR = 1e-9;

    static EqualSnapshots of(FolderTrajectory path, Gram gram) {
        int[] first = new int[gram.snapshots()];
        for (int i = 0; i < first.length; i++) {
            first[i] = i;
            for (int earlier = 0; earlier < i && first[i] == i; earlier++) {
                if (first[earlier] == earlier && near(gram, earlier, i) && path.same(gram.block(), earlier, i)) {
                    first[i] = earlier;
                }
            }
        }
        return new EqualSnapshots(first);
    }

    /** What is equal in every matrix. */
    static EqualSnapshots inAll(List<EqualSnapshots> matrices) {
        int[] first = new int[matrices.get(0).first.length];
        for (int i = 0; i < first.length; i++) {
            int snapshot = i;
            first[i] = java.util.stream.IntStream.range(0, i)
                    .filter(earlier ->
                            matrices.stream().allMatch(matrix -> matrix.first[earlier] == matrix.first[snapshot]))
                    .findFirst()
                    .orElse(i);
        }
        return new EqualSnapshots(first);
    }

    /** How many different ones there are; 1 where nothing moves. */
    long distinct() {
        return java.util.Arrays.stream(first).distinct().count();
    }

    private static boolean near(Gram gram, int i, int j) {
        double squares = gram.get(i, i) + gram.get(j, j);
        return squares - 2 * gram.get(i, j) <= NEAR * squares;
    }
}
