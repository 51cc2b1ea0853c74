package holonomy.task.language;

import holonomy.data.UserError;
import holonomy.task.RandomSequence;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes the sequences of a probe:
 *
 * <pre>
 *   p tokens of a story, key with its codeword, gap of g tokens, query ending with the codeword, the story's next tokens
 * </pre>
 *
 * In training the gap is the story's next g tokens, end-of-text where it runs out, and p uniform from 2 to a third of what key, gap and query leave of the window, or
 * the story's length. In evaluation sets p is uniform in 2 .. 10, nothing follows the query, and the first tokens and the gap are a story's or random ones.
 */
final class ProbeSequences {
    private static final int LEAST_BEFORE = 2;
    private static final int MOST_BEFORE = 10;

    private final Probe probe;
    private final Encoding encoding;
    private final int window;
    private final int[] codewords;
    private final List<Integer> fillers;

    /**
     * @param window T + 1
     * @throws UserError if a codeword isn't one token, or the gaps don't fit
     */
    ProbeSequences(Probe probe, Encoding encoding, int window) {
        this.probe = probe;
        this.encoding = encoding;
        this.window = window;
        codewords = probe.codewords().stream().mapToInt(this::token).toArray();
        fillers = encoding.fillers();
        requireRoom("near", probe.near());
        requireRoom("far", probe.far());
    }

    private int token(String codeword) {
        int[] tokens = encoding.encode(codeword);
        if (tokens.length != 1) {
            throw new UserError("probe: expected codewords of one token each, '" + codeword + "' is " + tokens.length
                    + "; take another word");
        }
        return tokens[0];
    }

    private void requireRoom(String which, Probe.Gaps gaps) {
        int taken = MOST_BEFORE;
        for (Probe.Form form : Probe.Form.values()) {
            taken = Math.max(taken, MOST_BEFORE + key(form, 0).length + query(form, 0).length);
        }
        if (gaps.most() > window - taken) {
            throw new UserError("probe: " + which + " gaps of up to " + gaps.most() + " tokens don't fit into T = "
                    + (window - 1) + ": key, query and up to " + MOST_BEFORE + " tokens before them take " + taken
                    + " of T + 1; use shorter gaps, or T of at least " + (gaps.most() + taken - 1));
        }
    }

    private int[] key(Probe.Form form, int codeword) {
        return form.key(encoding, codewords[codeword]);
    }

    private int[] query(Probe.Form form, int codeword) {
        return form.query(encoding, codewords[codeword]);
    }

    /** A training sequence from a story's tokens. */
    Sequence training(int[] story, RandomSequence random) {
        int codeword = random.nextInt(codewords.length);
        Probe.Form form = form(random);
        int gap = probe.near().draw(random);
        int budget = window - key(form, codeword).length - gap - query(form, codeword).length;
        int before = LEAST_BEFORE + random.nextInt(Math.max(LEAST_BEFORE + 1, budget / 3) - LEAST_BEFORE + 1);
        return sequence(story, Math.min(before, story.length), gap, form, codeword, true);
    }

    /** A sequence of an evaluation set, the fillers being a story's tokens. */
    Sequence inText(int[] story, Probe.Gaps gaps, RandomSequence random) {
        int codeword = random.nextInt(codewords.length);
        Probe.Form form = form(random);
        int gap = gaps.draw(random);
        return sequence(story, Math.min(before(random), story.length), gap, form, codeword, false);
    }

    /** A sequence of an evaluation set, the fillers being random tokens. */
    Sequence amongRandomIds(Probe.Gaps gaps, RandomSequence random) {
        int codeword = random.nextInt(codewords.length);
        Probe.Form form = form(random);
        int gap = gaps.draw(random);
        int before = before(random);
        int[] ids = IntStream.generate(() -> fillers.get(random.nextInt(fillers.size())))
                .limit((long) before + gap)
                .toArray();
        return sequence(ids, before, gap, form, codeword, false);
    }

    private static Probe.Form form(RandomSequence random) {
        return Probe.Form.values()[random.nextInt(Probe.Form.values().length)];
    }

    private static int before(RandomSequence random) {
        return LEAST_BEFORE + random.nextInt(MOST_BEFORE - LEAST_BEFORE + 1);
    }

    private Sequence sequence(int[] text, int before, int gap, Probe.Form form, int codeword, boolean goesOn) {
        int[] key = key(form, codeword);
        int[] query = query(form, codeword);
        IntStream filled =
                IntStream.range(before, before + gap).map(at -> at < text.length ? text[at] : encoding.endOfText());
        IntStream after = IntStream.range(before + gap, goesOn ? Math.max(before + gap, text.length) : before + gap)
                .map(at -> text[at]);
        IntStream all = IntStream.concat(
                IntStream.concat(IntStream.of(text).limit(before), IntStream.of(key)),
                IntStream.concat(filled, IntStream.concat(IntStream.of(query), after)));
        int asked = before + key.length + gap + query.length - 1;
        return Sequence.of(all.toArray(), window, encoding.endOfText(), asked);
    }
}
