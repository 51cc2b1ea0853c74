package holonomy.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A JSON object read by its keys. A key that is missing, or whose value is of another kind, is a {@link UserError} that names the place and the
 * key, what was expected and what was found.
 *
 * @param place where the object stands, for instance {@code run.training}
 * @param node the object. Not modified.
 */
public record Fields(String place, JsonNode node) {
    private static final int LONGEST_VALUE = 60;

    public Fields {
        if (!node.isObject()) {
            throw new UserError(place + ": expected a JSON object, found " + shown(node));
        }
    }

    /** Whether the key is there. */
    public boolean has(String key) {
        return node.has(key);
    }

    /** A whole number of 32 bits. */
    public int whole(String key) {
        JsonNode value = value(key, "a whole number");
        require(value.isIntegralNumber() && value.canConvertToInt(), key, "a whole number of 32 bits", value);
        return value.intValue();
    }

    /** A whole number of 64 bits. */
    public long wide(String key) {
        JsonNode value = value(key, "a whole number");
        require(value.isIntegralNumber() && value.canConvertToLong(), key, "a whole number of 64 bits", value);
        return value.longValue();
    }

    /** A number, whole or not. */
    public double number(String key) {
        JsonNode value = value(key, "a number");
        require(value.isNumber() && Double.isFinite(value.doubleValue()), key, "a number", value);
        return value.doubleValue();
    }

    /** True or false. */
    public boolean flag(String key) {
        JsonNode value = value(key, "true or false");
        require(value.isBoolean(), key, "true or false", value);
        return value.booleanValue();
    }

    /** A text. */
    public String text(String key) {
        JsonNode value = value(key, "a text");
        require(value.isTextual(), key, "a text", value);
        return value.textValue();
    }

    /** A name among those of {@code kinds}. */
    public <E extends Enum<E>> E oneOf(String key, Class<E> kinds) {
        String text = text(key);
        E[] all = kinds.getEnumConstants();
        return Arrays.stream(all)
                .filter(kind -> kind.name().equals(text))
                .findFirst()
                .orElseThrow(() -> wrong(
                        key,
                        Arrays.stream(all).map(Enum::name).collect(Collectors.joining(", ", "one of ", "")),
                        shown(node.get(key))));
    }

    /** An object inside this one. */
    public Fields object(String key) {
        return new Fields(place + "." + key, value(key, "a JSON object"));
    }

    /** An object inside this one; empty if the key is not there. */
    public Optional<Fields> optional(String key) {
        return has(key) ? Optional.of(object(key)) : Optional.empty();
    }

    /** The objects of a list inside this one. */
    public List<Fields> objects(String key) {
        JsonNode list = list(key);
        List<Fields> objects = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            objects.add(new Fields(place + "." + key + "[" + i + "]", list.get(i)));
        }
        return objects;
    }

    /** A list of texts. */
    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : list(key)) {
            require(value.isTextual(), key, "texts", value);
            texts.add(value.textValue());
        }
        return texts;
    }

    /** A list of whole numbers of 32 bits. */
    public List<Integer> wholes(String key) {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode value : list(key)) {
            require(value.isIntegralNumber() && value.canConvertToInt(), key, "whole numbers of 32 bits", value);
            numbers.add(value.intValue());
        }
        return numbers;
    }

    /**
     * Makes sure that nothing was overlooked: what was read, written again, is what was given. A key that this version doesn't know, a word that
     * means another thing now, and a number out of range all show.
     *
     * @param read the data of what was made of these fields. Not modified.
     */
    public void sameAs(JsonNode read) {
        if (!CanonicalJson.text(read).equals(CanonicalJson.text(node))) {
            throw difference(place, read, node)
                    .orElseThrow(() -> new IllegalStateException(place + ": " + read + " is not " + node));
        }
    }

    private static Optional<UserError> difference(String path, JsonNode read, JsonNode given) {
        Map<String, JsonNode> ours = parts(read);
        Map<String, JsonNode> theirs = parts(given);
        if (ours.isEmpty() && theirs.isEmpty()) {
            return CanonicalJson.text(read).equals(CanonicalJson.text(given))
                    ? Optional.empty()
                    : Optional.of(unlike(path, shown(read), shown(given)));
        }
        for (Map.Entry<String, JsonNode> part : theirs.entrySet()) {
            JsonNode own = ours.remove(part.getKey());
            String inner = path + part.getKey();
            if (own == null) {
                return Optional.of(unlike(inner, "nothing", shown(part.getValue())));
            }
            Optional<UserError> found = difference(inner, own, part.getValue());
            if (found.isPresent()) {
                return found;
            }
        }
        return ours.entrySet().stream()
                .findFirst()
                .map(part -> unlike(path + part.getKey(), shown(part.getValue()), "nothing"));
    }

    private static UserError unlike(String path, String expected, String found) {
        return new UserError(path + ": this version of Holonomy takes it for something else: expected " + expected
                + ", found " + found);
    }

    /** What stands inside an object or a list, by how it is reached; empty for anything else. */
    private static Map<String, JsonNode> parts(JsonNode node) {
        Map<String, JsonNode> parts = new TreeMap<>();
        node.properties().forEach(property -> parts.put("." + property.getKey(), property.getValue()));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            parts.put("[" + i + "]", node.get(i));
        }
        return parts;
    }

    private JsonNode list(String key) {
        JsonNode value = value(key, "a list");
        require(value.isArray(), key, "a list", value);
        return value;
    }

    private JsonNode value(String key, String expected) {
        JsonNode value = node.get(key);
        if (value == null) {
            List<String> keys = new ArrayList<>();
            node.fieldNames().forEachRemaining(keys::add);
            throw wrong(key, expected, keys.isEmpty() ? "nothing" : "only " + cut(String.join(", ", keys)));
        }
        return value;
    }

    private void require(boolean holds, String key, String expected, JsonNode found) {
        if (!holds) {
            throw wrong(key, expected, shown(found));
        }
    }

    private UserError wrong(String key, String expected, String found) {
        return new UserError(place + ": expected " + expected + " under '" + key + "', found " + found);
    }

    private static String shown(JsonNode value) {
        return cut(value.toString());
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + " ...";
    }
}
