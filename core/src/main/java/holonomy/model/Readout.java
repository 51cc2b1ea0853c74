package holonomy.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The positions whose residual stream becomes logits.
 *
 * @param place which
 * @param given the positions, where they are given one by one, else empty
 */
public record Readout(Place place, List<Integer> given) implements Design.Choice {
    /** Which positions. */
    public enum Place {
        FIRST,
        LAST,
        ALL,
        GIVEN
    }

    public static final Readout FIRST = new Readout(Place.FIRST, List.of());
    public static final Readout LAST = new Readout(Place.LAST, List.of());
    public static final Readout ALL = new Readout(Place.ALL, List.of());

    public Readout {
        given = List.copyOf(given);
    }

    /** These positions, 0 .. T-1, in this order. */
    public static Readout at(int... positions) {
        return new Readout(Place.GIVEN, IntStream.of(positions).boxed().toList());
    }

    /**
     * The positions in a sequence of T tokens.
     *
     * @throws UserError if one doesn't exist or is there twice, or there is none
     */
    public List<Integer> positions(int length) {
        if (place == Place.GIVEN
                && (given.isEmpty()
                        || new HashSet<>(given).size() < given.size()
                        || given.stream().anyMatch(at -> at < 0 || at >= length))) {
            throw new UserError("model: read-out expected at positions 0.." + (length - 1) + " of a sequence of "
                    + length + " tokens, each once and at least one, found " + given);
        }
        return switch (place) {
            case FIRST -> List.of(0);
            case LAST -> List.of(length - 1);
            case ALL -> IntStream.range(0, length).boxed().toList();
            case GIVEN -> given;
        };
    }

    void write(ObjectNode node) {
        node.put("readout", place.name());
        given.forEach(at -> node.withArray("positions").add(at));
    }

    static Readout read(Fields fields) {
        Place place = fields.oneOf("readout", Place.class);
        return new Readout(place, place == Place.GIVEN ? fields.wholes("positions") : List.of());
    }
}
