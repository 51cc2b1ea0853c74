package holonomy.task.language;

import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Makes the sequences of a {@link LanguageTask}, those to train on and those of its evaluation sets. May be used from several threads at once. */
final class LanguageSequences {
    private static final String FAR = "long gap, random ids";
    static final String OTHERS = "long gap, all but the codeword";
    /** One in so many of a probe's examples is asked for its other tokens: each has T - 1 of them. */
    private static final int EXAMPLES_PER_OTHER = 10;

    /** Seed of the evaluation sets: the same for all runs. */
    private static final long SETS_SEED = 0;

    private final LanguageTask task;
    private final Encoding encoding;
    private final int length;
    private final Optional<ProbeSequences> probes;
    private final List<EvaluationSet> sets;

    LanguageSequences(LanguageTask task) {
        this.task = task;
        encoding = task.encoding();
        length = task.length();
        probes = task.probe().map(with -> new ProbeSequences(with, encoding, length + 1));
        sets = made();
    }

    /** The evaluation sets; their sequences are made when they are first asked for. */
    List<EvaluationSet> sets() {
        return sets;
    }

    /** Sequences to train on. */
    Batch training(RandomSequence random, int size) {
        int held = task.held();
        return batch(size, Asks.TEXT, number -> {
            int[] story = story(held + random.nextInt(task.text().stories() - held));
            return probes.isPresent()
                            && random.nextDouble() < task.probe().orElseThrow().share()
                    ? probes.get().training(story, random)
                    : window(story, random);
        });
    }

    private int[] story(int index) {
        return encoding.encode(task.text().story(index));
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
        double[] weights = new double[task.groups().size()];
        Arrays.fill(weights, 1);
        return new Batch(size, length, tokens, targets, groups, weights, Optional.empty());
    }

    private List<EvaluationSet> made() {
        List<EvaluationSet> sets = new ArrayList<>();
        Stream cuts = Stream.of(SETS_SEED, "validation");
        sets.add(new EvaluationSet.Given(
                "validation",
                Double.NaN,
                0,
                new Made(() -> batch(task.held(), Asks.TEXT, i -> window(story(i), cuts.at(i))))));
        task.probe().ifPresent(with -> {
            sets.add(probeSet(with, "short gap, text", with.near(), true));
            sets.add(probeSet(with, "short gap, random ids", with.near(), false));
            sets.add(probeSet(with, "long gap, text", with.far(), true));
            sets.add(probeSet(with, FAR, with.far(), false));
            int others = Math.max(1, with.examples() / EXAMPLES_PER_OTHER);
            Stream stream = Stream.of(SETS_SEED, FAR);
            sets.add(new EvaluationSet.Given(
                    OTHERS, Double.NaN, 0, new Made(() -> probes(others, Asks.OTHERS, with.far(), stream, false))));
        });
        return List.copyOf(sets);
    }

    private EvaluationSet probeSet(Probe with, String name, Probe.Gaps gaps, boolean inText) {
        Stream stream = Stream.of(SETS_SEED, name);
        return new EvaluationSet.Given(
                name,
                1.0 / with.codewords().size(),
                with.examples(),
                new Made(() -> probes(with.examples(), Asks.CODEWORD, gaps, stream, inText)));
    }

    private Batch probes(int count, Asks asks, Probe.Gaps gaps, Stream stream, boolean inText) {
        ProbeSequences sequences = probes.orElseThrow();
        return batch(
                count,
                asks,
                i -> inText
                        ? sequences.inText(story(i % task.held()), gaps, stream.at(i))
                        : sequences.amongRandomIds(gaps, stream.at(i)));
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
}
