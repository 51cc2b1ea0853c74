package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.InitialDirection;
import holonomy.geometry.NoiseWalk;
import holonomy.geometry.Shrinkage;
import holonomy.geometry.Trajectory;
import holonomy.model.Block;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The backbone of the path of all the plan's blocks together ("trunk") and of each layer, w_0 the first snapshot (arXiv 2602.23696; spec/backbone.md, section 4): curves over the snapshots, windows and phases, and
 * numbers of the whole run, each of the path as it is and without its component along w_0. Beside each the same number of walks that learn nothing, by the same code:
 *
 * <pre>
 *   noise walk   the closed form of decayed noise, without a fitted parameter (of an optimiser that normalises its gradients)
 *   decay only   what decay leaves of the initial weights
 * </pre>
 *
 * <p>The phases part at two fifths of the steps, windows have {@link BackboneRows#WINDOW} snapshots after the first (a path with fewer has none). A statistic of the whole run stands at its last step.
 *
 * <p>Of a window of the path there are curves, shares and the cosines of updates within and after it; what parts the run (phases, regimes) has no meaning there.
 *
 * @param snapshots the path
 * @param window the part of it; empty for all of it
 */
public record BackbonePath(SnapshotPlan snapshots, Optional<PathWindow> window) implements Measure {
    /** Which blocks: {@link #TRUNK}, or a layer. */
    public static final Table.Column PART = Table.text("part");

    /** All blocks of the plan together. */
    public static final String TRUNK = "trunk";

    /** Fewest snapshots whose phases both have more than one displacement. */
    private static final int LEAST = 6;

    /** The series of the noise walk. */
    public static final String NOISE_WALK = "noise walk";

    /** The series of decay alone. */
    public static final String DECAY_ONLY = "decay only";

    /** Of the whole path. */
    public BackbonePath(SnapshotPlan snapshots) {
        this(snapshots, Optional.empty());
    }

    public BackbonePath {
        if (snapshots.cadence().count() < LEAST) {
            throw new UserError(
                    "backbone: expected at least " + LEAST + " snapshots, a displacement of each phase, found "
                            + snapshots.cadence().count());
        }
    }

    @Override
    public String name() {
        return "backbone";
    }

    @Override
    public Cadence cadence() {
        return Cadence.atEnd();
    }

    @Override
    public Set<SnapshotPlan> needs() {
        return Set.of(snapshots);
    }

    @Override
    public boolean snapshotsOnly() {
        return true;
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(DecayControls.OF_PATH, PART, SERIES, STATISTIC, STEP, VALUE);
    }

    @Override
    public int semantics() {
        return 2;
    }

    @Override
    public ObjectNode parameters() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("snapshots", snapshots.spec());
        window.ifPresent(part -> node.set("window", part.spec()));
        return node;
    }

    /** Phases must part at a snapshot, a window begin and end at one, and all of the planned snapshots must come. */
    @Override
    public void requireMeaning(RunSpec run) {
        if (run.training().stopRule().isPresent()) {
            throw new UserError("backbone: expected a run of a set number of steps, found one that may stop before ("
                    + run.label() + "); leave the stop rule out");
        }
        long steps = run.training().steps();
        if (window.isPresent()) {
            requireHit(window.get(), steps);
        } else {
            requireParted(steps);
        }
    }

    private void requireHit(PathWindow part, long steps) {
        part.needed(steps)
                .filter(step -> !snapshots.cadence().due(step, steps))
                .findFirst()
                .ifPresent(missed -> {
                    throw new UserError("backbone: expected snapshots at the steps " + part.first(steps) + " and "
                            + part.last(steps) + " of " + steps + ", where the window begins and ends, and every "
                            + part.lag(steps) + " steps from its first on; found none at step " + missed + " among "
                            + snapshots.cadence().count()
                            + "; take one more than a multiple of twenty (21, 41, 81) that divides the steps evenly");
                });
    }

    private void requireParted(long steps) {
        long parted = BackboneRows.parted(steps);
        if (!snapshots.cadence().due(parted, steps)) {
            throw new UserError("backbone: expected a snapshot at step " + parted + ", two fifths of " + steps
                    + " steps, where the phases part; found none among "
                    + snapshots.cadence().count()
                    + "; take one more than a multiple of five (21, 51) that divides the steps evenly");
        }
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory trajectory = moment.trajectory(snapshots);
        RunSpec run = moment.run();
        double[] rates = run.rates(moment.step());
        Map<String, Parts> parts = new LinkedHashMap<>();
        parts.put(TRUNK, new Parts());
        for (String name : trajectory.blocks()) {
            Block block = run.model().layout().block(name);
            Shrinkage decay = run.shrinkage(block);
            InitialDirection measured = InitialDirection.of(trajectory, name);
            List<Parts> of = List.of(
                    parts.get(TRUNK),
                    parts.computeIfAbsent(
                            block.layer() < 0 ? "outside the layers" : "layer " + block.layer(), part -> new Parts()));
            of.forEach(part -> part.add(DecayControls.PATH, measured));
            if (run.training().optimizer().normalises()) {
                NoiseWalk walk = NoiseWalk.of(
                        rates, block.decays() ? run.training().optimizer().weightDecay() : 0);
                of.forEach(part -> part.add(NOISE_WALK, walk.path(measured)));
            }
            of.forEach(part -> part.add(DECAY_ONLY, NoiseWalk.decayOnly(measured, decay)));
        }
        parts.forEach((part, of) -> of.series.forEach(
                (series, blocks) -> write(part, series, InitialDirection.sum(part, blocks), moment.step(), rows)));
    }

    /** Adds the rows of one series of a part, as it is and without its component along w_0, for a run that ended at a step. @param rows with {@link #columns()}. Modified. */
    public void write(String part, String series, InitialDirection path, long steps, Table.Builder rows) {
        BackboneRows whole = new BackboneRows(DecayControls.MEASURED, part, series, steps, rows);
        window.ifPresentOrElse(of -> whole.write(path, of), () -> whole.write(path));
        if (!series.equals(DECAY_ONLY)) {
            BackboneRows rest = new BackboneRows(DecayControls.START_REMOVED, part, series, steps, rows);
            window.ifPresentOrElse(of -> rest.write(path.removed(), of), () -> rest.write(path.removed()));
        }
    }

    /** The paths of some blocks, by series. */
    private static final class Parts {
        private final Map<String, List<InitialDirection>> series = new LinkedHashMap<>();

        void add(String name, InitialDirection block) {
            series.computeIfAbsent(name, key -> new ArrayList<>()).add(block);
        }
    }
}
