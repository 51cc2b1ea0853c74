package holonomy.task.language;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * The next token of stories, and now and then a {@link Probe} among them (arXiv 2602.23696, section 3). One story is one sequence: a story longer than T + 1 tokens is cut to a
 * window at a random place, a shorter one filled up with end-of-text tokens after which nothing is asked. Targets are of group {@code text}, the codeword of a probe's
 * question of group {@code probe}.
 *
 * <p>Each sequence of a batch draws its story anew, uniformly among those for training. Evaluated on the stories that are held out, and on probes by gap and filler; all sets
 * are the same for every seed. The published p_in and p_ood are the accuracies, nll_in and nll_ood the losses, with short and with long gaps among random ids. The published
 * lm_ood is the loss on {@value LanguageSequences#OTHERS}: of the same sequences, on some of them, every token but the codeword. It is no language: random ids, which nobody can
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

    /** What makes a task's sequences: asked for at every step and at every evaluation, made once. */
    private static final Map<LanguageTask, LanguageSequences> MADE = new ConcurrentHashMap<>();

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
        return sequences().training(stream.at(index), size);
    }

    @Override
    public List<EvaluationSet> evaluationSets() {
        return sequences().sets();
    }

    private LanguageSequences sequences() {
        return MADE.computeIfAbsent(this, LanguageSequences::new);
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
