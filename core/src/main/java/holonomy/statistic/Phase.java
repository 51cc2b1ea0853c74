package holonomy.statistic;

/**
 * A part of the training, in shares of its steps, ends included.
 *
 * @param words as labels say it
 */
public record Phase(double from, double to, String words) {
    /** All of it. */
    public static final Phase WHOLE = new Phase(0, 1, "whole training");

    /** Whether a step lies in it. */
    boolean holds(double step, double last) {
        return step / last >= from && step / last <= to;
    }

    @Override
    public String toString() {
        return words;
    }
}
