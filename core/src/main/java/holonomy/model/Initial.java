package holonomy.model;

import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import java.util.Arrays;

/**
 * How the initial values of a block are drawn.
 *
 * @param kind of distribution
 * @param scale its standard deviation, largest absolute value, or the value itself
 */
public record Initial(Kind kind, double scale) {
    /** Kind of distribution. */
    public enum Kind {
        /** N(0, scale^2). */
        NORMAL,
        /** Uniform in +-scale. */
        UNIFORM,
        /** scale everywhere. */
        CONSTANT
    }

    static final Initial ONE = new Initial(Kind.CONSTANT, 1);
    static final Initial ZERO = new Initial(Kind.CONSTANT, 0);

    static Initial normal(double deviation) {
        return new Initial(Kind.NORMAL, deviation);
    }

    static Initial uniform(double bound) {
        return new Initial(Kind.UNIFORM, bound);
    }

    /** Draws a factor times as large; what isn't drawn stays. */
    Initial times(double factor) {
        return kind == Kind.CONSTANT ? this : new Initial(kind, factor * scale);
    }

    /** Fills {@code values[from .. to - 1]} with draws of a stream's own sequence. Modified: values. */
    void draw(Stream stream, float[] values, int from, int to) {
        RandomSequence random = stream.at(0);
        switch (kind) {
            case NORMAL -> {
                for (int i = from; i < to; i++) {
                    values[i] = (float) (scale * random.nextGaussian());
                }
            }
            case UNIFORM -> {
                for (int i = from; i < to; i++) {
                    values[i] = (float) (scale * (2 * random.nextDouble() - 1));
                }
            }
            case CONSTANT -> Arrays.fill(values, from, to, (float) scale);
        }
    }
}
