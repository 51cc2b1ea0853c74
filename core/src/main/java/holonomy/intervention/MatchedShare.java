package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.geometry.Subspace;
import java.util.List;

/**
 * The control of a {@link Projection} on the gradient: other directions R, yet the same length and the same share inside as holding the gradient to the
 * directions B would give.
 *
 * <pre>
 *   v = P g + (1 - s) (g - P g),   P = B B'           what the projection would hand to the optimiser
 *   rho = |P g| / |v|                                 its share inside B
 *   g  &lt;-  |v| ( rho Q g / |Q g| + sqrt(1 - rho^2) (g - Q g) / |g - Q g| ),   Q = R R'
 * </pre>
 *
 * <p>AdamW ignores the gradient's scale, so suppressing all but a small part amplifies that part: s / (1 - s) times as much of it in random directions is
 * almost nothing, in the path's directions it is not (spec D10). Here both arms hold the same share of the gradient; what is left is where the directions lie.
 * Where Q g = 0 or g = Q g nothing is changed.
 *
 * @param directions R
 * @param like B
 * @param suppression s in [0, 1]; at 0 nothing is done, as under the projection it is compared with
 * @param window when
 */
public record MatchedShare(Basis directions, Basis like, double suppression, Window window) implements Intervention {
    public MatchedShare {
        if (!(suppression >= 0 && suppression <= 1)) {
            throw new UserError("matched share: suppression expected from 0 to 1, found " + suppression);
        }
    }

    @Override
    public boolean inert() {
        return suppression == 0;
    }

    @Override
    public List<Basis> bases() {
        return List.of(directions, like);
    }

    @Override
    public boolean needsUpdate() {
        return false;
    }

    @Override
    public void beforeOptimiser(Step step) {
        step.changeGradient(g -> matched(g, step.directions(0), step.directions(1)));
    }

    @Override
    public void afterOptimiser(Step step) {
        // acts on the gradient only
    }

    /** The new gradient [P]. */
    double[] matched(double[] g, Subspace ours, Subspace theirs) {
        double inside = CommutatorDirection.norm(theirs.project(g));
        double outside = (1 - suppression) * theirs.residualNorm(g);
        double[] parallel = ours.project(g);
        double[] perpendicular = ours.residual(g);
        double p = CommutatorDirection.norm(parallel);
        double q = CommutatorDirection.norm(perpendicular);
        if (p == 0 || q == 0) {
            return g;
        }
        // |v| rho is the length inside B, |v| sqrt(1 - rho^2) the one outside: the two parts are perpendicular
        double[] result = new double[g.length];
        for (int i = 0; i < g.length; i++) {
            result[i] = inside / p * parallel[i] + outside / q * perpendicular[i];
        }
        return result;
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "matched share").put("semantics", SEMANTICS);
        node.set("basis", directions.spec());
        node.set("like", like.spec());
        node.put("suppression", suppression);
        node.set("window", window.spec());
        return node;
    }

    static MatchedShare fromSpec(Fields fields) {
        return new MatchedShare(
                Basis.fromSpec(fields.object("basis")),
                Basis.fromSpec(fields.object("like")),
                fields.number("suppression"),
                Window.fromSpec(fields.object("window")));
    }
}
