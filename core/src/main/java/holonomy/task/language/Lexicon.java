package holonomy.task.language;

import holonomy.data.UserError;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Made-up words of each {@link Part} of speech, of two syllables, the frequent ones first; none is a word of a {@link Schema} or of a probe's question. */
final class Lexicon {
    static final int SMALLEST = 24;
    private static final String CONSONANTS = "bdfgklmnprstvz";
    private static final String VOWELS = "aeiou";
    private static final int SYLLABLES = CONSONANTS.length() * VOWELS.length();

    /** Steps from word to word among all words of two syllables; has no divisor in common with their number. */
    private static final int STRIDE = 1987;

    static final int LARGEST = 2000;

    /** Kinds of words, each with its part of all words in per cent and how its words end. */
    enum Part {
        NAME(20, ""),
        THING(30, ""),
        PLACE(10, ""),
        MOOD(10, "y"),
        VERB(15, "ed"),
        ADJECTIVE(15, "ish");

        private final int percent;
        private final String ending;

        Part(int percent, String ending) {
            this.percent = percent;
            this.ending = ending;
        }
    }

    private static final Map<Integer, Lexicon> MADE = new ConcurrentHashMap<>();

    private final int size;
    private final Map<Part, List<String>> words = new EnumMap<>(Part.class);
    private final Map<Part, Zipf> frequencies = new EnumMap<>(Part.class);

    private Lexicon(int size) {
        this.size = size;
        Set<String> taken = new HashSet<>(functionWords());
        int number = 0;
        for (Part part : Part.values()) {
            List<String> own = new ArrayList<>();
            while (own.size() < count(part)) {
                String made = made(number++) + part.ending;
                if (taken.add(made)) {
                    own.add(
                            part == Part.NAME
                                    ? made.substring(0, 1).toUpperCase(Locale.ROOT) + made.substring(1)
                                    : made);
                }
            }
            words.put(part, List.copyOf(own));
            frequencies.put(part, new Zipf(own.size()));
        }
    }

    /** That of so many words of all parts together. */
    static Lexicon of(int size) {
        if (size < SMALLEST || size > LARGEST) {
            throw new UserError(
                    "stories: expected a lexicon of " + SMALLEST + " to " + LARGEST + " words, found " + size);
        }
        return MADE.computeIfAbsent(size, Lexicon::new);
    }

    /** Number of words of a part; things take what is left. */
    private int count(Part part) {
        int others = 0;
        for (Part other : Part.values()) {
            others += other == Part.THING ? 0 : size * other.percent / 100;
        }
        return part == Part.THING ? size - others : size * part.percent / 100;
    }

    /** The word of a part that has a rank, 0 being the most frequent. */
    String word(Part part, int rank) {
        return words.get(part).get(rank);
    }

    /** How frequent the ranks of a part are. */
    Zipf frequencies(Part part) {
        return frequencies.get(part);
    }

    /** All words, part by part. */
    List<String> words() {
        return words.values().stream().flatMap(List::stream).toList();
    }

    /** All words of stories and of a probe's questions that are not made up, by the alphabet. */
    static List<String> functionWords() {
        Set<String> words = new HashSet<>(Schema.fixedWords());
        words.addAll(Probe.fixedWords());
        return words.stream().sorted().toList();
    }

    /** Words in capitals that can be codewords. */
    static List<String> capitals(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> made(number).toUpperCase(Locale.ROOT))
                .toList();
    }

    private static String made(int number) {
        int place = (int) ((long) number * STRIDE % (SYLLABLES * SYLLABLES));
        return syllable(place / SYLLABLES) + syllable(place % SYLLABLES);
    }

    private static String syllable(int number) {
        return "" + CONSONANTS.charAt(number / VOWELS.length()) + VOWELS.charAt(number % VOWELS.length());
    }
}
