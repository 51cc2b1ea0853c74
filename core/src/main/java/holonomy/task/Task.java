package holonomy.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * A synthetic problem whose batch i is a pure function of (stream, i, size): any batch can be made again, in any order, anywhere.
 *
 * <p>A task owns vocabulary, sequence length, classes and rule; it holds no generator and no data.
 */
public interface Task {
    /** Number of tokens T of a sequence. */
    int length();

    /** Number of different tokens V. */
    int vocabulary();

    /** Number of different labels C. */
    int classes();

    /** Labels of one sequence R, one for each position that is read out. */
    default int labels() {
        return 1;
    }

    /** Batch number {@code index} of a stream, {@code size} sequences. */
    Batch batch(Stream stream, long index, int size);

    /** The conditions the task is evaluated under, by their number m, each a task of its own. */
    Map<Integer, Task> conditions();

    /** Accuracy of always naming the most frequent label, exactly; dimensionless. */
    double majorityShare();

    /** The task as the run of a seed trains it: the same, unless its split is the run's own. */
    default Task forSeed(long seed) {
        return this;
    }

    /** What determines the batches, as data: kind, semantics number, parameters. */
    ObjectNode spec();

    /** A few words for labels and tables, for instance {@code sum modulo 8, m 1..4}. */
    String label();
}
