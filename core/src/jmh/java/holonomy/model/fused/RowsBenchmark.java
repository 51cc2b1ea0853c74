package holonomy.model.fused;

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

/** Attention's element-wise kernels over the sequences of a batch: one score of one head is {@link #sumOfProducts} over its 32 features. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RowsBenchmark {
    private static final int FEATURES = 32;

    @Param({"64", "128"})
    int sequences;

    private float[][] a;
    private float[][] b;
    private float[] sum;

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        a = rows(random);
        b = rows(random);
        sum = new float[sequences];
    }

    private float[][] rows(SplittableRandom random) {
        float[][] rows = new float[FEATURES][sequences];
        for (float[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) random.nextDouble();
            }
        }
        return rows;
    }

    @Benchmark
    public float[] sumOfProducts() {
        Rows.sumOfProducts(sum, a, b, 0, FEATURES, false, sequences);
        return sum;
    }

    @Benchmark
    public float dot() {
        return Rows.dot(a[0], b[0], sequences);
    }
}
