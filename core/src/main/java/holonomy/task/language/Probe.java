package holonomy.task.language;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.task.RandomSequence;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The key-retrieval probe (arXiv 2602.23696): a sentence in a story gives a codeword, a question some tokens later ends with it. Predicting the codeword of the question is what is
 * asked.
 *
 * @param codewords each one token of the encoding
 * @param share of the training sequences that are probes, an independent draw for each; dimensionless, above 0
 * @param near gaps in training, and in one pair of evaluation sets
 * @param far gaps in the other pair
 * @param examples sequences of each evaluation set
 */
public record Probe(List<String> codewords, double share, Gaps near, Gaps far, int examples) {
    /** Seed of the choice of codewords: the published one, the same for all runs. */
    private static final long CODEWORD_SEED = 42;

    /** Marks the codeword's place. */
    private static final String CODEWORD = "*";

    /** The sentence that gives a codeword, and the question (the last one: the restatement) that ends with it. */
    enum Form {
        CODE("the code is * .", "what was the code ? *"),
        REMEMBERED("remember the word * .", "which word to remember ? *"),
        SPECIAL("special word : * .", "which word was special ? *"),
        PASSWORD("the password is * .", "what was the password ? *"),
        MAGIC("the magic is * .", "and so the magic is *");

        private final String key;
        private final String query;

        Form(String key, String query) {
            this.key = key;
            this.query = query;
        }

        int[] key(Encoding encoding, int codeword) {
            return encoded(key, encoding, codeword);
        }

        int[] query(Encoding encoding, int codeword) {
            return encoded(query, encoding, codeword);
        }

        private static int[] encoded(String text, Encoding encoding, int codeword) {
            int at = text.indexOf(CODEWORD);
            int[] before = encoding.encode(" " + text.substring(0, at).strip());
            String rest = text.substring(at + 1).strip();
            int[] after = rest.isEmpty() ? new int[0] : encoding.encode(rest);
            int[] tokens = Arrays.copyOf(before, before.length + 1 + after.length);
            tokens[before.length] = codeword;
            System.arraycopy(after, 0, tokens, before.length + 1, after.length);
            return tokens;
        }
    }

    /** Numbers of tokens between the sentence that gives the codeword and the question, both included. */
    public record Gaps(int least, int most) {
        public Gaps {
            if (least < 0 || most < least) {
                throw new UserError(
                        "probe: expected gaps of 0 <= least <= most tokens, found " + least + " to " + most);
            }
        }

        int draw(RandomSequence random) {
            return least + random.nextInt(most - least + 1);
        }

        private ObjectNode spec() {
            return JsonNodeFactory.instance.objectNode().put("least", least).put("most", most);
        }

        private static Gaps fromSpec(Fields fields) {
            return new Gaps(fields.whole("least"), fields.whole("most"));
        }
    }

    public Probe {
        codewords = List.copyOf(codewords);
        if (codewords.size() < 2 || new HashSet<>(codewords).size() < codewords.size()) {
            throw new UserError("probe: expected at least 2 different codewords, each once, found " + codewords);
        }
        if (!(share > 0 && share <= 1)) {
            throw new UserError("probe: expected a share of the sequences above 0 and up to 1, found " + share
                    + "; for none, leave the probe out");
        }
        if (examples < 1) {
            throw new UserError("probe: expected at least 1 example in each evaluation set, found " + examples);
        }
    }

    /** With so many of an encoding's codewords, in an order that is drawn once for all. */
    public static Probe of(Encoding encoding, int codewords, double share, Gaps near, Gaps far, int examples) {
        List<String> all = new ArrayList<>(encoding.codewords());
        if (codewords > all.size()) {
            throw new UserError("probe: expected " + codewords + " codewords of one token each, the encoding of "
                    + encoding.vocabulary() + " tokens has " + all.size() + "; ask for fewer, or take a larger one");
        }
        RandomSequence random = Stream.of(CODEWORD_SEED, "codewords").at(0);
        for (int i = all.size() - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            all.set(i, all.set(other, all.get(i)));
        }
        return new Probe(all.subList(0, codewords), share, near, far, examples);
    }

    static Set<String> fixedWords() {
        Set<String> words = new HashSet<>();
        for (Form form : Form.values()) {
            words.addAll(List.of(form.key.split(" ")));
            words.addAll(List.of(form.query.split(" ")));
        }
        words.remove(CODEWORD);
        return words;
    }

    ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        codewords.forEach(word -> node.withArray("codewords").add(word));
        node.put("share", share);
        node.set("near", near.spec());
        node.set("far", far.spec());
        return node.put("examples", examples);
    }

    static Probe fromSpec(Fields fields) {
        return new Probe(
                fields.texts("codewords"),
                fields.number("share"),
                Gaps.fromSpec(fields.object("near")),
                Gaps.fromSpec(fields.object("far")),
                fields.whole("examples"));
    }
}
