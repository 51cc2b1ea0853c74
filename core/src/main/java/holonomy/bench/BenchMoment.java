package holonomy.bench;

import holonomy.geometry.ArrayTrajectory;
import holonomy.geometry.Trajectory;
import holonomy.measure.Moment;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.train.FrozenStep;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A moment of the bench's training, its attention matrices' path kept in memory. */
record BenchMoment(RunSpec run, TrainingState state, Network network, Network preciseNetwork, ArrayTrajectory path)
        implements Moment {
    /** The moment after some steps, with a snapshot before the first and after each. */
    static BenchMoment after(int steps, Subject subject, Network precise) {
        Map<String, float[][]> path = new LinkedHashMap<>();
        long[] at = new long[steps + 1];
        for (int i = 0; i <= steps; i++) {
            at[i] = i;
            for (Block block : subject.spec().model().layout().group(WeightGroup.ATTENTION)) {
                float[] theta = subject.state().theta();
                path.computeIfAbsent(block.name(), name -> new float[steps + 1][])[i] =
                        Arrays.copyOfRange(theta, block.offset(), block.offset() + block.size());
            }
            if (i < steps) {
                subject.steps(1);
            }
        }
        return new BenchMoment(
                subject.spec(), subject.state(), subject.network(), precise, ArrayTrajectory.of(path, at));
    }

    @Override
    public long step() {
        return state.step();
    }

    @Override
    public float[] theta() {
        return state.theta();
    }

    @Override
    public FrozenStep nextStep() {
        return new FrozenStep(run.training().optimizer(), state.optimizer(), 1);
    }

    @Override
    public double trainingLoss() {
        return Double.NaN;
    }

    @Override
    public double gradientNorm() {
        return Double.NaN;
    }

    @Override
    public Trajectory trajectory(SnapshotPlan plan) {
        return path;
    }
}
