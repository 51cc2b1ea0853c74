package holonomy.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Another task with a fixed training set: every batch is the whole of it, whatever the stream and its number, so that training on it is full-batch descent and a measure sees the very loss
 * that is trained. Evaluated on the set, by the name {@link #SET}, and as the other task is.
 *
 * @param of the other task, whose batch 0 on a stream of the set's seed it is
 * @param sequences n; batches of any other size are refused
 * @param seed of the set; empty until {@link #forSeed} gives the run's own
 */
public record FixedSet(Task of, int sequences, OptionalLong seed) implements DerivedTask {
    /** Bumped by hand whenever the same parameters would give other batches. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "fixed-set";

    /** The evaluation set that is trained on. */
    public static final String SET = "training set";

    /** The set made last: a run asks for the same one at every step. */
    private record Made(FixedSet task, Batch batch) {}

    private static final ThreadLocal<Made> LATEST = new ThreadLocal<>();

    public FixedSet {
        if (sequences < 1) {
            throw new UserError("fixed training set: expected at least 1 sequence, found " + sequences);
        }
    }

    /** So many sequences of a task, drawn by the run's seed. */
    public static FixedSet of(Task task, int sequences) {
        return new FixedSet(task, sequences, OptionalLong.empty());
    }

    @Override
    public FixedSet forSeed(long own) {
        return seed.isPresent() ? this : new FixedSet(of.forSeed(own), sequences, OptionalLong.of(own));
    }

    @Override
    public OptionalLong trainingSequences() {
        return OptionalLong.of(sequences);
    }

    private Batch all() {
        Made latest = LATEST.get();
        if (latest == null || !latest.task.equals(this)) {
            long own = seed.orElseThrow(() ->
                    new IllegalStateException(label() + ": the set has no seed yet; take forSeed(seed) of the task"));
            latest = new Made(this, of.batch(Stream.of(own, KIND), 0, sequences));
            LATEST.set(latest);
        }
        return latest.batch;
    }

    @Override
    public Batch batch(Stream stream, long index, int size) {
        if (size != sequences) {
            throw new UserError(label() + ": expected batches of all " + sequences + " sequences, found " + size
                    + "; train with a batch of " + sequences);
        }
        return all();
    }

    @Override
    public List<EvaluationSet> evaluationSets() {
        List<EvaluationSet> sets = new ArrayList<>();
        sets.add(new EvaluationSet.Given(SET, Double.NaN, 0, this::all));
        sets.addAll(of.evaluationSets());
        return sets;
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", KIND).put("semantics", SEMANTICS);
        node.set("task", of.spec());
        node.put("sequences", sequences);
        seed.ifPresent(own -> node.put("seed", own));
        return node;
    }

    /** Reads it. */
    public static final class Kind implements Task.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public FixedSet fromSpec(Fields fields) {
            return new FixedSet(
                    Task.fromSpec(fields.object("task")),
                    fields.whole("sequences"),
                    fields.has("seed") ? OptionalLong.of(fields.wide("seed")) : OptionalLong.empty());
        }
    }

    @Override
    public String label() {
        return of.label() + ", " + sequences + " fixed sequences";
    }
}
