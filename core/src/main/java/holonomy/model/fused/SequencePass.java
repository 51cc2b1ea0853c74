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

/** The forward and backward pass of a model for so many sequences, one after the other: token t of sequence b is column b T + t of every activation. */
final class SequencePass implements AutoCloseable {
    private final Shared shared;
    private final Sequences sequences;
    private final Embedding embedding;
    private final List<Matrices> matrices = new ArrayList<>();
    private final List<SlicedAttention> attentions = new ArrayList<>();
    private final List<FeedForward> feedForwards = new ArrayList<>();
    private final Logits logits;
    private final Softmax softmax;
    /** Residual stream and its derivative, [d][columns]. */
    private final float[][] x;

    private final float[][] dx;

    SequencePass(NDManager manager, Architecture model, int count) {
        Layout layout = model.layout();
        int columns = count * model.length();
        int width = model.width();
        shared = new Shared(manager, model, columns);
        sequences = new Sequences(columns, model.length());
        embedding = new Embedding(layout, width, sequences);
        softmax = new Softmax(manager, model, count);
        for (int layer = 0; layer < model.layers(); layer++) {
            Matrices weights = new Matrices(manager, layout, layer, (float) (1 / Math.sqrt(width / model.heads())));
            matrices.add(weights);
            attentions.add(new SlicedAttention(manager, model, weights, shared, softmax, count));
            if (model.hidden() > 0) {
                feedForwards.add(new FeedForward(manager, layout, layer, columns, shared));
            }
        }
        logits = new Logits(manager, model, shared);
        x = new float[width][columns];
        dx = new float[width][columns];
    }

    /** The tokens of some of a batch's sequences. */
    private static final class Sequences implements Places {
        private final int length;
        private final int[] tokens;

        Sequences(int count, int length) {
            this.length = length;
            tokens = new int[count];
        }

        void take(Batch batch, int first) {
            System.arraycopy(batch.tokens(), first * length, tokens, 0, tokens.length);
        }

        @Override
        public int count() {
            return tokens.length;
        }

        @Override
        public int size() {
            return tokens.length;
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

    /** The residual stream of a batch's sequences from {@code first} on. */
    void forward(float[] theta, Batch batch, int first) {
        sequences.take(batch, first);
        embedding.forward(theta, x);
        for (int layer = 0; layer < attentions.size(); layer++) {
            attentions.get(layer).forward(x, theta, x);
            if (!feedForwards.isEmpty()) {
                feedForwards.get(layer).forward(x, theta);
            }
        }
    }

    /** Writes logits [asked, C] after {@link #forward}. Modified: result, from {@code at} on. */
    void logits(Asked asked, float[] result, int at) {
        logits.read(x, asked, result, at);
    }

    /** Adds the cross-entropies after {@link #forward} to their groups' sums, in nats. Modified: sums [G]. */
    void loss(Asked asked, Targets targets, double[] sums) {
        logits.crossEntropies(x, asked, targets, sums);
    }

    /** Counts what the model says to targets, after {@link #forward}. Modified: answers. */
    void answer(Asked asked, Targets targets, Answers answers) {
        logits.answer(x, asked, targets, answers);
    }

    /** {@link #loss}, and sets the derivative of what these sequences add to the loss. Modified: sums [G], gradient [P]. */
    void backward(float[] theta, Asked asked, Targets targets, double[] sums, float[] gradient) {
        for (float[] row : dx) {
            Arrays.fill(row, 0f);
        }
        embedding.clear(gradient);
        logits.backward(x, asked, targets, sums, theta, dx, gradient);
        for (int layer = attentions.size() - 1; layer >= 0; layer--) {
            if (!feedForwards.isEmpty()) {
                feedForwards.get(layer).backward(dx, theta, gradient);
            }
            attentions.get(layer).backward(dx, theta, dx, gradient);
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
