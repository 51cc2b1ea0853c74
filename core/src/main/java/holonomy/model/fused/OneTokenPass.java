package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.model.Layout;
import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The forward and backward pass of a model that is read out at one token, for one number of sequences, with all the memory it needs. */
final class OneTokenPass implements AutoCloseable {
    private final Architecture model;
    private final Shared shared;
    private final Columns columns;
    private final List<Matrices> matrices = new ArrayList<>();
    private final List<AttentionBlock> attentions = new ArrayList<>();
    private final List<FeedForward> feedForwards = new ArrayList<>();
    private final Embedding embedding;
    private final Readout readout;
    private final Pairs pairs;
    /** The embeddings and their derivative, [d][pairs]. */
    private final float[][] embedded;

    private final float[][] dembedded;
    /** Residual stream and its derivative, [d][columns], and at the last token, [d][B]. */
    private final float[][] x;

    private final float[][] dx;
    private final float[][] last;
    private final float[][] dlast;

    OneTokenPass(NDManager manager, Architecture model, int batch) {
        this.model = model;
        Layout layout = model.layout();
        Tiles tiles = new Tiles(model, batch);
        columns = tiles.columns;
        shared = new Shared(manager, model, columns.count());
        pairs = new Pairs(columns, model.vocabulary());
        int width = model.width();
        for (int layer = 0; layer < model.layers(); layer++) {
            boolean trimmed = layer == model.layers() - 1;
            Matrices weights = new Matrices(manager, layout, layer, (float) (1 / Math.sqrt(width / model.heads())));
            matrices.add(weights);
            attentions.add(
                    trimmed
                            ? new LastAttention(manager, model, weights, shared, tiles)
                            : new Attention(manager, model, weights, shared, tiles, layer == 0 ? pairs : null));
            if (model.hidden() > 0) {
                int own = trimmed ? batch : columns.count();
                feedForwards.add(new FeedForward(manager, layout, layer, own, shared));
            }
        }
        embedding = new Embedding(layout, width, pairs);
        readout = new Readout(manager, model, batch, shared);
        embedded = new float[width][columns.count()];
        dembedded = new float[width][columns.count()];
        x = new float[width][columns.count()];
        dx = new float[width][columns.count()];
        last = new float[width][batch];
        dlast = new float[width][batch];
    }

    /** The logits [C][B] of some of a batch's sequences, from {@code first} on; valid until the next call. */
    float[][] forward(float[] theta, Batch batch, int first) {
        load(theta);
        pairs.find(batch, first);
        embedding.forward(theta, embedded);
        for (int j = 0; j < model.width(); j++) {
            pairs.gather(embedded[j], x[j]);
        }
        for (int layer = 0; layer < model.layers(); layer++) {
            boolean trimmed = layer == model.layers() - 1;
            if (trimmed) {
                takeLast();
            }
            float[][] stream = trimmed ? last : x;
            attentions.get(layer).forward(layer == 0 && !trimmed ? embedded : x, theta, stream);
            if (model.hidden() > 0) {
                feedForwards.get(layer).forward(stream, theta, stream[0].length);
            }
        }
        return readout.forward(last);
    }

    private void load(float[] theta) {
        matrices.forEach(weights -> weights.load(theta));
        feedForwards.forEach(weights -> weights.load(theta));
        readout.load(theta);
    }

    private void takeLast() {
        for (int j = 0; j < model.width(); j++) {
            for (int g = 0; g < columns.groups(); g++) {
                int start = columns.start(g, model.readout());
                System.arraycopy(x[j], start, last[j], g * Columns.GROUP, columns.size(g));
            }
        }
    }

    /** The sums of the sequences' cross-entropies by group [G] after {@link #forward}, in nats. */
    double[] crossEntropies(Targets targets, int first) {
        return readout.lossAndDerivative(targets, first);
    }

    /** The gradient of the loss, after {@link #forward} and {@link #crossEntropies}. Modified: gradient. */
    void backward(float[] theta, float[] gradient) {
        zero(dlast);
        zero(dx);
        zero(dembedded);
        embedding.clear(gradient);
        readout.backward(theta, dlast, gradient);
        for (int layer = model.layers() - 1; layer >= 0; layer--) {
            boolean trimmed = layer == model.layers() - 1;
            float[][] stream = trimmed ? dlast : dx;
            if (model.hidden() > 0) {
                feedForwards.get(layer).backward(stream, theta, gradient);
            }
            attentions.get(layer).backward(stream, theta, layer == 0 && !trimmed ? dembedded : dx, gradient);
            if (trimmed) {
                addLast();
            }
        }
        for (int j = 0; j < model.width(); j++) {
            pairs.scatter(dx[j], dembedded[j]);
        }
        embedding.backward(dembedded, gradient);
    }

    private void addLast() {
        for (int j = 0; j < model.width(); j++) {
            for (int g = 0; g < columns.groups(); g++) {
                int start = columns.start(g, model.readout());
                for (int b = 0; b < columns.size(g); b++) {
                    dx[j][start + b] += dlast[j][g * Columns.GROUP + b];
                }
            }
        }
    }

    private static void zero(float[][] matrix) {
        for (float[] row : matrix) {
            Arrays.fill(row, 0f);
        }
    }

    @Override
    public void close() {
        attentions.forEach(AttentionBlock::close);
        feedForwards.forEach(FeedForward::close);
        matrices.forEach(Matrices::close);
        readout.close();
        shared.close();
    }
}
