package holonomy.statistic;

import holonomy.geometry.OverlapNull;

/**
 * The path of one block in one stage of one run: only increments within the stage count.
 *
 * @param stage counted from 1; 0 for all of the run
 * @param measured its dimension, r90 interpolated
 * @param walk that of an uncorrelated walk of the same step lengths
 * @param directions how many principal directions its subspace has
 * @param weights the dimension of the space that it lies in
 */
public record StagePath(
        RunSet.Member run, int stage, String block, double measured, double walk, int directions, long weights) {
    /** The kind of matrix. */
    public String matrix() {
        return run.spec().model().layout().block(block).role().label();
    }

    /**
     * The subspaces of two paths of one block and seed.
     *
     * @param overlap mean squared cosine; NaN where one has no direction
     * @param degrees principal angles, ascending
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    public record Pair(StagePath one, StagePath other, double overlap, double[] degrees) {
        /** The overlap over its chance level; 1 at chance, undefined for subspaces without a direction. */
        public double overChance() {
            boolean empty = one.directions == 0 || other.directions == 0;
            return empty ? Double.NaN : overlap / chance(1).mean();
        }

        /** The null of the mean overlap over {@code count} such blocks: chi^2(count k^2) / (count k D), as of one pair in count D. */
        public OverlapNull chance(int count) {
            return new OverlapNull(one.directions, other.directions * count, one.weights * count);
        }
    }
}
