package holonomy.task.language;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * GPT-2's byte-level byte-pair encoding, or its first merges alone: the tokens are its first V - 1 in the order in which they were learned, then end of text. With
 * V = 50,257 these are GPT-2's ids.
 *
 * @param vocabulary V
 */
public record Gpt2Encoding(int vocabulary) implements Encoding {
    /** V of GPT-2. */
    public static final int WHOLE = 50_257;

    /** Bumped by hand whenever the same text would become other tokens. */
    private static final int SEMANTICS = 1;

    private static final String KIND = "gpt2";
    private static final int BYTES = 256;

    /** Filler tokens of the published probe, both included. */
    private static final int FIRST_FILLER = 100;

    private static final int LAST_FILLER = 5000;

    /** GPT-2's pieces: contractions, words, numbers and signs with a space before them, white space. */
    private static final Pattern PIECES =
            Pattern.compile("'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private static final Pattern CODEWORD = Pattern.compile("[A-Z]{4,}");
    private static final Pattern SPACED_CODEWORD = Pattern.compile(" [A-Z]{3,}");

    private static final Map<Integer, com.knuddels.jtokkit.api.Encoding> MADE = new ConcurrentHashMap<>();

    public Gpt2Encoding {
        if (vocabulary <= BYTES || vocabulary > WHOLE) {
            throw new UserError("encoding: expected a vocabulary of " + (BYTES + 1) + " (bytes and end of text) to "
                    + WHOLE + " tokens, all that GPT-2's encoding has; found " + vocabulary);
        }
    }

    /** All of it. */
    public static Gpt2Encoding whole() {
        return new Gpt2Encoding(WHOLE);
    }

    @Override
    public int[] encode(String text) {
        return MADE.computeIfAbsent(vocabulary, Gpt2Encoding::make)
                .encodeOrdinary(text)
                .toArray();
    }

    @Override
    public int endOfText() {
        return vocabulary - 1;
    }

    /** The published ones, 100 to 5,000, as far as they are there. */
    @Override
    public List<Integer> fillers() {
        return IntStream.rangeClosed(FIRST_FILLER, Math.min(LAST_FILLER, vocabulary - 2))
                .boxed()
                .toList();
    }

    /** Upper-case words of at least 4 letters without a space before them, then of at least 3 with one; each by the alphabet. */
    @Override
    public List<String> codewords() {
        List<String> words = new ArrayList<>();
        for (Pattern shape : List.of(CODEWORD, SPACED_CODEWORD)) {
            ranks(vocabulary).keySet().stream()
                    .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                    .filter(shape.asMatchPredicate())
                    .sorted()
                    .forEach(words::add);
        }
        return words;
    }

    private static com.knuddels.jtokkit.api.Encoding make(int vocabulary) {
        String name = KIND + " " + vocabulary;
        return Encodings.newLazyEncodingRegistry()
                .registerGptBytePairEncoding(new GptBytePairEncodingParams(name, PIECES, ranks(vocabulary), Map.of()))
                .getEncoding(name)
                .orElseThrow();
    }

    /** The first V - 1 tokens, in their order. */
    private static Map<byte[], Integer> ranks(int vocabulary) {
        Map<byte[], Integer> ranks = new LinkedHashMap<>();
        InputStream file = Encodings.class.getResourceAsStream("/com/knuddels/jtokkit/r50k_base.tiktoken");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.US_ASCII))) {
            lines.lines()
                    .limit(vocabulary - 1L)
                    .map(line -> line.split(" "))
                    .forEach(entry -> ranks.put(Base64.getDecoder().decode(entry[0]), Integer.valueOf(entry[1])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ranks;
    }

    @Override
    public ObjectNode spec() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", KIND)
                .put("semantics", SEMANTICS)
                .put("vocabulary", vocabulary);
    }

    /** Reads it. */
    public static final class Kind implements Encoding.Kind {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public Gpt2Encoding fromSpec(Fields fields) {
            return new Gpt2Encoding(fields.whole("vocabulary"));
        }
    }
}
