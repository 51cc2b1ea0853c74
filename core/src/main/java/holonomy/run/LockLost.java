package holonomy.run;

/** Another process has taken a run over: what was being done to it here must end at once, without writing anything. */
final class LockLost extends RuntimeException {
    private static final long serialVersionUID = 1;

    LockLost(String message) {
        super(message);
    }

    LockLost(String message, Throwable cause) {
        super(message, cause);
    }
}
