package holonomy.model.fused;

import holonomy.model.Architecture;
import holonomy.product.Matrix;
import holonomy.product.Products;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A last layer's norm, attention and residual sum where only some positions are asked: keys and values of every token, but queries and what follows of those
 * positions alone. There is no way back; the memory is that of the layer's {@link SlicedAttention}.
 */
final class AskedAttention {
    private final Architecture model;
    private final Matrices weights;
    private final Shared shared;
    private final Softmax softmax;
    private final Norm norm;
    private final Memory memory;
    private final Matrix ofQueries;
    private final Matrix ofOthers;
    private final float[] row;
    /** Of the queries at hand, the position in its sequence that each sees up to. */
    private int[] positions = {};

    private final Map<Size, Views> known = new HashMap<>();

    /** What the layer has memory for: xhat [d + 1, columns], q, k and v [3d, columns], mixed values [d, columns], patterns. */
    record Memory(Matrix normed, Matrix attention, Matrix mixed, Matrix patterns) {}

    /** Columns of a part, and how many of each sequence are asked. */
    private record Size(Part.Shape shape, int each) {}

    /**
     * Views for one size.
     *
     * @param normed xhat [d + 1, columns]
     * @param keysAndValues [2d, columns]
     * @param asked xhat of what is asked [d + 1, asked]
     * @param queries [d, asked]
     */
    private record Views(
            Matrix normed,
            Matrix keysAndValues,
            Matrix asked,
            Matrix queries,
            Matrix mixed,
            Matrix output,
            List<Strip> strips) {}

    /** Heads side by side, from one on. */
    private record Strip(int first, Matrix patterns, List<Slices> slices) {}

    /** One head in one sequence. */
    private record Slices(Matrix q, Matrix k, Matrix v, Matrix mixed, Matrix pattern) {}

    AskedAttention(Architecture model, Matrices weights, Shared shared, Softmax softmax, Norm norm, Memory memory) {
        this.model = model;
        this.weights = weights;
        this.shared = shared;
        this.softmax = softmax;
        this.norm = norm;
        this.memory = memory;
        int width = model.width();
        ofQueries = weights.attention.whole.part(0, width, 0, width + 1);
        ofOthers = weights.attention.whole.part(width, 2 * width, 0, width + 1);
        row = new float[memory.normed.columns()];
    }

    private Views views(Size size) {
        int width = model.width();
        int columns = size.shape().columns();
        int asked = size.shape().count() * size.each();
        Views made = new Views(
                memory.normed.as(width + 1, columns),
                memory.attention.as(2 * width, columns),
                shared.attention.as(width + 1, asked),
                shared.mixed.as(width, asked),
                memory.mixed.as(width, asked),
                shared.output.as(width, asked),
                new ArrayList<>());
        int heads = size.shape().count() * model.heads();
        int together = Math.min(heads, softmax.together(size.each()));
        for (int first = 0; first < heads; first += together) {
            made.strips().add(strip(made, size, first, Math.min(together, heads - first)));
        }
        return made;
    }

    private Strip strip(Views views, Size size, int first, int count) {
        int each = size.each();
        int length = size.shape().length();
        Strip strip = new Strip(first, memory.patterns.as(length, count * each), new ArrayList<>());
        int width = model.width();
        int features = width / model.heads();
        for (int i = 0; i < count; i++) {
            int from = (first + i) % model.heads() * features;
            int sequence = (first + i) / model.heads();
            strip.slices()
                    .add(new Slices(
                            views.queries().part(from, features, sequence * each, each),
                            views.keysAndValues().part(from, features, sequence * length, length),
                            views.keysAndValues().part(width + from, features, sequence * length, length),
                            views.mixed().part(from, features, sequence * each, each),
                            strip.patterns().part(0, length, i * each, each)));
        }
        return strip;
    }

    /**
     * The stream at the positions that are asked, the block's output added.
     *
     * @param x residual stream [d][columns]
     * @param target the stream at those positions [d][asked]. Modified.
     */
    void forward(float[][] x, float[] theta, Queries queries, float[][] target) {
        Products products = shared.products;
        Views views = known.computeIfAbsent(new Size(queries.shape(), queries.each()), this::views);
        norm.forward(x, views.normed());
        products.multiply(ofOthers, views.normed(), views.keysAndValues());
        for (int j = 0; j < x.length; j++) {
            queries.gather(x[j], target[j]);
            queries.gather(norm.normed[j], row);
            views.asked().put(j, 0, row, queries.count());
        }
        Arrays.fill(row, 0, queries.count(), 1f);
        views.asked().put(x.length, 0, row, queries.count());
        products.multiply(ofQueries, views.asked(), views.queries());
        for (Strip strip : views.strips()) {
            for (Slices of : strip.slices()) {
                products.multiply(of.k().transposed(), of.q(), of.pattern());
            }
            locate(queries, strip);
            softmax.forward(strip.patterns(), this::unseen);
            for (Slices of : strip.slices()) {
                products.multiply(of.v(), of.pattern(), of.mixed());
            }
        }
        weights.output.forward(views.mixed(), target, theta, shared, views.output(), row);
    }

    /** Where the queries of a strip's columns stand. Modified: positions. */
    private void locate(Queries queries, Strip strip) {
        int each = queries.each();
        if (positions.length < strip.patterns().columns()) {
            positions = new int[strip.patterns().columns()];
        }
        for (int i = 0; i < strip.patterns().columns(); i++) {
            int sequence = (strip.first() + i / each) / model.heads();
            positions[i] = model.causal() ? queries.position(sequence * each + i % each) : Integer.MAX_VALUE;
        }
    }

    private void unseen(float[] values, int key, int n, float value) {
        for (int i = 0; i < n; i++) {
            if (positions[i] < key) {
                values[i] = value;
            }
        }
    }
}
