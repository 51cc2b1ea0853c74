package holonomy.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Parses and checks the JSON header of a safetensors file: non-negative shapes, data without hole, overlap or rest. A tensor of a number type that is not known
 * here (the format grows: F4, F8_E8M0) keeps its place in the data, its length unchecked; it can't be read.
 */
final class SafeTensorsHeader {
    /** How the format names number types. */
    private static final Pattern TYPE = Pattern.compile("[A-Z]+[0-9]+(_[A-Z0-9]+)*");

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Bytes of the data, counted from its start, that belong to a tensor. */
    private sealed interface Span {
        String name();

        long begin();

        long end();
    }

    /** Where a tensor of a type not known here lies. */
    record Unknown(String name, String dtype, long[] shape, long begin, long end) implements Span {}

    /** Where a tensor lies: {@code begin} and {@code end} in bytes from the start of the data. */
    record Entry(String name, Dtype dtype, long[] shape, long begin, long end) implements Span {
        long count() {
            return (end - begin) / dtype.width();
        }
    }

    private final Path file;
    private final SortedMap<String, Entry> entries = new TreeMap<>();
    private final SortedMap<String, Unknown> unknown = new TreeMap<>();
    private final SortedMap<String, String> metadata = new TreeMap<>();

    private SafeTensorsHeader(Path file) {
        this.file = file;
    }

    SortedMap<String, Entry> entries() {
        return entries;
    }

    SortedMap<String, Unknown> unknown() {
        return unknown;
    }

    SortedMap<String, String> metadata() {
        return metadata;
    }

    /**
     * Reads a header.
     *
     * @param text the header's bytes
     * @param dataBytes length of the data behind it
     * @throws UserError if the header is not valid for data of that length
     */
    static SafeTensorsHeader parse(Path file, byte[] text, long dataBytes) {
        SafeTensorsHeader header = new SafeTensorsHeader(file);
        header.readAll(header.tree(text));
        header.checkLayout(dataBytes);
        return header;
    }

    private JsonNode tree(byte[] text) {
        try {
            JsonNode tree = JSON.readTree(text);
            if (tree.isObject()) {
                return tree;
            }
            throw damaged(
                    file,
                    "a header that is a JSON object",
                    tree.getNodeType().toString().toLowerCase(Locale.ROOT));
        } catch (JsonProcessingException e) {
            throw damaged(file, "a header in JSON", e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readAll(JsonNode tree) {
        for (Map.Entry<String, JsonNode> property : tree.properties()) {
            if (property.getKey().equals(SafeTensors.METADATA)) {
                property.getValue()
                        .properties()
                        .forEach(text ->
                                metadata.put(text.getKey(), text.getValue().asText()));
            } else {
                read(property.getKey(), property.getValue());
            }
        }
    }

    private void read(String name, JsonNode node) {
        String dtype = node.path("dtype").asText();
        Dtype known = Arrays.stream(Dtype.values())
                .filter(type -> type.name().equals(dtype))
                .findAny()
                .orElse(null);
        if (known == null && !TYPE.matcher(dtype).matches()) {
            throw damaged(
                    file, "tensor '" + name + "' with a dtype such as " + List.of(Dtype.values()), "'" + dtype + "'");
        }
        long[] shape = wholeNumbers(name, "shape", node.path("shape"));
        long[] offsets = wholeNumbers(name, "data_offsets", node.path("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw damaged(
                    file,
                    "tensor '" + name + "' with data_offsets [begin, end]",
                    node.path("data_offsets").toString());
        }
        if (known == null) {
            unknown.put(name, new Unknown(name, dtype, shape, offsets[0], offsets[1]));
        } else {
            entries.put(name, checked(new Entry(name, known, shape, offsets[0], offsets[1])));
        }
    }

    private Entry checked(Entry entry) {
        long bytes = bytes(entry);
        if (bytes != entry.end - entry.begin) {
            String shape = Arrays.toString(entry.shape).replace(" ", "");
            throw damaged(
                    file,
                    "tensor '" + entry.name + "' of " + bytes + " bytes (" + entry.dtype + " " + shape + ")",
                    (entry.end - entry.begin) + " bytes");
        }
        return entry;
    }

    private long[] wholeNumbers(String name, String field, JsonNode array) {
        long[] numbers = new long[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode number = array.get(i);
            if (number == null || !number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
                throw damaged(file, "tensor '" + name + "' with whole numbers from 0 in " + field, array.toString());
            }
            numbers[i] = number.longValue();
        }
        if (!array.isArray()) {
            throw damaged(
                    file,
                    "tensor '" + name + "' with an array " + field,
                    array.isMissingNode() ? "none" : array.toString());
        }
        return numbers;
    }

    private long bytes(Entry entry) {
        try {
            long bytes = entry.dtype.width();
            for (long length : entry.shape) {
                bytes = Math.multiplyExact(bytes, length);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw damaged(file, "tensor '" + entry.name + "' of at most 2^63 bytes", Arrays.toString(entry.shape));
        }
    }

    private void checkLayout(long dataBytes) {
        List<Span> inOrder = new ArrayList<>(entries.values());
        inOrder.addAll(unknown.values());
        inOrder.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
        long at = 0;
        for (Span span : inOrder) {
            if (span.begin() != at) {
                throw damaged(
                        file,
                        "tensor '" + span.name() + "' to begin at byte " + at + " of the data",
                        "byte " + span.begin());
            }
            at = span.end();
        }
        if (at != dataBytes) {
            throw damaged(file, at + " bytes of data", dataBytes + " bytes");
        }
    }

    static UserError damaged(Path file, String expected, String found) {
        return new UserError("safetensors file " + file + " is damaged or not of this format: expected " + expected
                + ", found " + found);
    }
}
