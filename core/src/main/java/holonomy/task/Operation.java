package holonomy.task;

import holonomy.data.Bytes;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;

/**
 * A binary operation on 0 .. C-1, folded over the values of a sequence from left to right: {@code ((v1 o v2) o v3) ...}.
 *
 * <p>Kept as its table of values, entry {@code a * C + b}, so that its identity is data and not code.
 *
 * @param name what people call it, for instance {@code sum}
 * @param classes C
 * @param table [C, C], values in 0 .. C-1
 */
public record Operation(String name, int classes, int[] table) {
    /** Most classes that a table is made for: it is part of the identity of every run on it. */
    private static final int MOST_CLASSES = 4096;

    public Operation {
        table = table.clone();
        if (classes < 2 || table.length != (long) classes * classes) {
            throw new UserError("operation '" + name + "': expected at least 2 classes and a table of classes x classes"
                    + " values, found " + classes + " classes and " + table.length + " values");
        }
        for (int i = 0; i < table.length; i++) {
            if (table[i] < 0 || table[i] >= classes) {
                throw new UserError("operation '" + name + "': the value of (" + i / classes + ", " + i % classes
                        + ") is " + table[i] + ", expected 0.." + (classes - 1)
                        + "; take the result modulo " + classes);
            }
        }
    }

    /** a + b modulo C. */
    public static Operation sum(int classes) {
        return of("sum", classes, Integer::sum);
    }

    /** a * b modulo C. With composite C the label is skewed by zero divisors: compare with the majority class. */
    public static Operation product(int classes) {
        return of("product", classes, (a, b) -> a * b);
    }

    /** A function of two values, taken modulo C (the non-negative residue). */
    public static Operation of(String name, int classes, IntBinaryOperator function) {
        int[] table = empty(name, classes);
        for (int i = 0; i < table.length; i++) {
            table[i] = Math.floorMod(function.applyAsInt(i / classes, i % classes), classes);
        }
        return new Operation(name, classes, table);
    }

    /** A function of two values whose results must lie in 0 .. C-1 as they are; one that doesn't is an error. */
    public static Operation exact(String name, int classes, IntBinaryOperator function) {
        int[] table = empty(name, classes);
        for (int i = 0; i < table.length; i++) {
            table[i] = function.applyAsInt(i / classes, i % classes);
        }
        return new Operation(name, classes, table);
    }

    private static int[] empty(String name, int classes) {
        if (classes > MOST_CLASSES) {
            throw new UserError("operation '" + name + "': expected at most " + MOST_CLASSES + " classes, found "
                    + classes + "; its table would take " + Bytes.words((double) classes * classes * Integer.BYTES));
        }
        return new int[Math.max(classes, 0) * Math.max(classes, 0)];
    }

    /** The operation that a task's spec names. */
    static Operation fromSpec(Fields fields) {
        int[] table =
                fields.wholes("table").stream().mapToInt(Integer::intValue).toArray();
        return new Operation(fields.text("name"), fields.whole("classes"), table);
    }

    /** a o b. */
    public int apply(int a, int b) {
        return table[a * classes + b];
    }

    /** The exact distribution of the label of m independent uniform values, shape [C]; dimensionless, sums to 1. */
    public double[] labelDistribution(int m) {
        double[] distribution = new double[classes];
        Arrays.fill(distribution, 1.0 / classes);
        for (int i = 1; i < m; i++) {
            double[] next = new double[classes];
            for (int entry = 0; entry < table.length; entry++) {
                next[table[entry]] += distribution[entry / classes] / classes;
            }
            distribution = next;
        }
        return distribution;
    }

    /** Accuracy of always naming the most frequent label of m values; dimensionless. */
    public double majorityShare(int m) {
        return Arrays.stream(labelDistribution(m)).max().orElseThrow();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Operation that
                && name.equals(that.name)
                && classes == that.classes
                && Arrays.equals(table, that.table);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(table);
    }

    @Override
    public String toString() {
        return name.contains(" modulo ") ? name : name + " modulo " + classes;
    }
}
