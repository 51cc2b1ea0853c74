package holonomy.model.fused;

import java.util.Arrays;

/**
 * The positions that a part's sequences are asked at as columns of their own, equally many of each sequence; what fills up is the first position.
 *
 * @param shape of the part
 * @param each columns of a sequence
 * @param columns of the residual stream, a column each [count each]
 * @param asked the positions that are asked, as places among them
 */
record Queries(Part.Shape shape, int each, int[] columns, Asked asked) {
    static Queries of(Part.Shape shape, Asked asked) {
        int[] found = new int[shape.count()];
        int[] places = new int[asked.count()];
        for (int i = 0; i < places.length; i++) {
            places[i] = found[asked.columns()[i] / shape.length()]++;
        }
        int each = Arrays.stream(found).max().orElse(0);
        int[] columns = new int[shape.count() * each];
        Arrays.setAll(columns, i -> i / each * shape.length());
        for (int i = 0; i < places.length; i++) {
            places[i] += asked.columns()[i] / shape.length() * each;
            columns[places[i]] = asked.columns()[i];
        }
        return new Queries(shape, each, columns, new Asked(places, asked.targets()));
    }

    /** Whether they are so few that it pays to treat them apart. */
    boolean few() {
        return 2 * each <= shape.length();
    }

    int count() {
        return columns.length;
    }

    /** The position in its sequence of a column. */
    int position(int i) {
        return columns[i] % shape.length();
    }

    /** Their columns of a row. Modified: target. */
    void gather(float[] row, float[] target) {
        for (int i = 0; i < columns.length; i++) {
            target[i] = row[columns[i]];
        }
    }
}
