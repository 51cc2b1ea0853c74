package holonomy.data;

/**
 * A mistake of the person who wrote the script, the command or the configuration, or something about their machine that they can mend.
 *
 * <p>The message is complete: what, where, expected, found, what to do. The command line prints it without a stack trace and exits with 2.
 */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
