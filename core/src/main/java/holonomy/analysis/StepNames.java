package holonomy.analysis;

import holonomy.data.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The steps in the names of snapshots. A name's step is the whole number behind 'step', or else behind 'iter', 'checkpoint' or 'update'; without such a word the
 * only whole number that stands free; of several free ones that which differs from name to name; and if there is none, the epoch.
 *
 * <p>Digits of a fraction (val_loss=2.40), of another named quantity (loss=2) or of a size (7b) are never a step. {@code 10k} is 10,000, {@code 1M} a million.
 */
final class StepNames {
    /** What a step in a name looks like, for error texts. */
    static final String EXAMPLE = "step-100" + SnapshotFiles.SUFFIX;

    private static final String NUMBER = "[-_. =:]*(\\d++[km]?)(?![a-z0-9]|[.,]\\d)";
    private static final List<Pattern> WORDS = List.of(
            word("steps?"),
            word("(?<![a-z])it(?:er(?:ation)?s?)?"),
            word("(?:checkpoint|ckpt|chkpt)"),
            word("updates?"));
    private static final Pattern EPOCH = word("epochs?");

    private static final String NAMED = "(?:[a-z_]+=|epochs?[-_ ]?)[-+]?[\\d.,]+(?:e[-+]?\\d+)?";
    private static final String FRACTION = "\\d+(?:[.,]\\d+)+(?:e[-+]?\\d+)?|(?<![a-z0-9])[.,]\\d+|\\d+e[-+]\\d+";
    private static final Pattern FREE = Pattern.compile(
            NAMED + "|" + FRACTION + "|(\\d++[km]?)(?![a-z0-9])|\\d[a-z0-9]+", Pattern.CASE_INSENSITIVE);

    private StepNames() {}

    private static Pattern word(String word) {
        return Pattern.compile(word + NUMBER, Pattern.CASE_INSENSITIVE);
    }

    /**
     * The steps of names that belong together; a name without one is left out.
     *
     * @param folder where they are, for errors
     * @param names without the suffix of files
     * @throws UserError if several numbers of a name could be its step, or a step is beyond 2^63
     */
    static Map<String, Long> of(Path folder, Collection<String> names) {
        Map<String, String> digits = new TreeMap<>();
        Map<String, List<String>> several = new TreeMap<>();
        for (String name : names) {
            List<String> free = free(name);
            Optional<String> named =
                    WORDS.stream().flatMap(word -> found(word, name).stream()).findFirst();
            if (named.isPresent()) {
                digits.put(name, named.get());
            } else if (free.size() == 1) {
                digits.put(name, free.get(0));
            } else if (free.isEmpty()) {
                found(EPOCH, name).ifPresent(number -> digits.put(name, number));
            } else {
                several.put(name, free);
            }
        }
        several.values().stream()
                .map(List::size)
                .distinct()
                .forEach(count -> digits.putAll(differing(folder, several, count)));
        return digits.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, named -> step(folder, named.getKey(), named.getValue())));
    }

    /** Whether some number in a name could be a step. */
    static boolean possible(String name) {
        return WORDS.stream().anyMatch(word -> word.matcher(name).find())
                || !free(name).isEmpty()
                || EPOCH.matcher(name).find();
    }

    private static Optional<String> found(Pattern word, String name) {
        Matcher matcher = word.matcher(name);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static List<String> free(String name) {
        List<String> numbers = new ArrayList<>();
        FREE.matcher(name).results().map(found -> found.group(1)).forEach(number -> {
            if (number != null) {
                numbers.add(number);
            }
        });
        return numbers;
    }

    /** Of names with {@code count} free numbers each that at the one place where they differ. */
    private static Map<String, String> differing(Path folder, Map<String, List<String>> several, int count) {
        Map<String, List<String>> same = new TreeMap<>(several);
        same.values().removeIf(numbers -> numbers.size() != count);
        int[] places = IntStream.range(0, count)
                .filter(place -> same.values().stream()
                                .map(numbers -> numbers.get(place))
                                .distinct()
                                .count()
                        > 1)
                .toArray();
        if (places.length == 1) {
            return same.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, named -> named.getValue()
                    .get(places[0])));
        }
        Map.Entry<String, List<String>> first = same.entrySet().iterator().next();
        throw new UserError("snapshots in " + folder + ": which number in '" + first.getKey() + "' is the step, "
                + String.join(" or ", first.getValue()) + "? Expected the word 'step' before it, for instance "
                + EXAMPLE
                + ". Rename them, or take them out of the folder");
    }

    private static long step(Path folder, String name, String digits) {
        try {
            char last = Character.toLowerCase(digits.charAt(digits.length() - 1));
            long unit = last == 'k' ? 1_000 : last == 'm' ? 1_000_000 : 1;
            String number = unit == 1 ? digits : digits.substring(0, digits.length() - 1);
            return Math.multiplyExact(Long.parseLong(number), unit);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new UserError(
                    "snapshot '" + name + "' in " + folder + ": " + digits
                            + " is too large a step; expected one below 2^63, for instance " + EXAMPLE
                            + ". Rename it, or take it out of the folder",
                    e);
        }
    }
}
