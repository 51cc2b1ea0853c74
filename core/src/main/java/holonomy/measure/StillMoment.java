package holonomy.measure;

import holonomy.geometry.Trajectory;
import holonomy.model.Network;
import holonomy.train.FrozenStep;
import holonomy.train.OptimizerState;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A moment of given weights, outside any training: for measuring stored or constructed weights, and for timing measures. There is no latest step.
 *
 * @param theta [P]; not copied
 * @param network of the run's model; stays open
 * @param path the snapshots that {@link #trajectory} gives, whatever plan is asked for
 * @param optimizer the state whose next step is {@link #nextStep}
 */
public record StillMoment(
        RunSpec run,
        long step,
        float[] theta,
        Network network,
        Trajectory path,
        OptimizerState optimizer,
        List<Network> precise)
        implements Moment, AutoCloseable {
    public StillMoment(
            RunSpec run, long step, float[] theta, Network network, Trajectory path, OptimizerState optimizer) {
        this(run, step, theta, network, path, optimizer, new ArrayList<>());
    }

    @Override
    public Network preciseNetwork() {
        if (precise.isEmpty()) {
            precise.add(network.openTwinInFloat64());
        }
        return precise.get(0);
    }

    @Override
    public FrozenStep nextStep() {
        return new FrozenStep(run.training(), optimizer, run.scheduleFactor(step));
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

    /** Closes the float64 network, if one was made. */
    @Override
    public void close() {
        precise.forEach(Network::close);
    }
}
