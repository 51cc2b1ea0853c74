package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;

/**
 * The steps at which an intervention acts: {@code from}, {@code from + every}, ... ; step s is the one taken after s others.
 *
 * @param from the first, at least 0
 * @param every distance in steps; 0 for once
 */
public record Window(long from, long every) {
    public Window {
        if (from < 0 || every < 0) {
            throw new UserError("intervention: steps expected from 0 on and every 1 or more (0 for once), found from "
                    + from + ", every " + every);
        }
    }

    /** Every step from this one on. */
    public static Window from(long step) {
        return new Window(step, 1);
    }

    /** One step only. */
    public static Window once(long step) {
        return new Window(step, 0);
    }

    /** Whether an intervention acts at a step. */
    public boolean holds(long step) {
        return every == 0 ? step == from : step >= from && (step - from) % every == 0;
    }

    ObjectNode spec() {
        return JsonNodeFactory.instance.objectNode().put("from", from).put("every", every);
    }

    static Window fromSpec(Fields fields) {
        return new Window(fields.wide("from"), fields.wide("every"));
    }
}
