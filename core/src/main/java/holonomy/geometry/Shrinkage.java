package holonomy.geometry;

/** What weight decay alone does to a path of weights. */
@FunctionalInterface
public interface Shrinkage {
    /** No decay. */
    Shrinkage NONE = (from, to) -> 1;

    /** The share that decay alone leaves of a weight from one optimiser step to a later one, dimensionless; 1 without decay. */
    double kept(long from, long to);

    /** What is left of a product of two weights, this one's and another one's. */
    default Shrinkage times(Shrinkage other) {
        return (from, to) -> kept(from, to) * other.kept(from, to);
    }

    /**
     * The same at every step: {@code (1 - rate)^steps}.
     *
     * @param rate learning rate x weight decay, per optimiser step, in [0, 1); dimensionless
     */
    static Shrinkage perStep(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException(
                    "decay (learning rate x weight decay) per step is " + rate + ", expected at least 0 and below 1");
        }
        return (from, to) -> Math.pow(1 - rate, to - from);
    }
}
