package holonomy.probe;

import holonomy.model.Answers;
import holonomy.model.Network;
import holonomy.model.Patch;
import holonomy.model.Site;
import holonomy.model.Trace;
import holonomy.task.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Edits the residual stream at some tokens after a layer and runs the layers that remain.
 *
 * <p>With S the chosen latents, z the codes, D_j the directions and s the scale, x becomes
 *
 * <pre>
 *   KEEP_ERROR   x - 1/s sum_{j in S} z_j D_j          the reconstruction without S, its error added back
 *   DROP_ERROR   x^ without S
 *   MEAN         x - 1/s sum_{j in S} (z_j - mean_j) D_j
 * </pre>
 *
 * <p>Modifies nothing. One thread at a time, as its network.
 */
public final class Ablation {
    /** What takes the place of the chosen latents. */
    public enum Form {
        KEEP_ERROR,
        DROP_ERROR,
        MEAN
    }

    private final Network network;
    private final float[] theta;
    private final SparseProbe probe;
    private final double[] means;
    private final Site site;
    private final Places places;
    private final Batch batch;
    private final Trace plain;
    private final int[] rows;
    private final Codes codes;

    /**
     * @param theta [P]. Not modified.
     * @param means mean value of each latent [h]
     * @param batch sequences that the effect is measured on
     */
    public Ablation(
            Network network, float[] theta, SparseProbe probe, double[] means, Site site, Places places, Batch batch) {
        this.network = network;
        this.theta = theta;
        this.probe = probe;
        this.means = means;
        this.site = site;
        this.places = places;
        this.batch = batch;
        plain = network.trace(theta, batch, Set.of(site), List.of());
        rows = rows(batch, places);
        codes = probe.encode(gather(plain.at(site)));
    }

    private static int[] rows(Batch batch, Places places) {
        int[] rows = new int[batch.size() * batch.length()];
        int count = 0;
        for (int b = 0; b < batch.size(); b++) {
            for (int t : places.of(batch, b)) {
                rows[count++] = b * batch.length() + t;
            }
        }
        return Arrays.copyOf(rows, count);
    }

    private float[] gather(float[] values) {
        int d = probe.width();
        float[] result = new float[rows.length * d];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, rows[i] * d, result, i * d, d);
        }
        return result;
    }

    /**
     * What an edit did.
     *
     * @param accuracy of the edited network, dimensionless
     * @param loss mean cross-entropy in nats
     * @param changed share of sequences with any logit changed, bit for bit
     */
    public record Effect(double accuracy, double loss, double changed) {}

    /** The network as it is. */
    public Effect none() {
        return effect(plain.logits());
    }

    /** The network with some latents ablated. */
    public Effect of(int[] latents, Form form) {
        Patch.Replace patch = new Patch.Replace(site, edited(latents, form));
        return effect(network.trace(theta, batch, Set.of(), List.of(patch)).logits());
    }

    /**
     * Share of sequences that an edit can reach at all: with layers remaining, those with an edited token; after the last layer, those where a token
     * that is read out is edited, for nothing mixes tokens any more (dimensionless).
     */
    public double able() {
        boolean lastLayer = site.layer() == network.model().layers() - 1;
        int able = 0;
        for (int b = 0; b < batch.size(); b++) {
            int[] edited = places.of(batch, b);
            boolean read = Arrays.stream(edited).anyMatch(network.model().readouts()::contains);
            able += edited.length > 0 && (!lastLayer || read) ? 1 : 0;
        }
        return (double) able / batch.size();
    }

    private float[] edited(int[] latents, Form form) {
        boolean[] chosen = new boolean[probe.latents()];
        for (int j : latents) {
            chosen[j] = true;
        }
        float[] values = plain.at(site).clone();
        int d = probe.width();
        if (form == Form.DROP_ERROR) {
            float[] decoded = probe.decode(codes, chosen);
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(decoded, i * d, values, rows[i] * d, d);
            }
            return values;
        }
        for (int i = 0; i < rows.length; i++) {
            for (int entry = codes.start(i); entry < codes.end(i); entry++) {
                if (chosen[codes.latent(entry)]) {
                    probe.addDirection(codes.latent(entry), -codes.value(entry) / probe.scale(), values, rows[i] * d);
                }
            }
            if (form == Form.MEAN) {
                for (int j : latents) {
                    probe.addDirection(j, (float) (means[j] / probe.scale()), values, rows[i] * d);
                }
            }
        }
        return values;
    }

    private Effect effect(float[] logits) {
        int perSequence = logits.length / batch.size();
        int changed = 0;
        for (int b = 0; b < batch.size(); b++) {
            int from = b * perSequence;
            int to = from + perSequence;
            changed += Arrays.equals(logits, from, to, plain.logits(), from, to) ? 0 : 1;
        }
        Answers answers = Answers.of(logits, batch.targetsAt(network.model().readouts()));
        return new Effect(answers.accuracy(), answers.crossEntropy(), (double) changed / batch.size());
    }
}
