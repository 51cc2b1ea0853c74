package holonomy.store;

import holonomy.data.UserError;
import java.util.List;

/** A file of a finished run was to be used and is not what the run's manifest says. Nothing is made of it. */
public final class DamagedRun extends UserError {
    private static final long serialVersionUID = 1;

    private final String id;
    private final transient List<String> problems;

    DamagedRun(SetAside event) {
        super(event.message());
        this.id = event.id();
        this.problems = event.problems();
    }

    public String id() {
        return id;
    }

    public List<String> problems() {
        return problems;
    }
}
