package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.model.Model;
import holonomy.model.Site;
import holonomy.model.Trace;
import holonomy.model.Unembedding;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.train.RunSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a model would say after each layer, on one evaluation set (logit lens; arXiv 2602.23696 has one of the probe), and what each layer adds to the logit of the target, per layer, -1 the embeddings:
 *
 * <pre>
 *   accuracy   share of targets that are the largest entry of logits(x_layer), x the residual stream
 *   logit      mean over targets of part_target - mean over classes of part, part that of x_layer - x_layer-1 with the last stream's scale
 * </pre>
 *
 * <p>The logits' parts of all layers add up to the model's own logit of the target above the mean of its classes, but for the norm's and head's biases ({@link Unembedding}).
 *
 * @param cadence when
 * @param set name of the evaluation set
 * @param sequences how many of it
 */
public record LogitLens(Cadence cadence, String set, int sequences) implements Measure {
    /** Accuracy after a layer, dimensionless. */
    public static final String ACCURACY = "accuracy after the layer";

    /** What a layer adds to the target's logit, nats. */
    public static final String PART = "part of the target's logit";

    public LogitLens {
        if (sequences < 1) {
            throw new UserError("logit lens: expected at least 1 held-out sequence, found " + sequences);
        }
    }

    @Override
    public String name() {
        return "lens";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, LAYER, STATISTIC, VALUE);
    }

    @Override
    public ObjectNode parameters() {
        return JsonNodeFactory.instance.objectNode().put("set", set).put("sequences", sequences);
    }

    @Override
    public void requireMeaning(RunSpec run) {
        Unembedding.require(run.model());
        evaluated(run);
    }

    private EvaluationSet evaluated(RunSpec run) {
        List<EvaluationSet> sets = run.task().evaluationSets();
        return sets.stream()
                .filter(each -> each.name().equals(set))
                .findFirst()
                .orElseThrow(() -> new UserError("logit lens: expected one of the evaluation sets "
                        + sets.stream().map(EvaluationSet::name).toList() + ", found '" + set + "'"));
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Model model = moment.run().model();
        Batch batch = evaluated(moment.run()).sample(moment.stream("held-out"), sequences);
        Set<Site> sites = new LinkedHashSet<>();
        for (int layer = -1; layer < model.layers(); layer++) {
            sites.add(Site.residual(layer));
        }
        Trace trace = moment.network().trace(moment.theta(), batch, sites, List.of());
        Sums sums = new Sums(Unembedding.of(model, moment.theta()), model.layers() + 1);
        List<Integer> readouts = model.readouts();
        int[] targets = batch.targetsAt(readouts);
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] != Batch.IGNORE) {
                int token = i / readouts.size() * model.length() + readouts.get(i % readouts.size());
                sums.add(streams(trace, model, token), targets[i]);
            }
        }
        for (int layer = -1; layer < model.layers(); layer++) {
            rows.row(moment.step(), layer, ACCURACY, sums.right[layer + 1] / sums.asked);
            rows.row(moment.step(), layer, PART, sums.parts[layer + 1] / sums.asked);
        }
    }

    /** The residual stream of one token after each layer, [L + 1, d]. */
    static double[][] streams(Trace trace, Model model, int token) {
        double[][] streams = new double[model.layers() + 1][model.width()];
        for (int layer = -1; layer < model.layers(); layer++) {
            float[] at = trace.at(Site.residual(layer));
            for (int i = 0; i < model.width(); i++) {
                streams[layer + 1][i] = at[token * model.width() + i];
            }
        }
        return streams;
    }

    /** Sums over targets, by layer. */
    private static final class Sums {
        private final Unembedding head;
        private final double[] right;
        private final double[] parts;
        private long asked;

        Sums(Unembedding head, int layers) {
            this.head = head;
            right = new double[layers];
            parts = new double[layers];
        }

        void add(double[][] streams, int target) {
            asked++;
            double[] last = streams[streams.length - 1];
            for (int layer = 0; layer < streams.length; layer++) {
                right[layer] += largest(head.logits(streams[layer])) == target ? 1 : 0;
                double[] added = streams[layer].clone();
                for (int i = 0; i < added.length && layer > 0; i++) {
                    added[i] -= streams[layer - 1][i];
                }
                double[] part = head.part(added, last);
                double sum = 0;
                for (double of : part) {
                    sum += of;
                }
                parts[layer] += part[target] - sum / part.length;
            }
        }

        private static int largest(double[] logits) {
            int best = 0;
            for (int c = 1; c < logits.length; c++) {
                best = logits[c] > logits[best] ? c : best;
            }
            return best;
        }
    }
}
