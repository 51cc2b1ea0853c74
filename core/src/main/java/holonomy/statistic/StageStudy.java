package holonomy.statistic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.Increments;
import holonomy.geometry.Spectrum;
import holonomy.geometry.Statistic;
import holonomy.geometry.Subspace;
import holonomy.geometry.Trajectory;
import holonomy.geometry.TrajectorySection;
import holonomy.geometry.WalkNull;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.run.Derived;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import holonomy.task.StagedTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The path of each block of some runs in each stage of the training and in all of it, and the principal angles between them, kept in the store: tables {@link #PATHS} (columns path, stage,
 * block, measured, walk, directions, weights) and {@link #ANGLES} (columns one, one_stage, other, other_stage, block, overlap, rank, degrees: successive stages of a run, and each
 * stage with the whole path of each run of its seed). A run is named by its id; stages count from 1, 0 is all of the run. Read by {@link StagePaths}.
 *
 * @param runs of one model
 * @param cuts for runs without stages: step before each stage, and the end
 * @param directions how many principal directions a subspace has
 * @param label for progress and lists
 */
public record StageStudy(RunSet runs, SnapshotPlan plan, List<Long> cuts, int directions, String label)
        implements Derived {
    /** The paths. */
    public static final String PATHS = "metrics/stage-paths.parquet";

    /** The angles between their subspaces. */
    public static final String ANGLES = "metrics/stage-angles.parquet";

    static final Table.Column PATH = Table.text("path");
    static final Table.Column STAGE = Table.whole("stage");
    static final Table.Column MEASURED = Table.quantity("measured");
    static final Table.Column WALK = Table.quantity("walk");
    static final Table.Column DIRECTIONS = Table.whole("directions");
    static final Table.Column WEIGHTS = Table.whole("weights");
    static final Table.Column ONE = Table.text("one");
    static final Table.Column ONE_STAGE = Table.whole("one_stage");
    static final Table.Column OTHER = Table.text("other");
    static final Table.Column OTHER_STAGE = Table.whole("other_stage");
    static final Table.Column OVERLAP = Table.quantity("overlap");
    static final Table.Column RANK = Table.whole("rank");
    static final Table.Column DEGREES = Table.quantity("degrees");

    /** The path of one block in one stage. */
    private record Part(RunSet.Member run, int stage, String block, Gram gram, Subspace subspace) {}

    @Override
    public String kind() {
        return "stages";
    }

    @Override
    public void describe(ObjectNode spec) {
        spec.put("directions", directions);
        spec.set("snapshots", plan.spec());
        cuts.forEach(spec.putArray("cuts")::add);
        StudiedRuns.put(runs.members(), spec);
    }

    @Override
    public long steps() {
        return runs.members().size();
    }

    /** Seed by seed, for only paths of one seed are compared: the directions of more would fill the memory. */
    @Override
    public ObjectNode compute(RunWriter writer, LongConsumer advanced) {
        Table.Builder paths = Table.builder(List.of(PATH, STAGE, Measure.BLOCK, MEASURED, WALK, DIRECTIONS, WEIGHTS));
        Table.Builder angles =
                Table.builder(List.of(ONE, ONE_STAGE, OTHER, OTHER_STAGE, Measure.BLOCK, OVERLAP, RANK, DEGREES));
        Map<Long, List<RunSet.Member>> bySeed = new LinkedHashMap<>();
        runs.members().forEach(run -> bySeed.computeIfAbsent(run.seed(), seed -> new ArrayList<>())
                .add(run));
        long done = 0;
        for (List<RunSet.Member> seed : bySeed.values()) {
            List<Part> parts = new ArrayList<>();
            for (RunSet.Member run : seed) {
                read(run, parts);
                advanced.accept(++done);
            }
            parts.forEach(part -> write(part, paths));
            for (Part one : parts) {
                parts.stream().filter(other -> isCompared(one, other)).forEach(other -> write(one, other, angles));
            }
        }
        writer.putTable(PATHS, paths.build());
        writer.putTable(ANGLES, angles.build());
        return JsonNodeFactory.instance.objectNode().put("runs", done);
    }

    private void read(RunSet.Member run, List<Part> parts) {
        List<Long> ends = run.task() instanceof StagedTask
                ? StageCuts.ends(run.task(), run.spec().training().steps())
                : cuts;
        try (StoredTrajectory whole = Snapshots.of(run.stored(), run.spec(), plan)) {
            add(run, 0, whole, parts);
            for (int stage = 1; stage < ends.size(); stage++) {
                add(run, stage, TrajectorySection.between(whole, ends.get(stage - 1), ends.get(stage)), parts);
            }
        }
    }

    private void add(RunSet.Member run, int stage, Trajectory path, List<Part> parts) {
        for (String block : path.blocks()) {
            Gram gram = Gram.of(path, block);
            parts.add(new Part(run, stage, block, gram, Subspace.principal(path, gram, Centring.CENTRED, directions)));
        }
    }

    private static boolean isCompared(Part one, Part other) {
        boolean next = one.run.equals(other.run) && other.stage == one.stage + 1;
        return one.stage > 0 && one.block.equals(other.block) && (next || other.stage == 0);
    }

    private static void write(Part part, Table.Builder paths) {
        Gram walk = new WalkNull.Uncorrelated().path(Increments.of(part.gram));
        paths.row(
                part.run.id(),
                part.stage,
                part.block,
                rank(part.gram),
                rank(walk),
                part.subspace.size(),
                part.subspace.dimension());
    }

    private static double rank(Gram gram) {
        return Statistic.R90_INTERPOLATED.of(Spectrum.of(gram, Centring.CENTRED));
    }

    private static void write(Part one, Part other, Table.Builder angles) {
        var between = one.subspace.anglesTo(other.subspace);
        double[] radians = between.radians();
        for (int i = 0; i < radians.length; i++) {
            angles.row(
                    one.run.id(),
                    one.stage,
                    other.run.id(),
                    other.stage,
                    one.block,
                    between.overlap(),
                    i + 1,
                    Math.toDegrees(radians[i]));
        }
    }
}
