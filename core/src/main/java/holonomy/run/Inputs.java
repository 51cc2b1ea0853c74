package holonomy.run;

import holonomy.store.Store;
import java.util.Map;

/** What trainings take from other runs: directions of interventions ({@link StoredBases}) and states to start from ({@link Forks}). */
public final class Inputs {
    private Inputs() {}

    /**
     * Checks that all that is taken from other runs is in the store, or will be there because these requests make it.
     *
     * @param wanted by id, one request per run ({@link RunRequest#merged})
     * @throws holonomy.data.UserError otherwise: nothing is to be trained
     */
    public static void require(Store store, Map<String, RunRequest> wanted) {
        StoredBases.require(store, wanted);
        Forks.require(store, wanted);
    }
}
