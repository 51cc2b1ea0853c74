package holonomy.run;

import holonomy.data.Identity;
import holonomy.data.UserError;
import holonomy.model.Layout;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import holonomy.store.WeightsFile;
import holonomy.train.Fork;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The states of finished runs that other runs start from. */
final class Forks {
    private Forks() {}

    /** The state that a training begins with: initial values, or those of the run it starts from, with its optimiser's state if that is kept. */
    static TrainingState start(Store store, RunSpec spec) {
        TrainingState state = TrainingState.initial(spec);
        spec.start().ifPresent(fork -> {
            StoredRun from = store.find(fork.run())
                    .orElseThrow(() -> refused(fork, spec.label(), "that run is not in the store " + store.root()));
            RunSpec itsSpec = RunSpec.fromSpec(from.spec());
            String file = file(from, fork, spec.label());
            state.startFrom(WeightsFile.read(from.verified(file), itsSpec, fork.step()));
        });
        return state;
    }

    /**
     * Checks that each run that others start from is there or among the wanted ones, has the same weights, and keeps the state that is asked for.
     *
     * @param wanted by id
     * @throws UserError otherwise: nothing is to be trained
     */
    static void require(Store store, Map<String, RunRequest> wanted) {
        wanted.values().forEach(request -> request.spec()
                .start()
                .ifPresent(fork -> require(store, wanted.get(fork.run()), fork, request)));
    }

    private static void require(Store store, @Nullable RunRequest from, Fork fork, RunRequest request) {
        StoredRun stored = store.find(fork.run()).orElse(null);
        if (from == null && stored == null) {
            throw refused(
                    fork,
                    request.label(),
                    "that run is neither wanted nor in the store " + store.root() + "; train it too");
        }
        RunSpec itsSpec = from == null ? RunSpec.fromSpec(stored.spec()) : from.spec();
        Layout layout = itsSpec.model().layout();
        if (!layout.blocks().equals(request.spec().model().layout().blocks())) {
            throw refused(
                    fork,
                    request.label(),
                    "expected the same model, found " + itsSpec.model().label() + " there and "
                            + request.spec().model().label() + " here");
        }
        boolean kept = from != null
                && (from.states().contains(fork.step())
                        || fork.step() == itsSpec.training().steps());
        if (!kept && stored != null) {
            file(stored, fork, request.label());
        } else if (!kept) {
            throw refused(fork, request.label(), "its request doesn't keep that state: " + from.label());
        }
    }

    /** The file that holds a state. */
    private static String file(StoredRun run, Fork fork, String label) {
        String kept = WeightsFile.at(fork.step());
        if (run.has(kept)) {
            return kept;
        }
        long last = run.summary().path("step").longValue();
        if (last == fork.step()) {
            return WeightsFile.FINAL;
        }
        throw refused(
                fork,
                label,
                last < fork.step()
                        ? "that run ended at step " + last
                        : "that run has not kept its state there; ask for it where that run is declared, and it is made");
    }

    private static UserError refused(Fork fork, String label, String why) {
        return new UserError("fork: '" + label + "' starts after step " + fork.step() + " of run "
                + Identity.shortened(fork.run()) + ": " + why);
    }
}
