package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Transformer;

/** What the layers of one network use in turns for batches of one size; nothing in it outlives a layer's pass. */
final class Shared implements AutoCloseable {
    final Columns columns;
    final Scratch scratch;
    /** Derivative of a block's output [d, columns]. */
    final HostArray output;

    final HostArray lastOutput;
    /** Derivatives of q, k and v one below the other, [3d, columns]. */
    final HostArray attention;

    final HostArray keyValue;
    final HostArray lastQuery;
    /** Scores, a row per group, head, query and key. */
    final HostArray scores;

    final Tile dq;
    final Tile dk;
    final Tile dv;
    final Tile dmixed;
    final Tile dscores;

    Shared(NDManager manager, Transformer model, int batch) {
        int width = model.width();
        int length = model.length();
        int sequences = Math.min(batch, Columns.GROUP);
        columns = new Columns(batch, length);
        scratch = new Scratch(width, columns.count());
        output = new HostArray(manager, width, columns.count());
        lastOutput = new HostArray(manager, width, batch);
        attention = new HostArray(manager, 3 * width, columns.count());
        keyValue = attention.rows(width, 2 * width);
        lastQuery = new HostArray(manager, width, batch);
        int seen = model.causal() ? length * (length + 1) / 2 : length * length;
        int pairs = columns.groups() * model.heads() * seen;
        scores = new HostArray(manager, pairs, sequences);
        int features = width / model.heads();
        dq = new Tile(length, features, sequences);
        dk = new Tile(length, features, sequences);
        dv = new Tile(length, features, sequences);
        dmixed = new Tile(length, features, sequences);
        dscores = new Tile(length, length, sequences);
    }

    @Override
    public void close() {
        output.close();
        lastOutput.close();
        keyValue.close();
        attention.close();
        lastQuery.close();
        scores.close();
    }
}
