package holonomy.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import java.util.ArrayList;
import java.util.List;

/**
 * Another task whose training batches have their targets permuted: within a batch, among the targets of each group, uniformly. What is asked where, and how often each target is right, stays; what the
 * sequence says of its targets is gone (null N8 of spec/backbone.md, section 4.N). Evaluated as the other task is.
 *
 * @param of the other task
 */
public record ShuffledTargets(Task of) implements DerivedTask {
    /** Bumped by hand whenever the same parameters would give other batches. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "shuffled-targets";

    @Override
    public Batch batch(Stream stream, long index, int size) {
        Batch batch = of.batch(stream, index, size);
        RandomSequence random = Stream.of(stream.key(), KIND).at(index);
        int[] targets = batch.targets().clone();
        for (int group = 0; group < groups().size(); group++) {
            List<Integer> places = places(batch, group);
            for (int i = places.size() - 1; i > 0; i--) {
                int one = places.get(i);
                int other = places.get(random.nextInt(i + 1));
                int kept = targets[one];
                targets[one] = targets[other];
                targets[other] = kept;
            }
        }
        return new Batch(
                batch.size(),
                batch.length(),
                batch.tokens(),
                targets,
                batch.groups(),
                batch.weights(),
                batch.annotation());
    }

    private static List<Integer> places(Batch batch, int group) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < batch.targets().length; i++) {
            if (batch.targets()[i] != Batch.IGNORE && batch.groups()[i] == group) {
                places.add(i);
            }
        }
        return places;
    }

    @Override
    public Task forSeed(long seed) {
        return new ShuffledTargets(of.forSeed(seed));
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", KIND).put("semantics", SEMANTICS);
        node.set("task", of.spec());
        return node;
    }

    /** Reads it. */
    public static final class Kind implements Task.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public ShuffledTargets fromSpec(Fields fields) {
            return new ShuffledTargets(Task.fromSpec(fields.object("task")));
        }
    }

    @Override
    public String label() {
        return of.label() + ", targets shuffled";
    }
}
