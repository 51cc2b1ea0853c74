package holonomy.task;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Sequences that a task is evaluated on, by a name: {@code m = 1}, {@code test}. */
public sealed interface EvaluationSet {
    /** Unique among the sets of its task. */
    String name();

    /** Accuracy of always naming the most frequent target, exactly; NaN where nobody knows it. Dimensionless. */
    double majorityShare();

    /** The number of markers m, where it is what tells the sets of the task apart. */
    OptionalInt markers();

    /** So many sequences: the same whenever they are taken from the same stream. */
    Batch sample(Stream stream, int size);

    /** How many answers drawn apart a sample of so many sequences has: one of each; 0 where a sequence is asked at several places, whose answers hang together. */
    int answers(int size);

    /**
     * Sequences drawn as a task draws its batches, without end.
     *
     * @param task draws them
     * @param number of the set's sample on a stream: sets of one task have different ones
     */
    record Drawn(String name, Task task, long number, double majorityShare, OptionalInt markers)
            implements EvaluationSet {
        public Drawn(String name, Task task, long number, double majorityShare) {
            this(name, task, number, majorityShare, OptionalInt.empty());
        }

        /** Sequences with m markers. */
        static Drawn ofMarkers(int m, Task task, double majorityShare) {
            return new Drawn("m = " + m, task, m, majorityShare, OptionalInt.of(m));
        }

        @Override
        public Batch sample(Stream stream, int size) {
            return task.batch(stream, number, size);
        }

        @Override
        public int answers(int size) {
            return size;
        }
    }

    /**
     * Always the same sequences; a sample of them is the first ones.
     *
     * @param asked how many sequences there are, each asked once; 0 where they are asked at several places, or only evaluated whole
     * @param all every sequence once
     */
    record Given(String name, double majorityShare, int asked, Supplier<Batch> all) implements EvaluationSet {
        @Override
        public OptionalInt markers() {
            return OptionalInt.empty();
        }

        @Override
        public Batch sample(Stream stream, int size) {
            Batch batch = all.get();
            return batch.part(0, Math.min(size, batch.size()));
        }

        @Override
        public int answers(int size) {
            return Math.min(size, asked);
        }
    }

    /** The sets of a task that are drawn; where all are given, what it is trained on, which has 0 markers. */
    static List<Drawn> drawn(Task task) {
        List<EvaluationSet> sets = task.evaluationSets();
        List<Drawn> drawn = sets.stream()
                .filter(Drawn.class::isInstance)
                .map(Drawn.class::cast)
                .toList();
        return drawn.isEmpty()
                ? List.of(new Drawn("training", task, 0, sets.get(0).majorityShare(), OptionalInt.of(0)))
                : drawn;
    }

    /** The numbers of markers of a task's sets, ascending; none for a task without markers. */
    static int[] markers(Task task) {
        return task.evaluationSets().stream()
                .flatMapToInt(set -> set.markers().stream())
                .sorted()
                .toArray();
    }
}
