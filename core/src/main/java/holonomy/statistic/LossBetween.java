package holonomy.statistic;

import holonomy.curvature.LossCurvature;
import holonomy.curvature.SymmetricOperator;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/** The loss of a run's task at any weights [P], nats: mean over the same few batches, of the training's size and drawn anew, by the training's own float32 network. */
final class LossBetween implements ToDoubleFunction<double[]>, AutoCloseable {
    /** Forward passes that cost as much as a gradient. */
    static final double FORWARDS = 3;

    private final Network network;
    private final List<Network> precise = new ArrayList<>();
    private final List<Batch> batches;

    /** @param count number of batches */
    LossBetween(RunSpec spec, int count) {
        network = spec.model().open(ComputeDevice.CPU);
        Stream drawn = Stream.of(spec.initSeed(), "loss between weights");
        long last = spec.training().steps();
        batches = LongStream.range(0, count)
                .mapToObj(i -> spec.weighted(
                        spec.task().batch(drawn, i, spec.training().batch()), last))
                .toList();
    }

    @Override
    public double applyAsDouble(double[] theta) {
        float[] narrow = new float[theta.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) theta[i];
        }
        double sum = 0;
        for (Batch batch : batches) {
            sum += network.loss(narrow, batch);
        }
        return sum / batches.size();
    }

    /** The mean Hessian of the same batches at theta [P], in float64; its products can be asked for until this is closed. */
    SymmetricOperator hessian(double[] theta) {
        if (precise.isEmpty()) {
            precise.add(network.openTwinInFloat64());
        }
        return SymmetricOperator.mean(batches.stream()
                .map(batch -> LossCurvature.hessian(precise.get(0), theta, batch))
                .toList());
    }

    @Override
    public void close() {
        precise.forEach(Network::close);
        network.close();
    }
}
