package holonomy.train;

import holonomy.data.Bytes;
import holonomy.data.UserError;
import holonomy.model.Model;
import java.util.Locale;

/**
 * The memory that a training takes at least, so that sizes which can't fit are known before it begins.
 *
 * <pre>
 *   bytes = 4 P (2 + moments) + 4 B T (1 + d (2 + 2 L))
 * </pre>
 *
 * <p>P weights with their gradient and the optimiser's moments of them; B sequences of T tokens, computed at once, with the residual stream and its derivative (d
 * numbers per token) and the keys and values of L layers. What it takes besides (attention weights, MLPs, copies) is not counted.
 */
public final class Footprint {
    private Footprint() {}

    /** Memory that a run takes at least, in bytes. */
    public static double least(RunSpec spec) {
        return least(spec.model(), spec.training());
    }

    private static double least(Model model, Training training) {
        double moments = training.optimizer().moments();
        double weights = model.weightCount() * (2 + moments);
        double perToken = 1 + (double) model.width() * (2 + 2.0 * model.layers());
        return Float.BYTES
                * (weights + (double) training.batch() / training.microBatches().count() * model.length() * perToken);
    }

    /**
     * Makes sure that weights and batch each fit into one array.
     *
     * @throws UserError with the memory that the training would take
     */
    static void requireArrays(Model model, Training training) {
        if (model.weightCount() > Integer.MAX_VALUE) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "run: a model of %d layers, width %d, vocabulary %d and %d classes has %.3g weights, expected at most %d;"
                            + " its training would take at least %s of memory; use smaller sizes",
                    model.layers(),
                    model.width(),
                    model.vocabulary(),
                    model.classes(),
                    model.weightCount(),
                    Integer.MAX_VALUE,
                    Bytes.words(least(model, training))));
        }
        requireTokens("run: a batch", training.batch(), model.length(), Bytes.words(least(model, training)));
    }

    /**
     * Makes sure that the tokens of some sequences fit into one array.
     *
     * @param what who asks for them
     * @param memory what they would take, in words
     */
    public static void requireTokens(String what, int sequences, int length, String memory) {
        if ((long) sequences * length > Integer.MAX_VALUE) {
            throw new UserError(what + " of " + sequences + " sequences of " + length + " tokens has "
                    + (long) sequences * length + " tokens, expected at most " + Integer.MAX_VALUE
                    + "; it would take at least " + memory + " of memory; use at most " + Integer.MAX_VALUE / length
                    + " sequences");
        }
    }
}
