package holonomy.geometry;

import java.util.ArrayList;
import java.util.List;

/**
 * How an update {@code w_t+lag - w_t} lies to a backbone, as a signed cosine. Three definitions are in use in arXiv 2602.23696, which differ in what v has seen of the update; only the last is in
 * part out of sample. A walk without learning has them too.
 *
 * @param step the step that the update is noted at
 * @param cosine cos(update, v), signed, dimensionless
 */
public record UpdateAlignment(double step, double cosine) {
    /** Raw v of the whole path of a block; every update from a snapshot to the next, noted in the middle. */
    public static List<UpdateAlignment> ofBlock(Gram block) {
        PathDirection v = PathDirection.principal(block, Centring.FROM_START);
        long[] steps = block.steps();
        List<UpdateAlignment> updates = new ArrayList<>();
        for (int t = 1; t < steps.length; t++) {
            updates.add(new UpdateAlignment((steps[t - 1] + steps[t]) / 2.0, v.cosine(t - 1, t)));
        }
        return updates;
    }

    /**
     * Row-normalised v of the whole path of the trunk; the update of the {@code lag} steps before each snapshot that has one exactly so much earlier, noted at its end.
     *
     * @throws holonomy.data.UserError if no two snapshots are so far apart
     */
    public static List<UpdateAlignment> ofTrunk(Gram trunk, long lag) {
        PathDirection v = PathDirection.principal(trunk, Centring.ROW_NORMALISED);
        long[] steps = trunk.steps();
        List<UpdateAlignment> updates = new ArrayList<>();
        for (int t = 1; t < steps.length; t++) {
            int before = java.util.Arrays.binarySearch(steps, steps[t] - lag);
            if (before >= 0) {
                updates.add(new UpdateAlignment(steps[t], v.cosine(before, t)));
            }
        }
        if (updates.isEmpty()) {
            trunk.at(steps[steps.length - 1] - lag);
        }
        return updates;
    }

    /**
     * Row-normalised v of the window {@code first .. last} of the trunk's path, told from its first snapshot; the update of the {@code lag} steps after each of some steps, noted at its beginning. Those
     * that lie outside of the window are out of sample.
     *
     * @throws holonomy.data.UserError if a step has no snapshot
     */
    public static List<UpdateAlignment> ofWindow(Gram trunk, long first, long last, long lag, List<Long> at) {
        int from = trunk.at(first);
        PathDirection v = PathDirection.principal(trunk, from, from + 1, trunk.at(last) + 1, Centring.ROW_NORMALISED);
        return at.stream()
                .map(step -> new UpdateAlignment(step, v.cosine(trunk.at(step), trunk.at(step + lag))))
                .toList();
    }
}
