package holonomy.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * A binary operation modulo p over all pairs of residues, part of them kept for testing (arXiv 2602.16746, section 3): tokens (a, b), label a o b.
 *
 * <p>Batches are drawn uniformly with replacement from the training pairs; {@link #all} gives a whole set.
 *
 * @param operation a o b; its classes are p
 * @param nonzero whether 0 is left out of both arguments, so that the values form a group under multiplication
 * @param share share of the pairs that is trained on, dimensionless
 * @param split how they are chosen
 * @param splitSeed seed of the split; empty until {@link #forSeed} gives the run's own
 */
public record PairTask(Operation operation, boolean nonzero, double share, PairSplit split, OptionalLong splitSeed)
        implements Task {
    /** Bumped by hand whenever the same parameters would give other batches. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "pairs";

    private static final int LENGTH = 2;

    /** One of the two sets. */
    public enum Part {
        TRAIN,
        TEST;

        /** As tables name it. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The sets of the split made last: a run asks for the same one at every step. */
    private record Divided(PairTask task, int[][] parts) {}

    private static final ThreadLocal<Divided> LATEST = new ThreadLocal<>();

    public PairTask {
        int p = operation.classes();
        if (nonzero && !prime(p)) {
            throw new UserError("pairs, " + operation + ": the residues 1.." + (p - 1)
                    + " form a group under multiplication only when p is prime, found p = " + p + "; use p = "
                    + primeAfter(p) + ", or keep 0 among the arguments");
        }
        int pairs = side(p, nonzero) * side(p, nonzero);
        if (!(share > 0 && share < 1) || Math.floor(share * pairs) < 1) {
            throw new UserError("pairs, " + operation + ": a training share of " + share + " of " + pairs
                    + " pairs leaves " + (share >= 1 ? "the test set" : "the training set")
                    + " empty; expected a share above 0 and below 1, for instance 0.5");
        }
        splitSeed.ifPresent(seed -> {
            if (seed < 0 || seed >= 1L << Integer.SIZE) {
                throw new UserError("pairs, " + operation + ": split seed expected 0..4294967295, found " + seed);
            }
        });
    }

    /** All pairs, half of them for training, split as published by the run's seed. */
    public static PairTask of(Operation operation) {
        return new PairTask(operation, false, .5, PairSplit.BY_PAIR, OptionalLong.empty());
    }

    /** The same without 0 among the arguments. */
    public PairTask withoutZero() {
        return new PairTask(operation, true, share, split, splitSeed);
    }

    /** The same under another split. */
    public PairTask splitBy(PairSplit other) {
        return new PairTask(operation, nonzero, share, other, splitSeed);
    }

    /** The same with another share for training. */
    public PairTask trainedOn(double other) {
        return new PairTask(operation, nonzero, other, split, splitSeed);
    }

    @Override
    public PairTask forSeed(long seed) {
        return splitSeed.isPresent() ? this : new PairTask(operation, nonzero, share, split, OptionalLong.of(seed));
    }

    private static boolean prime(int p) {
        return p > 1 && IntStream.rangeClosed(2, (int) Math.sqrt(p)).allMatch(d -> p % d != 0);
    }

    private static int primeAfter(int p) {
        return IntStream.iterate(p + 1, next -> next + 1)
                .filter(PairTask::prime)
                .findFirst()
                .orElseThrow();
    }

    private static int side(int p, boolean nonzero) {
        return nonzero ? p - 1 : p;
    }

    /** All pairs {@code a * p + b}, a outer. */
    private int[] pairs() {
        int p = classes();
        int first = nonzero ? 1 : 0;
        return IntStream.range(first, p)
                .flatMap(a -> IntStream.range(first, p).map(b -> a * p + b))
                .toArray();
    }

    /** The pairs of a set, {@code a * p + b}, in the order of the split. Shared: never modify. */
    private int[] part(Part part) {
        Divided latest = LATEST.get();
        if (latest == null || !latest.task.equals(this)) {
            long seed = splitSeed.orElseThrow(() ->
                    new IllegalStateException(label() + ": the split has no seed yet; take forSeed(seed) of the task"));
            latest = new Divided(this, split.divide(operation, pairs(), share, (int) seed));
            for (Part each : Part.values()) {
                if (latest.parts[each.ordinal()].length == 0) {
                    throw new UserError("pairs, " + operation + ": a training share of " + share + " leaves the "
                            + each.label() + " set empty; use another share");
                }
            }
            LATEST.set(latest);
        }
        return latest.parts[part.ordinal()];
    }

    /** Every pair of a set once, in the order of the split. */
    public Batch all(Part part) {
        return batch(part(part));
    }

    @Override
    public OptionalLong trainingSequences() {
        return OptionalLong.of(part(Part.TRAIN).length);
    }

    @Override
    public Batch batch(Stream stream, long index, int size) {
        int[] train = part(Part.TRAIN);
        RandomSequence random = stream.at(index);
        return batch(IntStream.generate(() -> train[random.nextInt(train.length)])
                .limit(size)
                .toArray());
    }

    private Batch batch(int[] pairs) {
        int p = classes();
        int[] tokens = new int[LENGTH * pairs.length];
        int[] labels = new int[pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            tokens[LENGTH * i] = pairs[i] / p;
            tokens[LENGTH * i + 1] = pairs[i] % p;
            labels[i] = operation.apply(pairs[i] / p, pairs[i] % p);
        }
        return Batch.of(LENGTH, tokens, labels);
    }

    @Override
    public int length() {
        return LENGTH;
    }

    @Override
    public int vocabulary() {
        return operation.classes();
    }

    @Override
    public int classes() {
        return operation.classes();
    }

    /** The two sets of the split. */
    @Override
    public List<EvaluationSet> evaluationSets() {
        double majority = majorityShare();
        return Arrays.stream(Part.values())
                .map(part -> (EvaluationSet) new EvaluationSet.Given(part.label(), majority, 0, () -> all(part)))
                .toList();
    }

    /** Share of the most frequent label among all pairs of both sets. */
    private double majorityShare() {
        int[] counts = new int[classes()];
        int[] pairs = pairs();
        for (int pair : pairs) {
            counts[operation.apply(pair / classes(), pair % classes())]++;
        }
        return (double) IntStream.of(counts).max().orElseThrow() / pairs.length;
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", KIND).put("semantics", SEMANTICS);
        ObjectNode rule = node.putObject("operation");
        rule.put("name", operation.name()).put("classes", operation.classes());
        for (int value : operation.table()) {
            rule.withArray("table").add(value);
        }
        node.put("nonzero", nonzero).put("share", share).put("split", split.name());
        splitSeed.ifPresent(seed -> node.put("splitSeed", seed));
        return node;
    }

    /** Tasks over pairs from their specs. */
    public static final class Kind implements Task.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public PairTask fromSpec(Fields fields) {
            return new PairTask(
                    Operation.fromSpec(fields.object("operation")),
                    fields.flag("nonzero"),
                    fields.number("share"),
                    fields.oneOf("split", PairSplit.class),
                    fields.has("splitSeed") ? OptionalLong.of(fields.wide("splitSeed")) : OptionalLong.empty());
        }
    }

    @Override
    public String label() {
        return operation
                + (nonzero ? ", without 0" : "")
                + (share == .5 ? "" : ", share " + share)
                + (split == PairSplit.BY_ORBIT ? ", split by orbit" : "");
    }
}
