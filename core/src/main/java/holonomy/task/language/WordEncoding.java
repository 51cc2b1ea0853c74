package holonomy.task.language;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One token for each word or sign of generated stories and of a probe's questions, which are separated by spaces: 0 is the end of text, then the words of schemata and
 * questions, the made-up ones, the codewords.
 *
 * @param lexicon number of made-up words, as in {@link StoryGenerator}
 * @param capitals number of codewords
 */
public record WordEncoding(int lexicon, int capitals) implements Encoding {
    /** Bumped by hand whenever the same text would become other tokens. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "words";
    private static final Pattern SPACES = Pattern.compile("\\s+");
    private static final int MOST_CAPITALS = 1024;
    private static final Map<WordEncoding, Map<String, Integer>> MADE = new ConcurrentHashMap<>();

    public WordEncoding {
        Lexicon.of(lexicon);
        if (capitals < 0 || capitals > MOST_CAPITALS) {
            throw new UserError("encoding: expected 0 to " + MOST_CAPITALS + " codewords, found " + capitals);
        }
    }

    /** A vocabulary of V tokens, so many of them codewords. */
    public static WordEncoding of(int vocabulary, int capitals) {
        int others = 1 + Lexicon.functionWords().size() + capitals;
        if (vocabulary < others + Lexicon.SMALLEST || vocabulary > others + Lexicon.LARGEST) {
            throw new UserError("encoding: expected a vocabulary of " + (others + Lexicon.SMALLEST) + " to "
                    + (others + Lexicon.LARGEST) + " tokens with " + capitals + " codewords, found " + vocabulary);
        }
        return new WordEncoding(vocabulary - others, capitals);
    }

    @Override
    public int vocabulary() {
        return tokens().size() + 1;
    }

    private Map<String, Integer> tokens() {
        return MADE.computeIfAbsent(this, WordEncoding::make);
    }

    private static Map<String, Integer> make(WordEncoding encoding) {
        List<String> words = new ArrayList<>(Lexicon.functionWords());
        words.addAll(Lexicon.of(encoding.lexicon).words());
        words.addAll(encoding.codewords());
        Map<String, Integer> tokens = new HashMap<>();
        words.forEach(word -> tokens.put(word, tokens.size() + 1));
        return tokens;
    }

    @Override
    public int[] encode(String text) {
        Map<String, Integer> tokens = tokens();
        String[] words = SPACES.split(text.strip());
        int[] encoded = new int[words.length];
        for (int i = 0; i < encoded.length; i++) {
            Integer token = tokens.get(words[i]);
            if (token == null) {
                throw new UserError("encoding: '" + words[i] + "' is none of the " + tokens.size()
                        + " words of generated stories; expected such a story, else take GPT-2's encoding");
            }
            encoded[i] = token;
        }
        return encoded;
    }

    @Override
    public int endOfText() {
        return 0;
    }

    /** Every word but the codewords. */
    @Override
    public List<Integer> fillers() {
        return IntStream.rangeClosed(1, tokens().size() - capitals).boxed().toList();
    }

    @Override
    public List<String> codewords() {
        return Lexicon.capitals(capitals);
    }

    @Override
    public ObjectNode spec() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", KIND)
                .put("semantics", SEMANTICS)
                .put("lexicon", lexicon)
                .put("capitals", capitals);
    }

    /** Reads it. */
    public static final class Kind implements Encoding.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public WordEncoding fromSpec(Fields fields) {
            return new WordEncoding(fields.whole("lexicon"), fields.whole("capitals"));
        }
    }
}
