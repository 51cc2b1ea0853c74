package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.model.Answers;
import holonomy.model.Network;
import holonomy.task.EvaluationSet;

/**
 * Ends a training early, a while after it generalises: {@code tail} steps after the last of {@code inARow} looks in a row, one every {@code every} steps,
 * with an accuracy on an evaluation set of at least {@code accuracy} (arXiv 2602.16746: .98 on the test set, 3 looks 100 steps apart).
 *
 * @param accuracy dimensionless
 * @param inARow looks in a row
 * @param every steps from look to look
 * @param tail steps that are still taken
 * @param set name of the evaluation set, one that always has the same sequences
 */
public record StopRule(double accuracy, int inARow, long every, long tail, String set) {
    private static final String TEST = "test";

    /** Looks at the test set. */
    public StopRule(double accuracy, int inARow, long every, long tail) {
        this(accuracy, inARow, every, tail, TEST);
    }

    public StopRule {
        if (!(accuracy > 0 && accuracy <= 1) || inARow < 1 || every < 1 || tail < 0) {
            throw new UserError(
                    "stop rule: expected an accuracy in (0, 1], at least 1 look, every 1 or more steps and a tail of at"
                            + " least 0; found " + accuracy + ", " + inARow + ", " + every + ", " + tail);
        }
    }

    /** The published rule. */
    public static StopRule published(long tail) {
        return new StopRule(.98, 3, 100, tail);
    }

    /**
     * How far a training is with its rule.
     *
     * @param streak looks in a row that were good enough, up to now
     * @param metAt step of the last look that it took; -1 before
     */
    public record Count(long streak, long metAt) {
        /** Before the first look. */
        public static final Count NONE = new Count(0, -1);
    }

    /** The count after a step. */
    Count after(Count before, long step, Network network, float[] theta, EvaluationSet.Given test) {
        if (before.metAt >= 0 || step % every != 0) {
            return before;
        }
        double reached = Answers.of(network, theta, test.all().get()).accuracy();
        long streak = reached >= accuracy ? before.streak + 1 : 0;
        return new Count(streak, streak >= inARow ? step : -1);
    }

    /** Whether a training is over after a step. */
    boolean over(Count count, long step) {
        return count.metAt >= 0 && step >= count.metAt + tail;
    }

    ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("accuracy", accuracy).put("inARow", inARow).put("every", every).put("tail", tail);
        return set.equals(TEST) ? node : node.put("set", set);
    }

    static StopRule fromSpec(Fields fields) {
        return new StopRule(
                fields.number("accuracy"),
                fields.whole("inARow"),
                fields.wide("every"),
                fields.wide("tail"),
                fields.has("set") ? fields.text("set") : TEST);
    }
}
