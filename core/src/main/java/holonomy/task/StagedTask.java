package holonomy.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A marked task whose number of markers m follows a schedule over batches: stage after stage, each with its own m and length; the last
 * stage goes on for ever. With a rehearsal share q, a batch of a later stage takes with probability q one of the m of all earlier stages.
 *
 * <p>Batch i is {@code task with the stage's m}.batch(stream, i): the sequences of a stage are those that a task of this m alone would see. Whether
 * a batch rehearses is drawn from a stream of its own. Evaluated on every m of every stage, on the held-out sequences of the mixed task.
 *
 * <p>Source: arXiv 2602.10496 (curriculum, spec 1).
 *
 * @param task the sequences; its marker counts are those of all stages
 * @param stages the schedule, in order
 * @param rehearsal q, share of a later stage's batches with an earlier m; dimensionless, 0 .. 1 (1 excluded)
 */
public record StagedTask(MarkedTask task, List<Stage> stages, double rehearsal) implements DerivedTask {
    /** Bumped by hand whenever the same parameters would give other batches. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "staged";

    /**
     * One stage.
     *
     * @param batches its length in batches, one per optimiser step
     * @param markers the numbers of markers m mixed in it
     */
    public record Stage(long batches, List<Integer> markers) {
        public Stage {
            markers = List.copyOf(markers);
        }
    }

    public StagedTask {
        stages = List.copyOf(stages);
        if (stages.isEmpty()) {
            throw new UserError("stages of m: expected at least one stage, found none");
        }
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).batches() < 1) {
                throw new UserError("stages of m: stage " + (i + 1) + " has "
                        + stages.get(i).batches() + " steps, expected at least 1");
            }
        }
        if (!(rehearsal >= 0 && rehearsal < 1)) {
            throw new UserError("stages of m: rehearsal share is " + rehearsal + ", expected 0 <= share < 1");
        }
        Set<Integer> all = stages.stream().flatMap(s -> s.markers().stream()).collect(Collectors.toSet());
        if (!all.equals(Set.copyOf(task.markerCounts()))) {
            throw new UserError(
                    "stages of m: the stages hold m = " + all.stream().sorted().toList() + ", the task m = "
                            + task.markerCounts() + "; give every m of the task a stage");
        }
    }

    /** Number of batches of all stages together. */
    public long batches() {
        return stages.stream().mapToLong(Stage::batches).sum();
    }

    /** Number of the stage that holds a batch, from 0; the last one after the schedule's end. */
    public int stageOf(long index) {
        long end = 0;
        for (int i = 0; i < stages.size(); i++) {
            end += stages.get(i).batches();
            if (index < end) {
                return i;
            }
        }
        return stages.size() - 1;
    }

    @Override
    public Batch batch(Stream stream, long index, int size) {
        int stage = stageOf(index);
        List<Integer> markers = stages.get(stage).markers();
        if (stage > 0 && rehearsal > 0) {
            RandomSequence coin = Stream.of(stream.key(), "rehearsal").at(index);
            markers = coin.nextDouble() < rehearsal ? before(stage) : markers;
        }
        return task.withMarkers(markers).batch(stream, index, size);
    }

    private List<Integer> before(int stage) {
        Set<Integer> earlier = new LinkedHashSet<>();
        stages.subList(0, stage).forEach(s -> earlier.addAll(s.markers()));
        return List.copyOf(earlier);
    }

    @Override
    public MarkedTask of() {
        return task;
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", KIND).put("semantics", SEMANTICS);
        node.set("task", task.spec());
        for (Stage stage : stages) {
            ObjectNode entry = node.withArray("stages").addObject().put("batches", stage.batches());
            stage.markers().forEach(m -> entry.withArray("markers").add(m));
        }
        return node.put("rehearsal", rehearsal);
    }

    /** Staged tasks from their specs. */
    public static final class Kind implements Task.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public StagedTask fromSpec(Fields fields) {
            List<Stage> stages = new ArrayList<>();
            for (Fields stage : fields.objects("stages")) {
                stages.add(new Stage(stage.wide("batches"), stage.wholes("markers")));
            }
            MarkedTask task = new MarkedTask.Kind().fromSpec(fields.object("task"));
            return new StagedTask(task, stages, fields.number("rehearsal"));
        }
    }

    @Override
    public String label() {
        return task.label() + ", " + schedule();
    }

    /** The schedule alone in a few words, for instance {@code curriculum} or {@code curriculum, rehearsal 0.25}. */
    public String schedule() {
        String share = rehearsal > 0 ? ", rehearsal " + rehearsal : "";
        return kind()
                + share
                + (even()
                        ? ""
                        : ", stages of "
                                + stages.stream().map(s -> "" + s.batches()).toList());
    }

    private boolean even() {
        long least = stages.stream().mapToLong(Stage::batches).min().orElseThrow();
        return stages.stream().allMatch(stage -> stage.batches() <= least + 1);
    }

    private String kind() {
        if (stages.size() == 1) {
            return "one stage";
        }
        boolean single = stages.stream().allMatch(stage -> stage.markers().size() == 1);
        if (single && ordered(1)) {
            return "curriculum";
        }
        return single && ordered(-1)
                ? "anti-curriculum"
                : "m in stages " + stages.stream().map(Stage::markers).toList();
    }

    private boolean ordered(int sign) {
        return IntStream.range(1, stages.size())
                .allMatch(i -> sign
                                * (stages.get(i).markers().get(0)
                                        - stages.get(i - 1).markers().get(0))
                        > 0);
    }
}
