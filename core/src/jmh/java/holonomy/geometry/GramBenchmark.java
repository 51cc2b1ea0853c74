package holonomy.geometry;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One matrix of the published model, 128 x 128, over training: its Gram matrix, one more snapshot's row, and the eigenvalues. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class GramBenchmark {
    private static final int DIMENSION = 128 * 128;

    @Param({"41", "200"})
    int snapshots;

    private ArrayTrajectory trajectory;
    private Gram before;
    private SymmetricMatrix displacements;

    @Setup
    public void walk() {
        SplittableRandom random = new SplittableRandom(1);
        float[][] path = new float[snapshots][DIMENSION];
        for (int i = 1; i < snapshots; i++) {
            for (int d = 0; d < DIMENSION; d++) {
                path[i][d] = path[i - 1][d] + (float) random.nextDouble(-1, 1);
            }
        }
        trajectory = ArrayTrajectory.of("W_Q", path);
        before = Gram.of(trajectory.prefix(snapshots - 1), "W_Q");
        displacements = Gram.of(trajectory, "W_Q").displacements();
    }

    @Benchmark
    public Gram whole() {
        return Gram.of(trajectory, "W_Q");
    }

    @Benchmark
    public Gram oneMoreSnapshot() {
        return before.extended(trajectory);
    }

    @Benchmark
    public double[] eigenvalues() {
        return SymmetricEigen.values(displacements);
    }
}
