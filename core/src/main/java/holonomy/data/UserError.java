package holonomy.data;

/** A mistake of the user: a script, an option, a configuration, a file. Its message says what, where, expected, found, what to do. */
public class UserError extends RuntimeException {
    public UserError(String message) {
        super(message);
    }
}
