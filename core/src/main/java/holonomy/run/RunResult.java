package holonomy.run;

import holonomy.store.StoredRun;
import java.util.Optional;

/**
 * What became of a request.
 *
 * @param request what was wanted
 * @param outcome how it ended
 * @param run the stored run, when it is complete or diverged
 * @param reused whether nothing had to be computed
 * @param cause one line for people when it failed or diverged, else empty
 */
public record RunResult(
        RunRequest request, Progress.Outcome outcome, Optional<StoredRun> run, boolean reused, String cause) {}
