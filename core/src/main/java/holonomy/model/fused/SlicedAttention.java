package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import holonomy.product.Products;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The norm, attention and residual sum of a layer for long sequences: the matrices [features, columns] hold each head's Q, K and V of one sequence as a slice
 * [d/H, T], and products read and write the slices in place. The patterns are transposed, P [key, query]:
 *
 * <pre>
 *   P = softmax(K'Q),  M = V P;     dP = V'dM,  dQ = K dS,  dK = Q dS',  dV = dM P'
 * </pre>
 *
 * <p>Causal, the keys are taken in blocks, each with the queries from its first key on: the others see none of it.
 */
final class SlicedAttention implements AutoCloseable {
    /** Keys of a block at most. */
    private static final int KEYS = 64;

    private final Architecture model;
    private final Matrices weights;
    private final Shared shared;
    private final Softmax softmax;
    private final Matrix dweights;
    private final Norm norm;
    /** Memory for all columns that a part may have, and for their patterns. */
    private final Matrix normed;

    private final Matrix attention;
    private final Matrix mixed;
    private final Matrix patterns;
    private final float[] row;
    private final Map<Part.Shape, Views> known = new HashMap<>();
    private Views views;

    /** Views of the memory for the parts of one shape: own, and shared with other blocks. */
    private record Views(
            Matrix normed,
            Matrix attention,
            Matrix mixed,
            Matrix dattention,
            Matrix dmixed,
            Matrix output,
            List<Strip> strips) {}

    /** Heads side by side, of one sequence or several. */
    private record Strip(Matrix patterns, Matrix derivatives, List<Slices> slices) {}

    /**
     * One block of keys of one head in one sequence, and the queries that see it.
     *
     * @param first whether it is the head's first block, whose queries are all
     */
    private record Slices(
            boolean first,
            Matrix q,
            Matrix k,
            Matrix v,
            Matrix mixed,
            Matrix pattern,
            Matrix dq,
            Matrix dk,
            Matrix dv,
            Matrix dmixed,
            Matrix dpattern) {}

    SlicedAttention(NDManager manager, Architecture model, Matrices weights, Shared shared, Softmax softmax) {
        this.model = model;
        this.weights = weights;
        this.shared = shared;
        this.softmax = softmax;
        int width = model.width();
        int columns = Part.mostColumns(model);
        dweights = shared.weights.as(3 * width, width + 1);
        norm = new Norm(width, columns, shared.scratch);
        normed = new Matrix(manager, width + 1, columns);
        attention = new Matrix(manager, 3 * width, columns);
        mixed = new Matrix(manager, width, columns);
        patterns = new Matrix(manager, 1, Math.multiplyExact(columns, model.length() * model.heads()));
        row = new float[columns];
        views = views(new Part.Shape(1, model.length()));
    }

    /** The same block where only some positions are asked, in its memory. */
    AskedAttention whereAsked() {
        AskedAttention.Memory memory = new AskedAttention.Memory(normed, attention, mixed, patterns);
        return new AskedAttention(model, weights, shared, softmax, norm, memory);
    }

    private Views views(Part.Shape shape) {
        int width = model.width();
        int columns = shape.columns();
        Views made = new Views(
                normed.as(width + 1, columns),
                attention.as(3 * width, columns),
                mixed.as(width, columns),
                shared.attention.as(3 * width, columns),
                shared.mixed.as(width, columns),
                shared.output.as(width, columns),
                new ArrayList<>());
        int heads = shape.count() * model.heads();
        int together = Math.min(heads, softmax.together(shape.length()));
        for (int first = 0; first < heads; first += together) {
            made.strips().add(strip(made, shape, first, Math.min(together, heads - first)));
        }
        return made;
    }

    private Strip strip(Views views, Part.Shape shape, int first, int count) {
        int length = shape.length();
        int square = length * length;
        Matrix whole = patterns.part(0, 1, first * square, count * square).as(length, count * length);
        Strip strip = new Strip(whole, softmax.derivative(length, count * length), new ArrayList<>());
        int blocks = model.causal() ? (length + KEYS - 1) / KEYS : 1;
        int keys = (length + blocks - 1) / blocks;
        for (int i = 0; i < count; i++) {
            for (int key = 0; key < length; key += keys) {
                strip.slices().add(slices(views, strip, shape, i, first + i, key, Math.min(keys, length - key)));
            }
        }
        return strip;
    }

    private Slices slices(Views of, Strip strip, Part.Shape shape, int place, int head, int key, int keys) {
        int features = model.width() / model.heads();
        int from = head % model.heads() * features;
        int column = head / model.heads() * shape.length() + key;
        int queries = shape.length() - key;
        int width = model.width();
        int at = place * shape.length() + key;
        return new Slices(
                key == 0,
                of.attention().part(from, features, column, queries),
                of.attention().part(width + from, features, column, keys),
                of.attention().part(2 * width + from, features, column, keys),
                of.mixed().part(from, features, column, queries),
                strip.patterns().part(key, keys, at, queries),
                of.dattention().part(from, features, column, queries),
                of.dattention().part(width + from, features, column, keys),
                of.dattention().part(2 * width + from, features, column, keys),
                of.dmixed().part(from, features, column, queries),
                strip.derivatives().part(key, keys, at, queries));
    }

    /** Adds the block's output to the residual stream. Modified: x [d][columns]. */
    void forward(float[][] x, float[] theta, Part.Shape shape) {
        Products products = shared.products;
        views = known.computeIfAbsent(shape, this::views);
        norm.forward(x, views.normed());
        products.multiply(weights.attention.whole, views.normed(), views.attention());
        for (Strip strip : views.strips()) {
            for (Slices of : strip.slices()) {
                products.multiply(of.k().transposed(), of.q(), of.pattern());
            }
            softmax.forward(strip.patterns());
            for (Slices of : strip.slices()) {
                multiply(of.first(), of.v(), of.pattern(), of.mixed());
            }
        }
        weights.output.forward(views.mixed(), x, theta, shared, views.output(), row);
    }

    /** C = A B for a head's first block of keys, added for the others. Modified: c. */
    private void multiply(boolean first, Matrix a, Matrix b, Matrix c) {
        if (first) {
            shared.products.multiply(a, b, c);
        } else {
            shared.products.multiplyAdd(a, b, c);
        }
    }

    /**
     * The derivative with respect to x and to the layer's weights, of the last {@link #forward}.
     *
     * @param dx derivative with respect to the block's output; receives, added, what went through the block. Modified.
     * @param gradient [P]. Modified.
     */
    void backward(float[][] dx, float[] theta, float[] gradient) {
        Products products = shared.products;
        weights.output.backward(views.mixed(), dx, gradient, shared, views.output(), views.dmixed());
        for (Strip strip : views.strips()) {
            for (Slices of : strip.slices()) {
                products.multiply(of.v().transposed(), of.dmixed(), of.dpattern());
            }
            softmax.backward(strip.patterns(), strip.derivatives());
            for (Slices of : strip.slices()) {
                multiply(of.first(), of.k(), of.dpattern(), of.dq());
                products.multiply(of.q(), of.dpattern().transposed(), of.dk());
                products.multiply(of.dmixed(), of.pattern().transposed(), of.dv());
            }
        }
        products.multiply(views.dattention(), views.normed().transposed(), dweights);
        weights.attention.unfold(dweights, theta, gradient);
        products.multiply(weights.attention.slopes.transposed(), views.dattention(), views.output());
        norm.backward(shared.scratch.read(views.output()), dx);
    }

    @Override
    public void close() {
        for (Matrix matrix : new Matrix[] {normed, attention, mixed, patterns}) {
            matrix.close();
        }
    }
}
