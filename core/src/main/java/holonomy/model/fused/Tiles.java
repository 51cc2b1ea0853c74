package holonomy.model.fused;

import holonomy.model.Architecture;

/** The tiles that the attention of short sequences uses in turns, and how its columns are ordered. */
final class Tiles {
    private final int heads;
    final Columns columns;
    final Tile dq;
    final Tile dk;
    final Tile dv;
    final Tile dmixed;
    final Tile dscores;

    Tiles(Architecture model, int batch) {
        int length = model.length();
        int features = model.width() / model.heads();
        int sequences = Math.min(batch, Columns.GROUP);
        heads = model.heads();
        columns = new Columns(batch, length);
        dq = new Tile(length, features, sequences);
        dk = new Tile(length, features, sequences);
        dv = new Tile(length, features, sequences);
        dmixed = new Tile(length, features, sequences);
        dscores = new Tile(length, length, sequences);
    }

    /** Tiles for every group and head, [group][head]. */
    Tile[][] perHead(int first, int second) {
        Tile[][] tiles = new Tile[columns.groups()][heads];
        for (int g = 0; g < tiles.length; g++) {
            for (int h = 0; h < heads; h++) {
                tiles[g][h] = new Tile(first, second, columns.size(g));
            }
        }
        return tiles;
    }
}
