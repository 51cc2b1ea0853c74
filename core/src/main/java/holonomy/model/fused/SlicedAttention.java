package holonomy.model.fused;

import ai.djl.ndarray.NDManager;
import holonomy.model.Architecture;
import holonomy.product.Matrix;
import holonomy.product.Products;
import java.util.ArrayList;
import java.util.List;

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
final class SlicedAttention implements AttentionBlock {
    /** Keys of a block at most. */
    private static final int KEYS = 64;

    private final Matrices weights;
    private final Shared shared;
    private final Softmax softmax;
    private final Matrix dweights;
    private final Norm norm;
    private final Matrix normed;
    private final Matrix attention;
    private final Matrix mixed;
    private final List<Strip> strips = new ArrayList<>();
    private final float[] row;

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

    SlicedAttention(
            NDManager manager, Architecture model, Matrices weights, Shared shared, Softmax softmax, int sequences) {
        this.weights = weights;
        this.shared = shared;
        this.softmax = softmax;
        int width = model.width();
        int columns = sequences * model.length();
        dweights = shared.weights.as(3 * width, width + 1);
        norm = new Norm(width, columns, shared.scratch);
        normed = new Matrix(manager, width + 1, columns);
        attention = new Matrix(manager, 3 * width, columns);
        mixed = new Matrix(manager, width, columns);
        row = new float[columns];
        int heads = sequences * model.heads();
        for (int first = 0; first < heads; first += softmax.together) {
            strips.add(strip(manager, model, first, Math.min(softmax.together, heads - first)));
        }
    }

    private Strip strip(NDManager manager, Architecture model, int first, int count) {
        int length = model.length();
        Matrix patterns = new Matrix(manager, length, count * length);
        Strip strip = new Strip(patterns, softmax.derivative(count), new ArrayList<>());
        int blocks = model.causal() ? (length + KEYS - 1) / KEYS : 1;
        int keys = (length + blocks - 1) / blocks;
        for (int i = 0; i < count; i++) {
            for (int key = 0; key < length; key += keys) {
                strip.slices().add(slices(strip, i, model, first + i, key, Math.min(keys, length - key)));
            }
        }
        return strip;
    }

    private Slices slices(Strip strip, int place, Architecture model, int head, int key, int keys) {
        int features = model.width() / model.heads();
        int from = head % model.heads() * features;
        int column = head / model.heads() * model.length() + key;
        int queries = model.length() - key;
        int width = model.width();
        int at = place * model.length() + key;
        return new Slices(
                key == 0,
                attention.part(from, features, column, queries),
                attention.part(width + from, features, column, keys),
                attention.part(2 * width + from, features, column, keys),
                mixed.part(from, features, column, queries),
                strip.patterns().part(key, keys, at, queries),
                shared.attention.part(from, features, column, queries),
                shared.attention.part(width + from, features, column, keys),
                shared.attention.part(2 * width + from, features, column, keys),
                shared.mixed.part(from, features, column, queries),
                strip.derivatives().part(key, keys, at, queries));
    }

    @Override
    public void forward(float[][] x, float[] theta, float[][] target) {
        Products products = shared.products;
        norm.forward(x, normed);
        products.multiply(weights.attention.whole, normed, attention);
        for (Strip strip : strips) {
            for (Slices of : strip.slices()) {
                products.multiply(of.k().transposed(), of.q(), of.pattern());
            }
            softmax.forward(strip.patterns());
            for (Slices of : strip.slices()) {
                multiply(of.first(), of.v(), of.pattern(), of.mixed());
            }
        }
        weights.output.forward(mixed, target, theta, shared, shared.output, row);
    }

    /** C = A B for a head's first block of keys, added for the others. Modified: c. */
    private void multiply(boolean first, Matrix a, Matrix b, Matrix c) {
        if (first) {
            shared.products.multiply(a, b, c);
        } else {
            shared.products.multiplyAdd(a, b, c);
        }
    }

    @Override
    public void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient) {
        Products products = shared.products;
        weights.output.backward(mixed, dtarget, gradient, shared, shared.output, shared.mixed);
        for (Strip strip : strips) {
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
        products.multiply(shared.attention, normed.transposed(), dweights);
        weights.attention.unfold(dweights, theta, gradient);
        products.multiply(weights.attention.slopes.transposed(), shared.attention, shared.output);
        norm.backward(shared.scratch.read(shared.output), dx);
    }

    @Override
    public void close() {
        normed.close();
        attention.close();
        mixed.close();
        strips.forEach(strip -> strip.patterns().close());
    }
}
