package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.model.Answers;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Accuracy (share of targets whose logit is the largest, dimensionless) and mean cross-entropy (nats) on every evaluation set of the task: on a sample,
 * beside the accuracy of always naming the most frequent target, or on whole sets, beside the norms of theta and of the latest gradient.
 *
 * <p>The table is called {@code accuracy}, that of whole sets {@code pairs}, after the tasks that had them first: stored tables are known by it.
 *
 * @param cadence when
 * @param sample sequences of each set, the same at every moment; empty for whole sets
 */
public record Accuracy(Cadence cadence, OptionalInt sample) implements Measure {
    /** Share of targets whose logit is the largest, dimensionless. */
    public static final Table.Column ACCURACY = Table.quantity("accuracy");

    /** Mean cross-entropy of the targets, nats. */
    public static final Table.Column LOSS = Table.quantity("loss");

    /** Accuracy of always naming the most frequent target, dimensionless. */
    public static final Table.Column MAJORITY = Table.quantity("majority");

    /** |theta|, of all weights. */
    public static final Table.Column WEIGHT_NORM = Table.quantity("weight_norm");

    /** |g| of the latest batch, nats per weight norm. */
    public static final Table.Column GRADIENT_NORM = Table.quantity("gradient_norm");

    public Accuracy {
        if (sample.orElse(1) < 1) {
            throw new UserError("accuracy: expected at least 1 held-out sequence, found " + sample.getAsInt());
        }
    }

    /** On a sample of each set. */
    public Accuracy(Cadence cadence, int sequences) {
        this(cadence, OptionalInt.of(sequences));
    }

    /** On all sequences of sets that are given. */
    public static Accuracy onWholeSets(Cadence cadence) {
        return new Accuracy(cadence, OptionalInt.empty());
    }

    private boolean whole() {
        return sample.isEmpty();
    }

    @Override
    public int sequences() {
        return sample.orElse(0);
    }

    @Override
    public String name() {
        return whole() ? "pairs" : "accuracy";
    }

    @Override
    public List<Table.Column> columns() {
        return columns(whole() ? SET : M);
    }

    @Override
    public List<Table.Column> columns(RunSpec run) {
        return columns(SetColumn.of(run.task().evaluationSets()).column());
    }

    private List<Table.Column> columns(Table.Column set) {
        List<Table.Column> columns = new ArrayList<>(List.of(STEP, set, ACCURACY, LOSS));
        columns.addAll(whole() ? List.of(WEIGHT_NORM, GRADIENT_NORM) : List.of(MAJORITY));
        return columns;
    }

    @Override
    public boolean isOfItsStep() {
        return true;
    }

    @Override
    public ObjectNode parameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        return whole() ? node : node.put("sequences", sequences());
    }

    /** A set without an end has no whole. */
    @Override
    public void requireMeaning(RunSpec run) {
        List<String> endless = run.task().evaluationSets().stream()
                .filter(set -> whole() && !(set instanceof EvaluationSet.Given))
                .map(EvaluationSet::name)
                .toList();
        if (!endless.isEmpty()) {
            throw new UserError("accuracy on whole sets: expected sets of given sequences, but those of "
                    + endless + " of '" + run.task().label() + "' are drawn without end; use accuracy(...), of so many"
                    + " held-out sequences each");
        }
    }

    /** Lowest accuracy over the sets at the last evaluation. */
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
        List<EvaluationSet> sets = moment.run().task().evaluationSets();
        SetColumn column = SetColumn.of(sets);
        Stream heldOut = moment.stream("held-out");
        double weightNorm = whole() ? Vectors.norm(Vectors.wide(moment.theta())) : Double.NaN;
        for (EvaluationSet set : sets) {
            Batch batch = set.sample(heldOut, sample.orElse(Integer.MAX_VALUE));
            Answers answers = Answers.of(moment.network(), moment.theta(), batch);
            List<Object> row =
                    new ArrayList<>(List.of(moment.step(), column.of(set), answers.accuracy(), answers.crossEntropy()));
            row.addAll(whole() ? List.of(weightNorm, moment.gradientNorm()) : List.of(set.majorityShare()));
            rows.row(row.toArray());
        }
    }
}
