package holonomy.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.List;

/**
 * Marker-based modular arithmetic (arXiv 2602.10496, section 3.1): find the m marked values in a sequence of distractors and fold
 * an operation over them.
 *
 * <p>A sequence has T tokens. m marked positions p_1 .. p_m, no two adjacent, uniform over all such sets in 1 .. T-2. The token at
 * p_i is marker number i ({@code firstMarker + i - 1}), the token at p_i + 1 a value, uniform in 0 .. C-1. Every other token is an independent
 * uniform distractor: neither a value nor one of the {@code reserved} markers, so m does not change the distractors' alphabet.
 * The label is the operation folded over the values in the order of their markers, read out at the last token.
 *
 * <p>Example, T = 8, C = 4, markers from 16, m = 2, sum: {@code 21 16 3 9 30 17 2 11} marks values 3 and 2, label 3 + 2 = 1 modulo 4.
 *
 * @param operation folded over the values; fixes C
 * @param length T
 * @param vocabulary V, number of different tokens
 * @param firstMarker token of the first marker
 * @param reserved number of marker tokens kept out of the distractors
 * @param markerCounts the numbers of markers m that are mixed, each equally often
 * @param placement whether m and the positions are drawn once per batch, as published, or for every sequence
 */
public record MarkedTask(
        Operation operation,
        int length,
        int vocabulary,
        int firstMarker,
        int reserved,
        List<Integer> markerCounts,
        Placement placement)
        implements Task {
    /** Bumped by hand whenever the same parameters would give other batches. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "marked";

    /** What is drawn once for a whole batch. */
    public enum Placement {
        /** One m and one set of positions for the whole batch: the published code. */
        PER_BATCH,
        /** One m for the batch, positions for every sequence: the paper's text. */
        POSITIONS_PER_SEQUENCE,
        /** m and positions for every sequence. */
        PER_SEQUENCE
    }

    public MarkedTask {
        markerCounts = List.copyOf(markerCounts);
        int classes = operation.classes();
        check(length >= 3, "sequence length T expected at least 3, found " + length);
        check(!markerCounts.isEmpty(), "no marker count m given; expected at least one, for instance 1..4");
        for (int m : markerCounts) {
            check(m >= 1, "marker count m expected at least 1, found " + m);
            check(
                    2 * m <= length - 1,
                    "m = " + m + " markers don't fit into T = " + length + " tokens: expected 2m <= T - 1, found "
                            + 2 * m + " > " + (length - 1) + "; use T of at least " + (2 * m + 1) + " or m up to "
                            + (length - 1) / 2);
            check(
                    m <= reserved,
                    "m = " + m + " needs as many marker tokens, but only " + reserved
                            + " are reserved; reserve at least " + m);
        }
        check(
                firstMarker >= classes,
                "values 0.." + (classes - 1) + " and markers " + firstMarker + ".." + (firstMarker + reserved - 1)
                        + " overlap; start the markers at " + classes + " or later");
        check(
                firstMarker + reserved <= vocabulary,
                "markers " + firstMarker + ".." + (firstMarker + reserved - 1) + " lie outside the vocabulary 0.."
                        + (vocabulary - 1) + "; use a vocabulary of at least " + (firstMarker + reserved));
        check(
                vocabulary - classes - reserved >= 1,
                "no distractor is left: " + vocabulary + " tokens hold " + classes + " values and " + reserved
                        + " markers; use a vocabulary of at least " + (classes + reserved + 1));
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new UserError("marked task: " + message);
        }
    }

    @Override
    public int classes() {
        return operation.classes();
    }

    /** Number of distractor tokens: those that are neither a value nor a reserved marker. */
    public int distractors() {
        return vocabulary - classes() - reserved;
    }

    /** The same task with other marker counts. */
    public MarkedTask withMarkers(List<Integer> counts) {
        return new MarkedTask(operation, length, vocabulary, firstMarker, reserved, counts, placement);
    }

    @Override
    public List<EvaluationSet> evaluationSets() {
        return markerCounts.stream().distinct().map(this::withOnly).toList();
    }

    /** Same distribution of a sequence, but independent ones: one set of positions per batch would make a noisy estimate. */
    private EvaluationSet withOnly(int m) {
        MarkedTask task = new MarkedTask(
                operation, length, vocabulary, firstMarker, reserved, List.of(m), Placement.POSITIONS_PER_SEQUENCE);
        return EvaluationSet.Drawn.ofMarkers(m, task, operation.majorityShare(m));
    }

    @Override
    public Batch batch(Stream stream, long index, int size) {
        RandomSequence random = stream.at(index);
        int[] tokens = new int[size * length];
        int[] labels = new int[size];
        int[] markers = new int[size];
        int[][] positions = new int[size][];
        int m = drawCount(random);
        int[] shared = drawPositions(random, m);
        for (int b = 0; b < size; b++) {
            if (placement == Placement.PER_SEQUENCE && b > 0) {
                m = drawCount(random);
            }
            if (placement != Placement.PER_BATCH && b > 0) {
                shared = drawPositions(random, m);
            }
            markers[b] = m;
            positions[b] = shared;
            labels[b] = fill(random, tokens, b * length, shared);
        }
        return Batch.of(length, tokens, labels).with(new Marks(markers, positions));
    }

    private int drawCount(RandomSequence random) {
        return markerCounts.get(random.nextInt(markerCounts.size()));
    }

    /** m positions in 1 .. T-2, no two adjacent: an m-subset of 1 .. T-1-m, spread by one place per earlier member. */
    private int[] drawPositions(RandomSequence random, int m) {
        int places = length - 1 - m;
        int[] chosen = new int[m];
        int taken = 0;
        for (int place = 1; place <= places && taken < m; place++) {
            if (random.nextInt(places - place + 1) < m - taken) {
                chosen[taken] = place + taken;
                taken++;
            }
        }
        return chosen;
    }

    /** Writes one sequence and returns its label. */
    private int fill(RandomSequence random, int[] tokens, int start, int[] marked) {
        for (int t = 0; t < length; t++) {
            tokens[start + t] = distractor(random.nextInt(distractors()));
        }
        int label = -1;
        for (int i = 0; i < marked.length; i++) {
            int value = random.nextInt(classes());
            tokens[start + marked[i]] = firstMarker + i;
            tokens[start + marked[i] + 1] = value;
            label = i == 0 ? value : operation.apply(label, value);
        }
        return label;
    }

    private int distractor(int number) {
        int token = classes() + number;
        return token < firstMarker ? token : token + reserved;
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
        node.put("length", length).put("vocabulary", vocabulary);
        node.put("firstMarker", firstMarker).put("reserved", reserved);
        markerCounts.forEach(m -> node.withArray("markerCounts").add(m));
        node.put("placement", placement.name());
        return node;
    }

    /** Marked tasks from their specs. */
    public static final class Kind implements Task.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public MarkedTask fromSpec(Fields fields) {
            return new MarkedTask(
                    Operation.fromSpec(fields.object("operation")),
                    fields.whole("length"),
                    fields.whole("vocabulary"),
                    fields.whole("firstMarker"),
                    fields.whole("reserved"),
                    fields.wholes("markerCounts"),
                    fields.oneOf("placement", Placement.class));
        }
    }

    @Override
    public String label() {
        int least = markerCounts.stream().mapToInt(Integer::intValue).min().orElseThrow();
        int most = markerCounts.stream().mapToInt(Integer::intValue).max().orElseThrow();
        String range = least == most ? "m = " + least : "m " + least + ".." + most;
        return operation + ", " + range;
    }
}
