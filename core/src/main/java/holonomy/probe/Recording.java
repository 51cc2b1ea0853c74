package holonomy.probe;

import holonomy.data.UserError;
import holonomy.model.Network;
import holonomy.model.Site;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.Marks;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Activations recorded at one site, with what each row belongs to. Sequences are of every evaluation set that is drawn in turn, equally many of each, so that
 * a longer recording begins with a shorter one.
 *
 * @param activations [n, d]; the caller closes this recording
 * @param labels [n]
 */
public record Recording(ActivationFile activations, RowLabels labels) implements AutoCloseable {
    /** Sequences of one forward pass: bounds the memory, not the result. */
    private static final int BATCH = 128;

    /**
     * Records rows. Memory: one batch of activations and the labels; the rows go to a file.
     *
     * @param theta [P]. Not modified.
     * @param stream the stream of the sequences
     * @param site where; the residual stream after a layer
     * @param places which tokens
     * @param count n
     */
    public static Recording of(
            Network network, float[] theta, Task task, Stream stream, Site site, Places places, int count) {
        site.check(network.model());
        if (site.kind() != Site.Kind.RESIDUAL || count < 1) {
            throw new UserError(
                    "recording: expected at least 1 row of the residual stream, found " + count + " rows at " + site);
        }
        if (places == Places.LAST
                && !network.model().readouts().contains(network.model().length() - 1)) {
            throw new UserError(
                    "recording: the last token of " + network.model().label() + " is not read out, but those at "
                            + network.model().readouts() + "; record all tokens");
        }
        int width = network.model().width();
        List<EvaluationSet.Drawn> sets = EvaluationSet.drawn(task);
        try (ActivationFile.Writer writer = new ActivationFile.Writer(width)) {
            RowLabels labels = RowLabels.empty(count);
            int row = 0;
            int sequences = 0;
            for (long number = 0; row < count; number++) {
                EvaluationSet.Drawn set = sets.get((int) (number % sets.size()));
                Batch batch = set.task().batch(stream, number, BATCH);
                Marks marks = Marks.of(batch);
                int before = row;
                float[] values =
                        network.trace(theta, batch, Set.of(site), List.of()).at(site);
                for (int b = 0; b < BATCH && row < count; b++) {
                    for (int t : places.of(batch, b)) {
                        if (row < count) {
                            writer.add(values, (b * batch.length() + t) * width);
                            label(labels, row++, sequences + b, batch, marks, b, t);
                        }
                    }
                }
                if (row == before) {
                    throw new UserError("recording: the sequences of '" + task.label() + "' have no " + places.label()
                            + "; expected at least one per batch, or choose the last token or all tokens");
                }
                sequences += BATCH;
            }
            return new Recording(writer.finish(), labels);
        } catch (IOException e) {
            throw new UserError(
                    "recording: the activations can't be written to the temporary folder ("
                            + System.getProperty("java.io.tmpdir") + "), about "
                            + (long) count * width * Float.BYTES / 1_000_000 + " MB: " + e.getMessage(),
                    e);
        }
    }

    private static void label(RowLabels labels, int row, int sequence, Batch batch, Marks marks, int b, int t) {
        labels.sequence()[row] = sequence;
        labels.position()[row] = t;
        labels.markers()[row] = marks.counts()[b];
        labels.label()[row] = batch.targetsAt(List.of(t))[b];
        labels.index()[row] = -1;
        labels.value()[row] = -1;
        int[] marked = marks.positions()[b];
        for (int i = 0; i < marked.length; i++) {
            if (t == marked[i] || t == marked[i] + 1) {
                labels.index()[row] = i;
                labels.value()[row] = batch.tokens()[b * batch.length() + marked[i] + 1];
            }
        }
    }

    @Override
    public void close() {
        activations.close();
    }
}
