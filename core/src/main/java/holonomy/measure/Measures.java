package holonomy.measure;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Measures from their stored specs. */
public final class Measures {
    private Measures() {}

    /** The measure whose {@link Measure#spec()} this is; empty if this version has no way back from that kind, or the kind means another thing now. */
    public static Optional<Measure> fromSpec(JsonNode spec) {
        Cadence cadence = new Cadence(spec.path("cadence").asInt(1));
        Measure measure =
                switch (spec.path("name").asText()) {
                    case "training" -> new TrainingCurve(cadence);
                    case "accuracy" ->
                        new Accuracy(cadence, spec.at("/parameters/sequences").asInt(1));
                    default -> null;
                };
        return Optional.ofNullable(measure).filter(made -> made.spec().equals(spec));
    }
}
