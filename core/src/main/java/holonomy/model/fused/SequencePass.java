package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Answers;
import holonomy.model.Architecture;
import holonomy.model.Layout;
import holonomy.model.Targets;
import holonomy.task.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The forward and backward pass of a model for a {@link Part} of a batch: token t of its k-th sequence is column k L + t of every activation, L the part's
 * length. All parts use the same memory, one after the other.
 */
final class SequencePass implements AutoCloseable {
    private final Shared shared;
    private final Sequences sequences;
    private final Embedding embedding;
    private final List<Matrices> matrices = new ArrayList<>();
    private final List<SlicedAttention> attentions = new ArrayList<>();
    private final List<FeedForward> feedForwards = new ArrayList<>();
    private final AskedAttention lastAttention;
    private final Logits logits;
    private final Softmax softmax;
    /** Residual stream, its derivative, and the stream at columns that are asked, [d][columns]. */
    private final float[][] x;

    private final float[][] dx;
    private final float[][] last;
    /** The stream that is read out, and its columns that are asked. */
    private float[][] stream;

    private Asked asked = new Asked(new int[0], new int[0]);

    SequencePass(NDManager manager, Architecture model) {
        Layout layout = model.layout();
        int columns = Part.mostColumns(model);
        int width = model.width();
        shared = new Shared(manager, model, columns);
        sequences = new Sequences(columns, model.length());
        embedding = new Embedding(layout, width, sequences);
        softmax = new Softmax(manager, model);
        for (int layer = 0; layer < model.layers(); layer++) {
            Matrices weights = new Matrices(manager, layout, layer, (float) (1 / Math.sqrt(width / model.heads())));
            matrices.add(weights);
            attentions.add(new SlicedAttention(manager, model, weights, shared, softmax));
            if (model.hidden() > 0) {
                feedForwards.add(new FeedForward(manager, layout, layer, columns, shared));
            }
        }
        lastAttention = attentions.get(model.layers() - 1).whereAsked();
        logits = new Logits(manager, model, shared);
        x = new float[width][columns];
        dx = new float[width][columns];
        last = new float[width][columns];
        stream = x;
    }

    /** The tokens of a part's sequences. */
    private static final class Sequences implements Places {
        private final int[] tokens;
        private int length;
        private int count;

        Sequences(int most, int length) {
            this.length = length;
            tokens = new int[most];
        }

        void take(Batch batch, Part part) {
            length = part.length();
            count = part.columns();
            for (int k = 0; k < part.sequences().length; k++) {
                System.arraycopy(batch.tokens(), part.sequences()[k] * batch.length(), tokens, k * length, length);
            }
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public int size() {
            return count;
        }

        @Override
        public int token(int place) {
            return tokens[place];
        }

        @Override
        public int position(int place) {
            return place % length;
        }
    }

    /** Takes over the weights, before {@link #forward}. */
    void load(float[] theta) {
        matrices.forEach(weights -> weights.load(theta));
        feedForwards.forEach(weights -> weights.load(theta));
        logits.load(theta);
    }

    /** The residual stream of a part of a batch. */
    void forward(float[] theta, Batch batch, Part part, Asked where) {
        layers(theta, batch, part, attentions.size());
        stream = x;
        asked = where;
    }

    private void layers(float[] theta, Batch batch, Part part, int count) {
        sequences.take(batch, part);
        embedding.forward(theta, x);
        for (int layer = 0; layer < count; layer++) {
            attentions.get(layer).forward(x, theta, part.shape());
            if (!feedForwards.isEmpty()) {
                feedForwards.get(layer).forward(x, theta, part.columns());
            }
        }
    }

    /** The same, of the last layer only what is asked where that is little; there is no way back. */
    void forwardToAsked(float[] theta, Batch batch, Part part, Asked where) {
        Queries queries = Queries.of(part.shape(), where);
        if (!queries.few()) {
            forward(theta, batch, part, where);
            return;
        }
        int before = attentions.size() - 1;
        layers(theta, batch, part, before);
        lastAttention.forward(x, theta, queries, last);
        if (!feedForwards.isEmpty()) {
            feedForwards.get(before).forward(last, theta, queries.count());
        }
        stream = last;
        asked = queries.asked();
    }

    /** Writes logits [asked, C] after a forward pass. Modified: result, from {@code at} on. */
    void logits(float[] result, int at) {
        logits.read(stream, asked, result, at);
    }

    /** Adds the cross-entropies after a forward pass to their groups' sums, in nats. Modified: sums [G]. */
    void loss(Targets targets, double[] sums) {
        logits.crossEntropies(stream, asked, targets, sums);
    }

    /** Counts what the model says to targets, after a forward pass. Modified: answers. */
    void answer(Targets targets, Answers answers) {
        logits.answer(stream, asked, targets, answers);
    }

    /** {@link #loss} after {@link #forward}, and sets the derivative of what these sequences add to the loss. Modified: sums [G], gradient [P]. */
    void backward(float[] theta, Targets targets, double[] sums, float[] gradient) {
        for (float[] row : dx) {
            Arrays.fill(row, 0, sequences.count(), 0f);
        }
        embedding.clear(gradient);
        logits.backward(x, asked, targets, sums, theta, dx, gradient);
        for (int layer = attentions.size() - 1; layer >= 0; layer--) {
            if (!feedForwards.isEmpty()) {
                feedForwards.get(layer).backward(dx, theta, gradient);
            }
            attentions.get(layer).backward(dx, theta, gradient);
        }
        embedding.backward(dx, gradient);
    }

    @Override
    public void close() {
        attentions.forEach(SlicedAttention::close);
        feedForwards.forEach(FeedForward::close);
        matrices.forEach(Matrices::close);
        logits.close();
        softmax.close();
        shared.close();
    }
}
