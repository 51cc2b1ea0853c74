package holonomy.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.SpecKind;
import java.util.List;
import java.util.OptionalLong;

/**
 * A problem whose batch i is a pure function of (stream, i, size): any batch can be made again, in any order, anywhere.
 *
 * <p>A task owns vocabulary, sequence length, classes and rule; it holds no generator and no data.
 */
public interface Task {
    /** A kind of task, found by its word in a spec; listed in {@code META-INF/services}. */
    interface Kind extends SpecKind<Task> {}

    /** Number of tokens T of a sequence. */
    int length();

    /** Number of different tokens V. */
    int vocabulary();

    /** Number of different targets C. */
    int classes();

    /**
     * The positions, 0 .. T-1, that can have a target of their own; batches have {@link Batch#IGNORE} at all others. None where each sequence has one
     * label, which is asked at the one position that the model is read out at.
     */
    default List<Integer> targetPositions() {
        return List.of();
    }

    /** The names of the groups of targets, in the order of their numbers. One has weight 1 unless the recipe says so; several need a weight each. */
    default List<String> groups() {
        return List.of("targets");
    }

    /** Batch number {@code index} of a stream, {@code size} sequences. */
    Batch batch(Stream stream, long index, int size);

    /** How many training sequences there are, where batches are drawn from a set of them; empty where they are drawn without end. */
    default OptionalLong trainingSequences() {
        return OptionalLong.empty();
    }

    /** What the task is evaluated on; at least one set, each name once. */
    List<EvaluationSet> evaluationSets();

    /** The task as the run of a seed trains it: the same, unless its split is the run's own. */
    default Task forSeed(long seed) {
        return this;
    }

    /** What determines the batches, as data: kind, semantics number, parameters. */
    ObjectNode spec();

    /** A few words for labels and tables, for instance {@code sum modulo 8, m 1..4}. */
    String label();

    /** The task whose {@link #spec()} this is. */
    static Task fromSpec(JsonNode spec) {
        return fromSpec(new Fields("task", spec));
    }

    /** As above. */
    static Task fromSpec(Fields fields) {
        return SpecKind.read(Kind.class, "task", fields);
    }
}
