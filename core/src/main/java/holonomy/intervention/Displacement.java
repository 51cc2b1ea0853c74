package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.model.Block;
import java.util.List;

/**
 * Displaces each block of weights W by a share of its own length, after the optimiser's step:
 *
 * <pre>
 *   W  &lt;-  W + sigma |W| u_W / |u_W|
 * </pre>
 *
 * <p>u is the sum of a basis' directions, u_W its part in the block; a block that u has no part in stays. So two bases of the same blocks displace them equally far, block by block. With a random direction per block it is the
 * published perturbation {@code W + sigma rms(W) Z} of length |W| sigma (arXiv 2602.23696, basin depth), whose length there varies by the draw.
 *
 * @param basis u
 * @param sigma share of the block's length, dimensionless; negative for the other way
 * @param window when
 */
public record Displacement(Basis basis, double sigma, Window window) implements Intervention {
    public Displacement {
        if (!Double.isFinite(sigma)) {
            throw new UserError("displacement: a finite share of each block's length expected, found " + sigma);
        }
    }

    @Override
    public boolean inert() {
        return sigma == 0;
    }

    @Override
    public List<Basis> bases() {
        return List.of(basis);
    }

    @Override
    public boolean needsUpdate() {
        return false;
    }

    @Override
    public void beforeOptimiser(Step step) {
        // The step is the optimiser's.
    }

    @Override
    public void afterOptimiser(Step step) {
        float[] theta = step.theta();
        double[] u = new double[theta.length];
        for (double[] direction : step.directions(0).basis()) {
            for (int i = 0; i < u.length; i++) {
                u[i] += direction[i];
            }
        }
        for (Block block : step.surroundings().layout().blocks()) {
            displace(theta, u, block.offset(), block.offset() + block.size());
        }
    }

    private void displace(float[] theta, double[] u, int from, int to) {
        double weights = 0;
        double direction = 0;
        for (int i = from; i < to; i++) {
            weights += (double) theta[i] * theta[i];
            direction += u[i] * u[i];
        }
        if (direction > 0) {
            double factor = sigma * Math.sqrt(weights / direction);
            for (int i = from; i < to; i++) {
                theta[i] = (float) (theta[i] + factor * u[i]);
            }
        }
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "displacement").put("semantics", SEMANTICS);
        node.set("basis", basis.spec());
        node.put("sigma", sigma);
        node.set("window", window.spec());
        return node;
    }

    static Displacement fromSpec(Fields fields) {
        return new Displacement(
                Basis.fromSpec(fields.object("basis")),
                fields.number("sigma"),
                Window.fromSpec(fields.object("window")));
    }
}
