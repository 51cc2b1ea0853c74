package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.Identity;
import holonomy.data.UserError;

/**
 * Where a training starts that goes on from another run instead of from a seed's initial values: at that run's weights after {@code step} of its steps. Its own
 * steps count from 0. With the optimiser's state kept it takes the very steps that the other run took from there on: batches, optimiser and schedule go on.
 * With a fresh optimiser the batches go on too, for what was seen is not to be seen again, and the schedule begins anew. Rewarmed, the optimiser's state goes on
 * under a schedule that begins anew. A stop rule counts anew.
 *
 * @param run id of the other run
 * @param step number of its steps
 * @param firstBatch number of the first batch in the stream of the run's data seed
 * @param optimizerSteps how many steps the optimiser's state has seen; 0 for a fresh one
 * @param rewarmed whether the schedule begins anew though the optimiser's state goes on
 */
public record Fork(String run, long step, long firstBatch, long optimizerSteps, boolean rewarmed) {
    /** What becomes of the optimiser's state and the schedule. */
    public enum State {
        /** Both go on. */
        KEPT,
        /** Both begin anew. */
        FRESH,
        /** The state goes on, the schedule begins anew. */
        REWARMED
    }

    public Fork {
        if (step < 0 || firstBatch < step || optimizerSteps < 0 || optimizerSteps > firstBatch) {
            throw new UserError("fork of run " + run + " at step " + step + ", first batch " + firstBatch + ", after "
                    + optimizerSteps
                    + " steps of the optimiser: expected 0 <= step <= first batch, and 0 to first batch"
                    + " steps of the optimiser");
        }
    }

    /**
     * A start at a run's weights.
     *
     * @throws UserError if the run has fewer steps
     */
    static Fork of(RunSpec run, long step, State state) {
        if (step < 0 || step > run.training().steps()) {
            throw new UserError(
                    "fork: expected a step from 0 to " + run.training().steps() + " of '" + run.label() + "', found "
                            + step + "; choose one of them, or train that run longer");
        }
        long seen = state == State.FRESH ? 0 : run.optimizerSteps(step);
        return new Fork(Identity.of(run.spec()), step, run.batch(step), seen, state == State.REWARMED && seen > 0);
    }

    ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("run", run).put("step", step).put("firstBatch", firstBatch).put("optimizerSteps", optimizerSteps);
        return rewarmed ? node.put("rewarmed", true) : node;
    }

    static Fork fromSpec(Fields fields) {
        return new Fork(
                fields.text("run"),
                fields.wide("step"),
                fields.wide("firstBatch"),
                fields.wide("optimizerSteps"),
                fields.has("rewarmed") && fields.flag("rewarmed"));
    }

    /** How many steps of the schedule lie before the first of these. */
    long scheduleSteps() {
        return rewarmed ? 0 : optimizerSteps;
    }

    /** A few words for people. */
    String label() {
        return "from step " + step + " of " + Identity.shortened(run) + (optimizerSteps == 0 ? "" : ", optimiser kept")
                + (rewarmed ? ", schedule anew" : "");
    }
}
