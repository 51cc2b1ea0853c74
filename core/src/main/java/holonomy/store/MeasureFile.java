package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.measure.Cadence;

/** The spec of a measure, stored beside its table: {@code metrics/NAME-XXXXXXXX.json} beside {@code .parquet}. */
public final class MeasureFile {
    private MeasureFile() {}

    /** The file of the spec, from that of the table. */
    public static String spec(String table) {
        return table.substring(0, table.length() - ".parquet".length()) + ".json";
    }

    /** When the measure measures. */
    public static Cadence cadence(JsonNode spec) {
        return Cadence.fromSpec(new Fields("measure", spec), "cadence");
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
