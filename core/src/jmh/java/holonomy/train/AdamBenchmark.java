package holonomy.train;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** AdamW's step on as many parameters as the published attention-only model has. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AdamBenchmark {
    private static final int PARAMETERS = 367_000;

    private float[] theta;
    private float[] gradient;
    private OptimizerState state;

    @Setup
    public void start() {
        SplittableRandom random = new SplittableRandom(1);
        theta = new float[PARAMETERS];
        gradient = new float[PARAMETERS];
        for (int i = 0; i < PARAMETERS; i++) {
            gradient[i] = (float) random.nextDouble(-1, 1);
        }
        state = AdamW.of(1e-3).start(PARAMETERS);
    }

    @Benchmark
    public float[] step() {
        state.step(theta, gradient, 1);
        return theta;
    }
}
