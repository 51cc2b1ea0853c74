package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.model.Logits;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.util.List;
import java.util.Map;

/**
 * Accuracy (share of sequences whose largest logit is the label, dimensionless) and mean cross-entropy (nats) on fixed held-out
 * sequences of every condition m of the task, with the accuracy of always naming the most frequent label.
 *
 * @param cadence when
 * @param sequences held-out sequences per m
 */
public record Accuracy(Cadence cadence, int sequences) implements Measure {
    public static final Table.Column ACCURACY = Table.quantity("accuracy");
    public static final Table.Column LOSS = Table.quantity("loss");
    public static final Table.Column MAJORITY = Table.quantity("majority");

    public Accuracy {
        if (sequences < 1) {
            throw new UserError("accuracy: expected at least 1 held-out sequence, found " + sequences);
        }
    }

    @Override
    public String name() {
        return "accuracy";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, M, ACCURACY, LOSS, MAJORITY);
    }

    @Override
    public int semantics() {
        return 1;
    }

    @Override
    public ObjectNode parameters() {
        return JsonNodeFactory.instance.objectNode().put("sequences", sequences);
    }

    /** Lowest accuracy over m at the last evaluation. */
    @Override
    public Map<String, Double> summary(Table table) {
        double last =
                table.rows().stream().mapToDouble(row -> row.number(STEP)).max().orElse(Double.NaN);
        double lowest = table.rows().stream()
                .filter(row -> row.number(STEP) == last)
                .mapToDouble(row -> row.number(ACCURACY))
                .min()
                .orElse(Double.NaN);
        return Double.isNaN(lowest) ? Map.of() : Map.of("accuracy", lowest);
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Stream heldOut = moment.stream("held-out");
        for (Map.Entry<Integer, Task> condition :
                moment.run().task().conditions().entrySet()) {
            Task task = condition.getValue();
            Batch batch = task.batch(heldOut, condition.getKey(), sequences);
            float[] logits = moment.network().logits(moment.theta(), batch);
            rows.row(
                    moment.step(),
                    condition.getKey(),
                    Logits.accuracy(logits, batch.labels()),
                    Logits.crossEntropy(logits, batch.labels()),
                    task.majorityShare());
        }
    }
}
