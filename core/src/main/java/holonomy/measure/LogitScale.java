package holonomy.measure;

import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.train.RunSpec;
import java.util.List;

/**
 * How large the logits z [n, C] are on each whole evaluation set, what a softmax sees of them: {@code sqrt(mean over n and c of (z_nc - mean_c z_n)^2)}, in nats. A
 * number added to all logits of a sequence changes nothing. The design's factor on the logits is in it.
 *
 * @param cadence when
 */
public record LogitScale(Cadence cadence) implements Measure {
    /** The scale, nats. */
    public static final Table.Column SCALE = Table.quantity("logit_scale");

    @Override
    public String name() {
        return "logit-scale";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, SET, SCALE);
    }

    /** A set without an end has no whole. */
    @Override
    public void requireMeaning(RunSpec run) {
        for (EvaluationSet set : run.task().evaluationSets()) {
            if (!(set instanceof EvaluationSet.Given)) {
                throw new UserError("logit scale: expected sets of given sequences, but '" + SetColumn.name(set)
                        + "' of '" + run.task().label() + "' is drawn without end; measure it along runs on pairs");
            }
        }
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        for (EvaluationSet set : moment.run().task().evaluationSets()) {
            Batch batch = set.sample(moment.stream("held-out"), Integer.MAX_VALUE);
            float[] logits = moment.network().logits(moment.theta(), batch);
            rows.row(
                    moment.step(),
                    SetColumn.name(set),
                    of(logits, moment.run().model().classes()));
        }
    }

    /** The scale of logits [n, C]. */
    static double of(float[] logits, int classes) {
        double squares = 0;
        for (int from = 0; from < logits.length; from += classes) {
            double mean = 0;
            for (int c = 0; c < classes; c++) {
                mean += logits[from + c] / (double) classes;
            }
            for (int c = 0; c < classes; c++) {
                squares += (logits[from + c] - mean) * (logits[from + c] - mean);
            }
        }
        return Math.sqrt(squares / logits.length);
    }
}
