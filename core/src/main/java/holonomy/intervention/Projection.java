package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.geometry.Subspace;
import holonomy.model.Block;
import holonomy.model.Layout;
import java.util.List;

/**
 * Weighs the part of a vector v inside a subspace against the part outside it:
 *
 * <pre>
 *   v  &lt;-  a B B'v + b (v - B B'v)
 * </pre>
 *
 * <p>Published (arXiv 2602.16746, interventions): v the gradient before AdamW, over all weights, a = 1, b = 1 - s. There AdamW's
 * invariance to scale turns the suppression of one part into the amplification of the other, and weights outside the subspace's blocks only decay
 * (spec D9, D10). The controls: v the step that AdamW takes, decay included; weights outside the blocks left alone; a = 1 - s, b = 1,
 * which removes the part inside.
 *
 * @param on which v
 * @param directions B
 * @param inBlocksOnly whether weights outside B's blocks keep their v
 * @param parallel a, dimensionless
 * @param perpendicular b, dimensionless
 * @param window when
 */
public record Projection(
        On on, Basis directions, boolean inBlocksOnly, double parallel, double perpendicular, Window window)
        implements Intervention {
    /** The vector that is filtered. */
    public enum On {
        /** The clipped gradient, before the optimiser. */
        GRADIENT,
        /** The change of the weights by the optimiser, decay included. */
        UPDATE
    }

    public Projection {
        if (!(parallel >= 0 && perpendicular >= 0 && Double.isFinite(parallel) && Double.isFinite(perpendicular))) {
            throw new UserError("projection: weights of both parts expected at least 0, found " + parallel + " and "
                    + perpendicular);
        }
        if (inBlocksOnly && directions.group().isEmpty()) {
            throw new UserError(
                    "projection: '" + directions.label()
                            + "' lies in no blocks of its own, so weights outside its blocks can't be left alone; name a group");
        }
    }

    @Override
    public boolean inert() {
        return parallel == 1 && perpendicular == 1;
    }

    @Override
    public List<Basis> bases() {
        return List.of(directions);
    }

    @Override
    public boolean needsUpdate() {
        return on == On.UPDATE;
    }

    @Override
    public void beforeOptimiser(Step step) {
        if (on == On.GRADIENT) {
            step.changeGradient(
                    v -> filtered(v, step.directions(0), step.surroundings().layout()));
        }
    }

    @Override
    public void afterOptimiser(Step step) {
        if (on == On.UPDATE) {
            float[] before = step.before();
            double[] v = new double[before.length];
            for (int i = 0; i < v.length; i++) {
                v[i] = (double) step.theta()[i] - before[i];
            }
            double[] filtered =
                    filtered(v, step.directions(0), step.surroundings().layout());
            for (int i = 0; i < v.length; i++) {
                if (filtered[i] != v[i]) {
                    step.theta()[i] = (float) (before[i] + filtered[i]);
                }
            }
        }
    }

    /** The filtered vector, a new one. */
    double[] filtered(double[] v, Subspace basis, Layout layout) {
        double[] inside = basis.project(v);
        double[] result = new double[v.length];
        System.arraycopy(v, 0, result, 0, v.length);
        if (inBlocksOnly) {
            for (Block block : layout.group(directions.group().orElseThrow())) {
                weigh(result, v, inside, block.offset(), block.offset() + block.size());
            }
        } else {
            weigh(result, v, inside, 0, v.length);
        }
        return result;
    }

    private void weigh(double[] result, double[] v, double[] inside, int from, int to) {
        for (int i = from; i < to; i++) {
            result[i] = perpendicular * v[i] + (parallel - perpendicular) * inside[i];
        }
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "projection").put("semantics", SEMANTICS).put("on", on.name());
        node.set("basis", directions.spec());
        node.put("inBlocksOnly", inBlocksOnly).put("parallel", parallel).put("perpendicular", perpendicular);
        node.set("window", window.spec());
        return node;
    }

    static Projection fromSpec(Fields fields) {
        return new Projection(
                fields.oneOf("on", On.class),
                Basis.fromSpec(fields.object("basis")),
                fields.flag("inBlocksOnly"),
                fields.number("parallel"),
                fields.number("perpendicular"),
                Window.fromSpec(fields.object("window")));
    }
}
