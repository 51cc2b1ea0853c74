package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.model.Logits;
import holonomy.task.Batch;
import holonomy.task.PairTask;
import java.util.List;
import java.util.Map;

/**
 * Exact accuracy (dimensionless) and mean cross-entropy (nats) on all pairs of the training and of the test set, and the norm of theta.
 *
 * @param cadence when
 */
public record PairAccuracy(Cadence cadence) implements Measure {
    public static final Table.Column SET = Table.text("set");
    public static final Table.Column ACCURACY = Table.quantity("accuracy");
    public static final Table.Column LOSS = Table.quantity("loss");
    public static final Table.Column WEIGHT_NORM = Table.quantity("weight_norm");
    public static final Table.Column GRADIENT_NORM = Table.quantity("gradient_norm");

    @Override
    public String name() {
        return "pairs";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, SET, ACCURACY, LOSS, WEIGHT_NORM, GRADIENT_NORM);
    }

    @Override
    public int semantics() {
        return 1;
    }

    @Override
    public ObjectNode parameters() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Test accuracy at the last evaluation. */
    @Override
    public Map<String, Double> summary(Table table) {
        Map<String, Double> last = new java.util.HashMap<>();
        table.rows().stream()
                .filter(row -> row.text(SET).equals(PairTask.Part.TEST.label()))
                .forEach(row -> last.put("accuracy", row.number(ACCURACY)));
        return last;
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        if (!(moment.run().task() instanceof PairTask task)) {
            throw new UserError("accuracy on all pairs: expected a task over pairs, found '"
                    + moment.run().task().label() + "'; use accuracy(...) there");
        }
        for (PairTask.Part part : PairTask.Part.values()) {
            Batch batch = task.all(part);
            float[] logits = moment.network().logits(moment.theta(), batch);
            rows.row(
                    moment.step(),
                    part.label(),
                    Logits.accuracy(logits, batch.labels()),
                    Logits.crossEntropy(logits, batch.labels()),
                    Vectors.norm(Vectors.wide(moment.theta())),
                    moment.gradientNorm());
        }
    }
}
