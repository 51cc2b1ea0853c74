package holonomy.model.fused;

/** Rows of one value per sequence of a group, or per head and sequence, indexed by a first and a second axis; the same rows in either order. */
final class Tile {
    /** [first][second][sequence]. */
    final float[][][] byFirst;
    /** [second][first][sequence], the same rows. */
    final float[][][] bySecond;

    Tile(int first, int second, int sequences) {
        byFirst = new float[first][second][sequences];
        bySecond = new float[second][first][];
        for (int i = 0; i < first; i++) {
            for (int j = 0; j < second; j++) {
                bySecond[j][i] = byFirst[i][j];
            }
        }
    }
}
