package holonomy.lease;

/** Another process has taken a run over: what was being done to it here must end at once, without writing anything. */
public final class LockLost extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LockLost(String message) {
        super(message);
    }

    public LockLost(String message, Throwable cause) {
        super(message, cause);
    }
}
