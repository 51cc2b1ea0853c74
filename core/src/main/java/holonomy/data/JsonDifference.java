package holonomy.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One place in which two JSON texts differ.
 *
 * @param path keys from the root, joined by dots
 * @param one what stands there in the first; {@code -} for nothing
 * @param other what stands there in the second
 */
public record JsonDifference(String path, String one, String other) {
    /** Every place in which two nodes at {@code path} differ, by key; objects are compared key by key, anything else whole. */
    public static List<JsonDifference> between(String path, @Nullable JsonNode one, @Nullable JsonNode other) {
        List<JsonDifference> found = new ArrayList<>();
        collect(path, one, other, found);
        return found;
    }

    private static void collect(
            String path, @Nullable JsonNode one, @Nullable JsonNode other, List<JsonDifference> found) {
        if (one == null ? other == null : one.equals(other)) {
            return;
        }
        if (isObject(one) && isObject(other) && !(one == null && other == null)) {
            TreeSet<String> keys = new TreeSet<>();
            for (JsonNode node : new JsonNode[] {one, other}) {
                if (node != null) {
                    node.fieldNames().forEachRemaining(keys::add);
                }
            }
            for (String key : keys) {
                collect(path + "." + key, at(one, key), at(other, key), found);
            }
            return;
        }
        found.add(new JsonDifference(path, text(one), text(other)));
    }

    private static boolean isObject(@Nullable JsonNode node) {
        return node == null || node.isObject() && !node.isEmpty();
    }

    private static @Nullable JsonNode at(@Nullable JsonNode node, String key) {
        return node == null ? null : node.get(key);
    }

    private static String text(@Nullable JsonNode node) {
        return node == null ? "-" : node.toString();
    }
}
