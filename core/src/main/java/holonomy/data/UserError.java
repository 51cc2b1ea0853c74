package holonomy.data;

import org.jspecify.annotations.Nullable;

/**
 * A problem that the user caused and can mend: a script, an option, a file, a full disk.
 *
 * <p>Its message is complete: what is wrong, where, what was expected, what was found, what to do. It is shown as it is, without a
 * stack trace, and ends the program with exit code 2.
 */
public class UserError extends RuntimeException {
    public UserError(String message) {
        super(message);
    }

    public UserError(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
