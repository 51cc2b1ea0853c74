package holonomy.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One text for one JSON value, so that equal values have equal bytes. It follows RFC 8785 (JSON Canonicalization Scheme): object keys
 * sorted by UTF-16 code units, no spaces, strings escaped only where JSON demands it, doubles as the shortest text that reads back.
 *
 * <p>Three departures. Whole numbers held as int, long or big integer are written in full, beyond 2^53 too, so that 64-bit seeds are
 * exact. Negative zero is refused, because it would share the text of zero. NaN and infinities are refused, as in the RFC. A double
 * without fraction has the text of the whole number ({@code 1.0} is {@code 1}), so reading a text and writing it again changes nothing.
 */
public final class CanonicalJson {
    private CanonicalJson() {}

    /**
     * The canonical text of a value.
     *
     * @param value not modified
     * @throws UserError if it holds something without a canonical text; the message names the path of it, such as {@code $.model.width}
     */
    public static String text(JsonNode value) {
        StringBuilder out = new StringBuilder();
        write(value, "$", out);
        return out.toString();
    }

    /** The canonical text as UTF-8. */
    public static byte[] bytes(JsonNode value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }

    private static void write(JsonNode value, String path, StringBuilder out) {
        switch (value.getNodeType()) {
            case OBJECT -> writeObject(value, path, out);
            case ARRAY -> writeArray(value, path, out);
            case STRING -> writeString(value.textValue(), path, out);
            case NUMBER -> out.append(number(value, path));
            case BOOLEAN, NULL -> out.append(value.asText());
            default -> throw refused(path, "a JSON value", value.getNodeType() + " " + value);
        }
    }

    private static void writeObject(JsonNode object, String path, StringBuilder out) {
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        Collections.sort(keys);
        out.append('{');
        for (int i = 0; i < keys.size(); i++) {
            String key = keys.get(i);
            out.append(i == 0 ? "" : ",");
            writeString(key, path, out);
            out.append(':');
            write(object.get(key), path + "." + key, out);
        }
        out.append('}');
    }

    private static void writeArray(JsonNode array, String path, StringBuilder out) {
        out.append('[');
        for (int i = 0; i < array.size(); i++) {
            out.append(i == 0 ? "" : ",");
            write(array.get(i), path + "[" + i + "]", out);
        }
        out.append(']');
    }

    private static String number(JsonNode value, String path) {
        if (value.isIntegralNumber()) {
            return value.bigIntegerValue().toString();
        }
        double number = value.doubleValue();
        if (!Double.isFinite(number)) {
            throw refused(path, "a finite number", value.asText());
        }
        if (number == 0 && Double.doubleToRawLongBits(number) != 0) {
            throw refused(path, "zero without a sign", "-0.0");
        }
        String text = ShortestNumber.of(number);
        if (value.isBigDecimal() && new BigDecimal(text).compareTo(value.decimalValue()) != 0) {
            throw refused(path, "a number that a double can hold", value.asText());
        }
        return text;
    }

    private static void writeString(String text, String path, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw refused(path, "text in Unicode", "a lone surrogate at position " + i);
                }
                out.append(c).append(text.charAt(++i));
            } else {
                writeCharacter(c, out);
            }
        }
        out.append('"');
    }

    private static void writeCharacter(char c, StringBuilder out) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c < ' ') {
                    out.append("\\u00").append(c < 16 ? "0" : "").append(Integer.toHexString(c));
                } else {
                    out.append(c);
                }
            }
        }
    }

    private static UserError refused(String path, String expected, String found) {
        return new UserError("canonical JSON at " + path + ": expected " + expected + ", found " + found
                + "; an identity is made of plain JSON values only");
    }
}
