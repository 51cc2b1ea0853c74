package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.model.Answers;
import holonomy.model.Architecture;
import holonomy.model.Model;
import holonomy.model.Patch;
import holonomy.model.Site;
import holonomy.model.Trace;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.train.RunSpec;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How sharply heads attend, per evaluation set, on fixed held-out sequences: {@code H = -sum_j A_ij ln A_ij} in nats of the last token's row and of all rows (mean), the
 * same divided by ln of the visible tokens, and the mass of the k largest entries; per layer and head. The accuracy when every attention row keeps
 * only its k largest entries is a row with layer and head -1.
 *
 * <p>Source: arXiv 2602.10496, section 4.2. Columns {@code quantity} (see the constants), {@code k} (-1 where there is none), {@code value}.
 *
 * @param cadence when
 * @param sequences held-out sequences per m
 * @param kept the k of top-k mass and override; T and more change nothing
 */
public record AttentionEntropy(Cadence cadence, int sequences, List<Integer> kept) implements Measure {
    /** Which quantity {@link Measure#VALUE} is. */
    public static final Table.Column QUANTITY = Table.text("quantity");

    /** Entries kept; -1 where none are left out. */
    public static final Table.Column K = Table.whole("k");

    /** Entropy of the last token's row, nats. */
    public static final String LAST = "entropy of the last token";
    /** Mean entropy of all rows, nats. */
    public static final String MEAN = "mean entropy";
    /** Entropy of the last token's row over ln T, dimensionless. */
    public static final String RELATIVE = "relative entropy of the last token";
    /** Mean over rows of the entropy divided by ln of the visible tokens; the first row, which sees one token, is left out. */
    public static final String MEAN_RELATIVE = "mean relative entropy";
    /** Mass of the k largest entries of the last token's row, dimensionless. */
    public static final String MASS = "top-k mass";
    /** Accuracy under the override, dimensionless. */
    public static final String ACCURACY = "top-k accuracy";

    public AttentionEntropy {
        if (sequences < 1) {
            throw new UserError("attention entropy: expected at least 1 held-out sequence, found " + sequences);
        }
        kept = List.copyOf(kept);
        kept.forEach(Patch.TopAttention::new);
    }

    @Override
    public String name() {
        return "attention";
    }

    @Override
    public List<Table.Column> columns() {
        return columns(M);
    }

    @Override
    public List<Table.Column> columns(RunSpec run) {
        return columns(SetColumn.of(EvaluationSet.drawn(run.task())).column());
    }

    private static List<Table.Column> columns(Table.Column set) {
        return List.of(STEP, set, LAYER, HEAD, QUANTITY, K, VALUE);
    }

    @Override
    public ObjectNode parameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("sequences", sequences);
        kept.forEach(node.putArray("kept")::add);
        return node;
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Model model = moment.run().model();
        Set<Site> sites = new LinkedHashSet<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            sites.add(Site.attention(layer));
        }
        List<EvaluationSet.Drawn> sets = EvaluationSet.drawn(moment.run().task());
        for (EvaluationSet set : sets) {
            Object of = SetColumn.of(sets).of(set);
            Batch batch = set.sample(moment.stream("held-out"), sequences);
            Trace trace = moment.network().trace(moment.theta(), batch, sites, List.of());
            for (int layer = 0; layer < model.layers(); layer++) {
                for (int head = 0; head < model.heads(); head++) {
                    head(new Head(trace.at(Site.attention(layer)), head, model), moment.step(), of, layer, rows);
                }
            }
            for (int k : kept) {
                // Keeping all T entries changes nothing: the logits are there already.
                Trace patched = k >= model.length()
                        ? trace
                        : moment.network().trace(moment.theta(), batch, Set.of(), List.of(new Patch.TopAttention(k)));
                double accuracy = Answers.of(patched.logits(), batch.targetsAt(model.readouts()))
                        .accuracy();
                rows.row(moment.step(), of, -1, -1, ACCURACY, k, accuracy);
            }
        }
    }

    /** Its rows are those of tokens that see what comes before them, the last one's that of the answer. */
    @Override
    public void requireMeaning(RunSpec run) {
        Model model = run.model();
        int last = model.length() - 1;
        if (!model.readouts().contains(last)
                || !(model instanceof Architecture architecture && architecture.causal())) {
            throw new UserError("attention entropy: expected a causal model that is read out at its last token, found "
                    + model.label() + ", read out at " + model.readouts() + "; measure it along runs of a decoder");
        }
    }

    private void head(Head head, long step, Object of, int layer, Table.Builder rows) {
        int t = head.length();
        rows.row(step, of, layer, head.head, LAST, -1, head.entropy(t - 1));
        rows.row(step, of, layer, head.head, RELATIVE, -1, head.entropy(t - 1) / Math.log(t));
        double sum = 0;
        double relative = 0;
        for (int row = 0; row < t; row++) {
            double entropy = head.entropy(row);
            sum += entropy;
            relative += row > 0 ? entropy / Math.log(row + 1) : 0;
        }
        rows.row(step, of, layer, head.head, MEAN, -1, sum / t);
        rows.row(step, of, layer, head.head, MEAN_RELATIVE, -1, relative / (t - 1));
        for (int k : kept) {
            rows.row(step, of, layer, head.head, MASS, k, head.mass(t - 1, k));
        }
    }

    /** The rows of one head in a pattern [B, H, T, T]. */
    private record Head(float[] pattern, int head, Model model) {
        int length() {
            return model.length();
        }

        private int offset(int sequence, int row) {
            return ((sequence * model.heads() + head) * length() + row) * length();
        }

        private int sequences() {
            return pattern.length / (model.heads() * length() * length());
        }

        /** Mean over sequences of the entropy of a row, nats. */
        double entropy(int row) {
            double sum = 0;
            for (int b = 0; b < sequences(); b++) {
                int from = offset(b, row);
                for (int j = from; j <= from + row; j++) {
                    double weight = pattern[j];
                    sum -= weight > 0 ? weight * Math.log(weight) : 0;
                }
            }
            return sum / sequences();
        }

        /** Mean over sequences of the mass of a row's k largest entries. */
        double mass(int row, int k) {
            double sum = 0;
            for (int b = 0; b < sequences(); b++) {
                float[] weights = Arrays.copyOfRange(pattern, offset(b, row), offset(b, row) + length());
                Arrays.sort(weights);
                for (int i = 0; i < Math.min(k, weights.length); i++) {
                    sum += weights[weights.length - 1 - i];
                }
            }
            return sum / sequences();
        }
    }
}
