package holonomy.run;

/** Hears what the runner does. Calls come from worker threads; an implementation must be thread-safe and quick. */
public interface Progress {
    /** A run starts on a worker, or goes on from a checkpoint at {@code fromStep}. */
    void started(String runId, String label, int worker, long fromStep, long steps);

    /** The optimiser has taken {@code step} steps; {@code loss} is the training loss of the latest batch, in nats. */
    void advanced(String runId, long step, double loss);

    /** A run is being made by another process, {@code owner}; the runner does others meanwhile and comes back. */
    default void waiting(String runId, String label, String owner) {}

    /** A run has ended. {@code cause} is one line for people when it failed or diverged, else empty. */
    void ended(String runId, Outcome outcome, String cause);

    /** How a run ended. */
    enum Outcome {
        COMPLETE,
        DIVERGED,
        FAILED,
        INTERRUPTED
    }

    /** Hears nothing. */
    Progress NONE = new Progress() {
        @Override
        public void started(String runId, String label, int worker, long fromStep, long steps) {}

        @Override
        public void advanced(String runId, long step, double loss) {}

        @Override
        public void ended(String runId, Outcome outcome, String cause) {}
    };
}
