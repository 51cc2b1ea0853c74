package holonomy.store;

import java.nio.file.Path;
import java.util.List;

/** A stored run is not what its manifest says, or a file of the store cannot be understood. */
public final class Damage extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;
    private final String file;
    private final String what;

    public Damage(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
        file = "";
        what = String.join("; ", problems);
    }

    /** Of one file, by its path in the run or beside others of its kind. */
    public Damage(String file, String what) {
        super(file + ": " + what);
        problems = List.of(file + ": " + what);
        this.file = file;
        this.what = what;
    }

    /** One line per problem: {@code FILE: WHAT}. */
    public List<String> problems() {
        return problems;
    }

    /** This as something left out, with what to do about it. */
    Unreadable leftOut(Path folder, String advice) {
        return new Unreadable(folder.resolve(file), what + "; " + advice);
    }
}
