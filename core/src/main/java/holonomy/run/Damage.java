package holonomy.run;

import java.util.List;

/** A stored run is not what its manifest says. */
final class Damage extends Exception {
    private final transient List<String> problems;

    Damage(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    List<String> problems() {
        return problems;
    }
}
