package holonomy.measure;

import holonomy.task.Batch;
import holonomy.task.PairTask;
import java.util.Arrays;
import java.util.List;

/** Cross-entropies of logits on pairs, of their waves at some frequencies alone, and without these; nats, mean over the pairs of each set. */
final class WaveLosses {
    private final double[] losses = new double[PairTask.Part.values().length];
    private final double[][] restricted = new double[losses.length][];
    private final double[][] excluded = new double[losses.length][];

    private WaveLosses(int sets) {
        Arrays.setAll(restricted, part -> new double[sets]);
        Arrays.setAll(excluded, part -> new double[sets]);
    }

    /** @param sets of frequencies */
    static WaveLosses of(PairTask task, SumWaves waves, SumWaves.PairLogits logits, List<List<Integer>> sets) {
        int p = task.classes();
        WaveLosses sums = new WaveLosses(sets.size());
        double[][][] parts = sets.stream().map(waves::part).toArray(double[][][]::new);
        double[][] bySum = restricted(waves.mean(), parts);
        int[] members = members(task);
        int[] counts = new int[sums.losses.length];
        double[] row = new double[p];
        for (int a = 0; a < p; a++) {
            float[] all = logits.of(a);
            for (int b = 0; b < p; b++) {
                int part = members[a * p + b];
                int s = (a + b) % p;
                counts[part]++;
                for (int c = 0; c < p; c++) {
                    row[c] = all[b * p + c];
                }
                sums.losses[part] += crossEntropy(row, s);
                for (int i = 0; i < parts.length; i++) {
                    sums.restricted[part][i] += bySum[i][s];
                    for (int c = 0; c < p; c++) {
                        row[c] = all[b * p + c] - parts[i][s][c];
                    }
                    sums.excluded[part][i] += crossEntropy(row, s);
                }
            }
        }
        sums.divide(counts);
        return sums;
    }

    /** The cross-entropy of mean and waves alone, by set of frequencies and sum. */
    private static double[][] restricted(double[] mean, double[][][] parts) {
        double[][] losses = new double[parts.length][mean.length];
        for (int i = 0; i < parts.length; i++) {
            for (int s = 0; s < mean.length; s++) {
                double[] row = parts[i][s].clone();
                for (int c = 0; c < row.length; c++) {
                    row[c] += mean[c];
                }
                losses[i][s] = crossEntropy(row, s);
            }
        }
        return losses;
    }

    /** The set of each pair a p + b, by its place among the parts. */
    private static int[] members(PairTask task) {
        int p = task.classes();
        int[] members = new int[p * p];
        for (PairTask.Part part : PairTask.Part.values()) {
            Batch batch = task.all(part);
            for (int i = 0; i < batch.size(); i++) {
                members[batch.tokens()[2 * i] * p + batch.tokens()[2 * i + 1]] = part.ordinal();
            }
        }
        return members;
    }

    /** ln sum_c exp(logit_c) - logit_target. */
    private static double crossEntropy(double[] logits, int target) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - largest);
        }
        return largest + Math.log(sum) - logits[target];
    }

    private void divide(int[] counts) {
        for (int part = 0; part < counts.length; part++) {
            losses[part] /= counts[part];
            for (int i = 0; i < restricted[part].length; i++) {
                restricted[part][i] /= counts[part];
                excluded[part][i] /= counts[part];
            }
        }
    }

    double loss(PairTask.Part part) {
        return losses[part.ordinal()];
    }

    /** Of the waves of a set of frequencies alone, with the mean. */
    double restricted(PairTask.Part part, int set) {
        return restricted[part.ordinal()][set];
    }

    /** Without the waves of a set of frequencies. */
    double excluded(PairTask.Part part, int set) {
        return excluded[part.ordinal()][set];
    }
}
