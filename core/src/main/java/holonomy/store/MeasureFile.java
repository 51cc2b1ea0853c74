package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The spec of a measure, stored beside its table: {@code metrics/NAME-XXXXXXXX.json} beside {@code .parquet}. */
public final class MeasureFile {
    private MeasureFile() {}

    /** The file of the spec, from that of the table. */
    public static String spec(String table) {
        return table.substring(0, table.length() - ".parquet".length()) + ".json";
    }

    /** Number of measurements per run. */
    public static int count(JsonNode spec) {
        return spec.path("cadence").intValue();
    }

    /** Whether two measures are the same but for when they measure. */
    public static boolean sameButCadence(ObjectNode one, JsonNode other) {
        ObjectNode a = one.deepCopy();
        ObjectNode b = other.deepCopy();
        a.remove("cadence");
        b.remove("cadence");
        return holonomy.data.CanonicalJson.text(a).equals(holonomy.data.CanonicalJson.text(b));
    }
}
