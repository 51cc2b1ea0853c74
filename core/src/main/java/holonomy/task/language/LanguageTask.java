package holonomy.task.language;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The next token of stories, and now and then a {@link Probe} among them (arXiv 2602.23696, section 3). One story is one sequence: a story longer than T + 1 tokens is cut to a
 * window at a random place, a shorter one filled up with end-of-text tokens after which nothing is asked. Targets are of group {@code text}, the codeword of a probe's
 * question of group {@code probe}.
 *
 * <p>Each sequence of a batch draws its story anew, uniformly among those for training. Evaluated on the stories that are held out, and on probes by gap and filler; all sets
 * are the same for every seed. The published p_in and p_ood are the accuracies, nll_in and nll_ood the losses, with short and with long gaps among random ids. The published
 * lm_ood is the loss on {@value #OTHERS}: of the same sequences, on some of them, every token but the codeword. It is no language: random ids, which nobody can
 * foretell, and the end-of-text tokens that fill up.
 *
 * @param text the stories
 * @param encoding their tokens
 * @param length T
 * @param held number of stories, the first ones, that are held out
 * @param probe empty for text alone
 */
public record LanguageTask(TextSource text, Encoding encoding, int length, int held, Optional<Probe> probe)
        implements Task {
    /** Bumped by hand whenever the same parameters would give other batches, or a training on them other bytes. */
    private static final int SEMANTICS = 2;

    private static final String KIND = "language";
    private static final String TEXT = "text";
    private static final String PROBE = "probe";
    private static final String FAR = "long gap, random ids";
    private static final String OTHERS = "long gap, all but the codeword";
    /** One in so many of a probe's examples is asked for its other tokens: each has T - 1 of them. */
    private static final int EXAMPLES_PER_OTHER = 10;

    /** Seed of the evaluation sets: the same for all runs. */
    private static final long SETS_SEED = 0;

    /** What a task needs at every step and at every evaluation, made once. */
    private static final Map<LanguageTask, Kept> KEPT = new ConcurrentHashMap<>();

    private record Kept(Optional<ProbeSequences> probes, List<EvaluationSet> sets) {}

    public LanguageTask {
        if (length < 1) {
            throw new UserError("language: expected sequences of at least T = 1 token, found " + length);
        }
        if (held < 1 || held >= text.stories()) {
            throw new UserError("language: expected at least 1 story held out and 1 to train on, found " + held + " of "
                    + text.stories() + " held out; hold out fewer, or give more text");
        }
        requireArrays("held-out stories", held, length);
        probe.ifPresent(with -> requireArrays("probe examples", with.examples(), length));
        if (text.atHand()) {
            requireWindow(text, encoding, length + 1);
        }
        probe.ifPresent(with -> new ProbeSequences(with, encoding, length + 1));
    }

    private static void requireArrays(String what, long sequences, long length) {
        if (sequences * length > Integer.MAX_VALUE) {
            throw new UserError("language: expected evaluation sets of at most " + Integer.MAX_VALUE + " tokens, found "
                    + sequences + " " + what + " of T = " + length + "; take fewer");
        }
    }

    private static void requireWindow(TextSource text, Encoding encoding, int window) {
        int tokens = 0;
        for (int i = 0; i < text.stories() && tokens < window; i++) {
            tokens += encoding.encode(text.story(i)).length;
        }
        if (tokens < window) {
            throw new UserError("language: expected text of at least one window of T + 1 = " + window
                    + " tokens, found " + tokens + " in " + text.label() + "; give more text, or use a smaller T");
        }
    }

    /** Text alone. */
    public LanguageTask(TextSource text, Encoding encoding, int length, int held) {
        this(text, encoding, length, held, Optional.empty());
    }

    /** The same with a probe. */
    public LanguageTask with(Probe other) {
        return new LanguageTask(text, encoding, length, held, Optional.of(other));
    }

    @Override
    public int vocabulary() {
        return encoding.vocabulary();
    }

    @Override
    public int classes() {
        return encoding.vocabulary();
    }

    @Override
    public List<Integer> targetPositions() {
        return IntStream.range(0, length).boxed().toList();
    }

    @Override
    public List<String> groups() {
        return probe.isPresent() ? List.of(TEXT, PROBE) : List.of(TEXT);
    }

    /** The least mean cross-entropy of held-out text that any model can have, in nats; empty where nobody knows it. */
    public OptionalDouble irreducibleLoss() {
        return text.irreducibleLoss(encoding, length + 1);
    }

    @Override
    public Batch batch(Stream stream, long index, int size) {
        RandomSequence random = stream.at(index);
        Optional<ProbeSequences> probes = kept().probes();
        return batch(size, Asks.TEXT, number -> {
            int[] story = story(held + random.nextInt(text.stories() - held));
            return probes.isPresent()
                            && random.nextDouble() < probe.orElseThrow().share()
                    ? probes.get().training(story, random)
                    : window(story, random);
        });
    }

    private int[] story(int index) {
        return encoding.encode(text.story(index));
    }

    private Sequence window(int[] story, RandomSequence random) {
        int window = length + 1;
        int from = story.length > window ? random.nextInt(story.length - window + 1) : 0;
        return Sequence.of(
                Arrays.copyOfRange(story, from, Math.min(story.length, from + window)),
                window,
                encoding.endOfText(),
                0);
    }

    /** What is asked of a sequence: its text with the codeword, the codeword alone, or all else, whatever fills up included. */
    private enum Asks {
        TEXT,
        CODEWORD,
        OTHERS;

        boolean at(boolean probed, boolean real) {
            return switch (this) {
                case TEXT -> probed || real;
                case CODEWORD -> probed;
                case OTHERS -> !probed;
            };
        }
    }

    private Batch batch(int size, Asks asks, IntFunction<Sequence> sequences) {
        int[] tokens = new int[size * length];
        int[] targets = new int[size * length];
        int[] groups = new int[size * length];
        for (int b = 0; b < size; b++) {
            Sequence sequence = sequences.apply(b);
            for (int t = 0; t < length; t++) {
                boolean probed = t + 1 == sequence.probe();
                boolean asked = asks.at(probed, t + 1 < sequence.real());
                tokens[b * length + t] = sequence.tokens()[t];
                targets[b * length + t] = asked ? sequence.tokens()[t + 1] : Batch.IGNORE;
                groups[b * length + t] = probed ? 1 : 0;
            }
        }
        double[] weights = new double[groups().size()];
        Arrays.fill(weights, 1);
        return new Batch(size, length, tokens, targets, groups, weights, Optional.empty());
    }

    @Override
    public List<EvaluationSet> evaluationSets() {
        return kept().sets();
    }

    private Kept kept() {
        return KEPT.computeIfAbsent(
                this, task -> new Kept(probe.map(with -> new ProbeSequences(with, encoding, length + 1)), task.sets()));
    }

    private List<EvaluationSet> sets() {
        List<EvaluationSet> sets = new ArrayList<>();
        Stream cuts = Stream.of(SETS_SEED, "validation");
        sets.add(new EvaluationSet.Given(
                "validation", Double.NaN, new Made(() -> batch(held, Asks.TEXT, i -> window(story(i), cuts.at(i))))));
        probe.ifPresent(with -> {
            sets.add(probeSet(with, "short gap, text", with.near(), true));
            sets.add(probeSet(with, "short gap, random ids", with.near(), false));
            sets.add(probeSet(with, "long gap, text", with.far(), true));
            sets.add(probeSet(with, FAR, with.far(), false));
            int others = Math.max(1, with.examples() / EXAMPLES_PER_OTHER);
            Stream stream = Stream.of(SETS_SEED, FAR);
            sets.add(new EvaluationSet.Given(
                    OTHERS, Double.NaN, new Made(() -> probes(others, Asks.OTHERS, with.far(), stream, false))));
        });
        return List.copyOf(sets);
    }

    private EvaluationSet probeSet(Probe with, String name, Probe.Gaps gaps, boolean inText) {
        Stream stream = Stream.of(SETS_SEED, name);
        return new EvaluationSet.Given(
                name,
                1.0 / with.codewords().size(),
                new Made(() -> probes(with.examples(), Asks.CODEWORD, gaps, stream, inText)));
    }

    private Batch probes(int count, Asks asks, Probe.Gaps gaps, Stream stream, boolean inText) {
        ProbeSequences probes = kept().probes().orElseThrow();
        return batch(
                count,
                asks,
                i -> inText
                        ? probes.inText(story(i % held), gaps, stream.at(i))
                        : probes.amongRandomIds(gaps, stream.at(i)));
    }

    /** A batch that is made once, and again only where its memory was needed for something else. */
    private static final class Made implements Supplier<Batch> {
        private final Supplier<Batch> maker;
        private SoftReference<Batch> made = new SoftReference<>(null);

        Made(Supplier<Batch> maker) {
            this.maker = maker;
        }

        @Override
        public synchronized Batch get() {
            Batch batch = made.get();
            if (batch == null) {
                batch = maker.get();
                made = new SoftReference<>(batch);
            }
            return batch;
        }
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", KIND).put("semantics", SEMANTICS);
        node.set("text", text.spec());
        node.set("encoding", encoding.spec());
        node.put("length", length).put("held", held);
        probe.ifPresent(with -> node.set("probe", with.spec()));
        return node;
    }

    /** Reads it. */
    public static final class Kind implements Task.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public LanguageTask fromSpec(Fields fields) {
            return new LanguageTask(
                    TextSource.fromSpec(fields.object("text")),
                    Encoding.fromSpec(fields.object("encoding")),
                    fields.whole("length"),
                    fields.whole("held"),
                    fields.optional("probe").map(Probe::fromSpec));
        }
    }

    @Override
    public String label() {
        return text.label() + ", T " + length
                + probe.map(with -> ", probe " + with.share() + " of "
                                + with.codewords().size())
                        .orElse("");
    }
}
