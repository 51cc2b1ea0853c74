package holonomy.model.fused;

import holonomy.model.Architecture;
import java.util.Arrays;

/** The tiles that the attention of short sequences uses in turns, and how its columns are ordered. */
final class Tiles {
    private final int heads;
    final Columns columns;
    final Tile dmixed;
    final Tile dscores;
    final Tile work;

    Tiles(Architecture model, int batch) {
        int length = model.length();
        int features = model.width() / model.heads();
        heads = model.heads();
        columns = new Columns(batch, length);
        dmixed = new Tile(length, features, entries(0));
        dscores = new Tile(length, length, entries(0));
        work = new Tile(length, features, entries(0));
    }

    /** Entries of a row with all heads of a group side by side: long rows are what vector loops need. */
    int entries(int group) {
        return heads * columns.size(group);
    }

    /** Tiles with all heads side by side, [group]. */
    Tile[] ofAllHeads(int first, int second) {
        Tile[] tiles = new Tile[columns.groups()];
        Arrays.setAll(tiles, g -> new Tile(first, second, entries(g)));
        return tiles;
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
