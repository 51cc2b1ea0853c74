package holonomy.intervention;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.model.Layout;
import java.util.List;

/**
 * Something done to a training from outside, as a value: a function of step, gradient, update, weights and a random stream of its own, called
 * between the backward pass and the optimiser, and again between the optimiser and the weights. It keeps no state between steps but
 * the weights at which its directions were found ({@link Renewed}), which a checkpoint holds, so a run goes on from there as if nothing had happened.
 */
public sealed interface Intervention permits Projection, MatchedShare, Freeze, Kick, Displacement, NormClamp {
    /** Bumped by hand whenever the same intervention would give other weights. */
    int SEMANTICS = 1;

    /** When it acts. */
    Window window();

    /** Whether it changes nothing at any step: strength 0. A recipe leaves it out, so its run is the plain one. */
    boolean inert();

    /** The directions it refers to, in the order in which its steps have them. */
    List<Basis> bases();

    /** Whether it asks for the step that the optimiser took. */
    boolean needsUpdate();

    /**
     * Makes sure that it can act on a model of these blocks; nothing by default.
     *
     * @throws UserError otherwise
     */
    default void requireMeaning(Layout layout) {}

    /**
     * Makes sure that it can act beside the others of a training; nothing by default.
     *
     * @throws UserError otherwise
     */
    default void requireMeaning(List<Intervention> together) {}

    /** After clipping, before the optimiser. */
    void beforeOptimiser(Step step);

    /** After the optimiser. */
    void afterOptimiser(Step step);

    ObjectNode spec();

    /** The intervention whose {@link #spec()} this is. */
    static Intervention fromSpec(Fields fields) {
        return switch (fields.text("kind")) {
            case "projection" -> Projection.fromSpec(fields);
            case "matched share" -> MatchedShare.fromSpec(fields);
            case "freeze" -> Freeze.fromSpec(fields);
            case "kick" -> Kick.fromSpec(fields);
            case "displacement" -> Displacement.fromSpec(fields);
            case "norm clamp" -> NormClamp.fromSpec(fields);
            default ->
                throw new UserError(
                        fields.place() + ": intervention of kind '" + fields.text("kind") + "'"
                                + " is unknown to this version of Holonomy; known: projection, matched share, freeze, kick, displacement, norm clamp");
        };
    }
}
