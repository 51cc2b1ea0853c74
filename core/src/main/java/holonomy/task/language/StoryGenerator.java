package holonomy.task.language;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.task.Stream;
import java.util.OptionalDouble;

/**
 * Stories in three acts from a grammar, without end: story i is a pure function of (seed, i). Characters, things, a place and a mood are brought in, then return: where a
 * sentence of the later acts names one of a kind, it is with probability {@code recall} one of this story (each equally likely), else any, by {@link Zipf}.
 *
 * <p>A story tells how it was made, so its surprisal is that of its draws, and the mean over stories is known exactly: see {@link StoryEntropy}.
 *
 * @param lexicon number of made-up words
 * @param least sentences of the middle act
 * @param most as above; any number between is equally likely
 * @param recall share of long-range dependence, dimensionless, 0 .. 1
 * @param seed of the stories
 */
public record StoryGenerator(int lexicon, int least, int most, double recall, long seed) implements TextSource {
    /** Bumped by hand whenever the same parameters would give other stories. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "stories";
    private static final int MOST_SENTENCES = 10_000;
    private static final double RECALL = .75;

    public StoryGenerator {
        Lexicon.of(lexicon);
        if (least < 0 || most < least || most > MOST_SENTENCES || !(recall >= 0 && recall <= 1)) {
            throw new UserError("stories: expected 0 <= least <= most <= " + MOST_SENTENCES
                    + " sentences of the middle act and a recall of 0 to 1, found " + least + ", " + most + " and "
                    + recall);
        }
    }

    /** Stories that end within a window of so many tokens of a {@link WordEncoding}, the longest ones just. */
    public static StoryGenerator filling(int lexicon, int window) {
        int without = new StoryGenerator(lexicon, 0, 0, RECALL, 0).longest();
        int sentence = StoryEntropy.longest(Schema.Place.MIDDLE, 2);
        if (window < without + sentence) {
            throw new UserError("stories: expected a window of at least " + (without + sentence)
                    + " tokens for a whole story, found " + window);
        }
        int most = (window - without) / sentence;
        return new StoryGenerator(lexicon, (most + 1) / 2, most, RECALL, 0);
    }

    @Override
    public int stories() {
        return Integer.MAX_VALUE;
    }

    @Override
    public String story(int index) {
        return String.join(" ", told(index).words());
    }

    /** -ln of a story's probability, in nats. */
    double surprisal(int index) {
        return told(index).surprisal();
    }

    private Teller told(int index) {
        return new Teller(this, Stream.of(seed, KIND).at(index));
    }

    /** The number of words and signs of the longest story. */
    public int longest() {
        return StoryEntropy.longest(this);
    }

    /** Mean surprisal of a story in nats, mean number of its words and signs, and their ratio. */
    public StoryEntropy entropy() {
        return StoryEntropy.of(this);
    }

    /** Known for whole stories, word by word. Their first word is always the same. */
    @Override
    public OptionalDouble irreducibleLoss(Encoding encoding, int window) {
        return encoding instanceof WordEncoding && longest() <= window
                ? OptionalDouble.of(entropy().rate())
                : OptionalDouble.empty();
    }

    @Override
    public ObjectNode spec() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", KIND)
                .put("semantics", SEMANTICS)
                .put("lexicon", lexicon)
                .put("least", least)
                .put("most", most)
                .put("recall", recall)
                .put("seed", seed);
    }

    /** Reads it. */
    public static final class Kind implements TextSource.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public StoryGenerator fromSpec(Fields fields) {
            return new StoryGenerator(
                    fields.whole("lexicon"),
                    fields.whole("least"),
                    fields.whole("most"),
                    fields.number("recall"),
                    fields.wide("seed"));
        }
    }

    @Override
    public String label() {
        return "stories of " + lexicon + " words";
    }
}
