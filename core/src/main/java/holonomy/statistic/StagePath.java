package holonomy.statistic;

import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.Increments;
import holonomy.geometry.OverlapNull;
import holonomy.geometry.Spectrum;
import holonomy.geometry.Statistic;
import holonomy.geometry.Subspace;
import holonomy.geometry.Trajectory;
import holonomy.geometry.TrajectorySection;
import holonomy.geometry.WalkNull;
import holonomy.measure.SnapshotPlan;
import holonomy.run.Snapshots;
import holonomy.run.StoredTrajectory;
import holonomy.stats.Scale;
import holonomy.task.StagedTask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The path of one block in one stage of one run: only increments within the stage count.
 *
 * @param stage counted from 1; 0 for all of the run
 * @param measured its dimension, r90 interpolated
 * @param walk that of an uncorrelated walk of the same step lengths
 * @param subspace its top principal directions
 */
public record StagePath(RunSet.Member run, int stage, String block, double measured, double walk, Subspace subspace) {
    /** The kind of matrix. */
    public String matrix() {
        return run.spec().model().layout().block(block).role().label();
    }

    /**
     * Every block's path in each stage of each run, and in all of it.
     *
     * @param cuts for runs without stages: step before each stage, and the end
     */
    public static List<StagePath> of(RunSet runs, SnapshotPlan plan, long[] cuts, int directions) {
        List<StagePath> paths = new ArrayList<>();
        for (RunSet.Member run : runs.members()) {
            long[] ends = run.task() instanceof StagedTask
                    ? StageCuts.ends(run.task(), run.spec().training().steps())
                    : cuts;
            try (StoredTrajectory whole = Snapshots.of(run.stored(), run.spec(), plan)) {
                add(run, 0, whole, directions, paths);
                for (int stage = 1; stage < ends.length; stage++) {
                    Trajectory section = TrajectorySection.between(whole, ends[stage - 1], ends[stage]);
                    add(run, stage, section, directions, paths);
                }
            }
        }
        return paths;
    }

    private static void add(RunSet.Member run, int stage, Trajectory path, int directions, List<StagePath> paths) {
        for (String block : path.blocks()) {
            Gram gram = Gram.of(path, block);
            Gram walk = new WalkNull.Uncorrelated().path(Increments.of(gram));
            Subspace subspace = Subspace.principal(path, gram, Centring.CENTRED, directions);
            paths.add(new StagePath(run, stage, block, rank(gram), rank(walk), subspace));
        }
    }

    private static double rank(Gram gram) {
        return Statistic.R90_INTERPOLATED.of(Spectrum.of(gram, Centring.CENTRED));
    }

    /** Each stage and the next of the same run and block. */
    public static List<Pair> successive(List<StagePath> parts) {
        Map<List<String>, List<StagePath>> own = new LinkedHashMap<>();
        for (StagePath part : parts) {
            own.computeIfAbsent(List.of(part.run.id(), part.block), key -> new ArrayList<>())
                    .add(part);
        }
        List<Pair> pairs = new ArrayList<>();
        for (List<StagePath> paths : own.values()) {
            paths.sort(Comparator.comparingInt(StagePath::stage));
            for (int i = 1; i < paths.size(); i++) {
                pairs.add(new Pair(paths.get(i - 1), paths.get(i)));
            }
        }
        return pairs;
    }

    /** Two subspaces of one block of one seed. */
    public record Pair(StagePath one, StagePath other) {
        /** Mean squared cosine. */
        public double overlap() {
            return one.subspace.anglesTo(other.subspace).overlap();
        }

        /** Principal angles in degrees, ascending. */
        public double[] degrees() {
            return StagePath.degrees(one.subspace, other.subspace);
        }

        /** The overlap over its chance level; 1 at chance, undefined for subspaces without a direction. */
        public double overChance() {
            boolean empty = one.subspace.size() == 0 || other.subspace.size() == 0;
            return empty ? Double.NaN : overlap() / chance(1).mean();
        }

        /** The null of the mean overlap over {@code count} such blocks: chi^2(count k^2) / (count k D), as of one pair in count D. */
        public OverlapNull chance(int count) {
            int size = one.subspace.size();
            return new OverlapNull(size, other.subspace.size() * count, (long) one.subspace.dimension() * count);
        }
    }

    static double[] degrees(Subspace one, Subspace other) {
        double[] angles = one.anglesTo(other).radians().clone();
        for (int i = 0; i < angles.length; i++) {
            angles[i] = Math.toDegrees(angles[i]);
        }
        return angles;
    }

    /** Overlap of successive stages' directions over its chance level, mean over blocks and stages; 1 at chance. */
    public static RunNumber overlapOfSuccessive(List<StagePath> parts, int directions) {
        String label = "overlap of successive stages' top " + directions + " directions over chance";
        return new RunNumber(label, Scale.LOG, runs -> {
            Map<String, List<Double>> ratios = new LinkedHashMap<>();
            for (Pair pair : successive(parts)) {
                ratios.computeIfAbsent(pair.one.run.id(), run -> new ArrayList<>())
                        .add(pair.overChance());
            }
            Map<String, Double> means = new LinkedHashMap<>();
            ratios.forEach((run, own) -> means.put(
                    run,
                    Reduction.MEAN.of(own.stream().mapToDouble(ratio -> ratio).toArray())));
            return means;
        });
    }
}
