package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.List;
import java.util.Optional;

/**
 * Displaces the weights: {@code theta += length u / |u|}, u = d - B B'd, d a direction, B a subspace that is kept out of it.
 *
 * <p>Published (arXiv 2602.16746, interventions): d a commutator of two batches, length alpha |eta g_A|; and d Gaussian at a constant length, which
 * is not the length of the kicks it is compared with (spec D18). With {@link Length#STEP} a Gaussian kick is as long as the commutator's would be.
 *
 * @param direction d
 * @param length unit of the amount
 * @param amount length of the displacement, in weight norm or as a multiple of |eta g_A|
 * @param basis B; empty to keep nothing out
 * @param before whether it comes before the optimiser's step
 * @param window when
 */
public record Kick(
        Direction direction, Length length, double amount, Optional<Basis> basis, boolean before, Window window)
        implements Intervention {
    /** What d is. */
    public enum Direction {
        /** The commutator of median defect among {@value CommutatorDirection#DRAWS} pairs of batches. */
        COMMUTATOR,
        /** Independent standard normal numbers. */
        GAUSSIAN
    }

    /** The unit of a kick's amount. */
    public enum Length {
        /** Weight norm. */
        FIXED,
        /** |eta g_A|, eta = {@value CommutatorDirection#ETA}, g_A the gradient of a batch drawn for the kick. */
        STEP
    }

    public Kick {
        if (!(amount >= 0 && Double.isFinite(amount))) {
            throw new UserError("kick: length expected at least 0, found " + amount);
        }
    }

    @Override
    public boolean inert() {
        return amount == 0;
    }

    @Override
    public List<Basis> bases() {
        return basis.stream().toList();
    }

    @Override
    public boolean needsUpdate() {
        return false;
    }

    @Override
    public void beforeOptimiser(Step step) {
        if (before) {
            displace(step);
        }
    }

    @Override
    public void afterOptimiser(Step step) {
        if (!before) {
            displace(step);
        }
    }

    private void displace(Step step) {
        CommutatorDirection.Found found = direction == Direction.COMMUTATOR || length == Length.STEP
                ? CommutatorDirection.of(step, direction == Direction.COMMUTATOR)
                : new CommutatorDirection.Found(new double[0], Double.NaN);
        double[] d = direction == Direction.COMMUTATOR ? found.delta() : gaussian(step);
        double[] u = basis.isPresent() ? step.directions(0).residual(d) : d;
        double norm = CommutatorDirection.norm(u);
        double far = amount * (length == Length.STEP ? found.stepLength() : 1);
        if (!(norm > 0) || !(far > 0)) {
            return; // no gradient, no commutator: there is nowhere to go
        }
        float[] theta = step.theta();
        for (int i = 0; i < theta.length; i++) {
            theta[i] = (float) (theta[i] + far / norm * u[i]);
        }
    }

    private static double[] gaussian(Step step) {
        var random = step.stream().at(step.number());
        double[] d = new double[step.theta().length];
        for (int i = 0; i < d.length; i++) {
            d[i] = random.nextGaussian();
        }
        return d;
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "kick").put("semantics", SEMANTICS).put("direction", direction.name());
        node.put("length", length.name()).put("amount", amount).put("before", before);
        basis.ifPresent(kept -> node.set("basis", kept.spec()));
        node.set("window", window.spec());
        return node;
    }

    static Kick fromSpec(Fields fields) {
        return new Kick(
                fields.oneOf("direction", Direction.class),
                fields.oneOf("length", Length.class),
                fields.number("amount"),
                fields.optional("basis").map(Basis::fromSpec),
                fields.flag("before"),
                Window.fromSpec(fields.object("window")));
    }
}
