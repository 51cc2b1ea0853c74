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
 */
final class SlicedAttention implements AttentionBlock {
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
    private record Strip(Matrix patterns, Matrix derivatives, List<Slices> heads) {}

    /** One head in one sequence. */
    private record Slices(
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
        for (int i = 0; i < count; i++) {
            strip.heads().add(slices(strip, i, model, first + i));
        }
        return strip;
    }

    private Slices slices(Strip strip, int place, Architecture model, int head) {
        int length = model.length();
        int features = model.width() / model.heads();
        int from = head % model.heads() * features;
        int column = head / model.heads() * length;
        int width = model.width();
        return new Slices(
                attention.part(from, features, column, length),
                attention.part(width + from, features, column, length),
                attention.part(2 * width + from, features, column, length),
                mixed.part(from, features, column, length),
                strip.patterns().part(0, length, place * length, length),
                shared.attention.part(from, features, column, length),
                shared.attention.part(width + from, features, column, length),
                shared.attention.part(2 * width + from, features, column, length),
                shared.mixed.part(from, features, column, length),
                strip.derivatives().part(0, length, place * length, length));
    }

    @Override
    public void forward(float[][] x, float[] theta, float[][] target) {
        Products products = shared.products;
        norm.forward(x, normed);
        products.multiply(weights.attention.whole, normed, attention);
        for (Strip strip : strips) {
            for (Slices head : strip.heads()) {
                products.multiply(head.k().transposed(), head.q(), head.pattern());
            }
            softmax.forward(strip.patterns());
            for (Slices head : strip.heads()) {
                products.multiply(head.v(), head.pattern(), head.mixed());
            }
        }
        weights.output.forward(mixed, target, theta, shared, shared.output, row);
    }

    @Override
    public void backward(float[][] dtarget, float[] theta, float[][] dx, float[] gradient) {
        Products products = shared.products;
        weights.output.backward(mixed, dtarget, gradient, shared, shared.output, shared.mixed);
        for (Strip strip : strips) {
            for (Slices head : strip.heads()) {
                products.multiply(head.v().transposed(), head.dmixed(), head.dpattern());
            }
            softmax.backward(strip.patterns(), strip.derivatives());
            for (Slices head : strip.heads()) {
                products.multiply(head.k(), head.dpattern(), head.dq());
                products.multiply(head.q(), head.dpattern().transposed(), head.dk());
                products.multiply(head.dmixed(), head.pattern().transposed(), head.dv());
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
