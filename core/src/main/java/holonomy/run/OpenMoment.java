package holonomy.run;

import holonomy.geometry.Trajectory;
import holonomy.measure.Moment;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Network;
import holonomy.store.Snapshots;
import holonomy.store.StoredTrajectory;
import holonomy.train.FrozenStep;
import holonomy.train.Observer;
import holonomy.train.RunSpec;
import holonomy.train.TrainingState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A moment that closes the trajectories opened for it. Every access asks first whether the run is to stop: a measure, however long it
 * takes, is given up within the time between two accesses.
 *
 * @param asks throws {@link MeasurementDropped} when the run is to stop
 */
record OpenMoment(
        RunSpec run,
        Network network,
        TrainingState state,
        Observer.Step latest,
        Function<String, Path> file,
        Runnable asks,
        Map<SnapshotPlan, StoredTrajectory> opened,
        List<Network> precise)
        implements Moment, AutoCloseable {
    OpenMoment(
            RunSpec run,
            Network network,
            TrainingState state,
            Observer.Step latest,
            Function<String, Path> file,
            Runnable asks) {
        this(run, network, state, latest, file, asks, new LinkedHashMap<>(), new ArrayList<>());
        network.beforeEachCall(asks);
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
    public Network preciseNetwork() {
        if (precise.isEmpty()) {
            Network twin = network.openTwinInFloat64();
            twin.beforeEachCall(asks);
            precise.add(twin);
        }
        return precise.get(0);
    }

    @Override
    public FrozenStep nextStep() {
        return new FrozenStep(run.training(), state.optimizer(), run.scheduleFactor(state.step()));
    }

    @Override
    public double trainingLoss() {
        return latest.loss();
    }

    @Override
    public double gradientNorm() {
        return latest.gradientNorm();
    }

    @Override
    public Trajectory trajectory(SnapshotPlan plan) {
        return new Interruptible(opened.computeIfAbsent(plan, p -> Snapshots.upTo(state.step(), run, p, file)), asks);
    }

    @Override
    public void close() {
        network.beforeEachCall(() -> {});
        opened.values().forEach(StoredTrajectory::close);
        precise.forEach(Network::close);
    }

    /** A trajectory that asks before it is read. */
    private record Interruptible(Trajectory trajectory, Runnable asks) implements Trajectory {
        @Override
        public List<String> blocks() {
            return trajectory.blocks();
        }

        @Override
        public long dimension(String block) {
            return trajectory.dimension(block);
        }

        @Override
        public long[] steps() {
            return trajectory.steps();
        }

        @Override
        public void read(int snapshot, String block, long offset, float[] into, int length) {
            asks.run();
            trajectory.read(snapshot, block, offset, into, length);
        }
    }
}
