package holonomy.measure;

import holonomy.data.Table;
import holonomy.geometry.Commutator;
import holonomy.geometry.NullEnergy;
import holonomy.task.Batch;
import holonomy.task.Marks;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the table of {@link CommutatorMeasure}. */
final class CommutatorRows {
    /** float32 or float64. */
    private static final Table.Column PRECISION = Table.text("precision");

    /** Step size; missing for the optimiser's own steps. */
    private static final Table.Column ETA = Table.quantity("eta");

    /** |delta|, weight norm. */
    private static final Table.Column DELTA = Table.quantity("delta");

    /** |a|, length of step A, weight norm. */
    private static final Table.Column STEP_A = Table.quantity("step_a");

    /** |b|, weight norm. */
    private static final Table.Column STEP_B = Table.quantity("step_b");

    /** Relative difference between float32 and float64; missing where it was not checked. */
    private static final Table.Column ROUNDING = Table.quantity("rounding");

    /** Directions of the basis. */
    private static final Table.Column DIRECTIONS = Table.whole("directions");

    /** rho^2, its share of energy, dimensionless. */
    private static final Table.Column RHO_SQUARED = Table.quantity("rho_squared");

    /** Weights without a gradient. */
    private static final Table.Column ZERO_GRADIENT = Table.quantity("zero_gradient");

    private static final List<Table.Column> OF_PAIR = List.of(
            Measure.STEP,
            CommutatorMeasure.PAIR,
            CommutatorMeasure.VARIANT,
            PRECISION,
            CommutatorMeasure.M_A,
            CommutatorMeasure.M_B);
    private static final List<Table.Column> OF_COMMUTATOR = List.of(
            ETA,
            DELTA,
            STEP_A,
            STEP_B,
            CommutatorMeasure.GRADIENT_A,
            CommutatorMeasure.GRADIENT_B,
            CommutatorMeasure.DEFECT,
            CommutatorMeasure.CLOSURE,
            CommutatorMeasure.COSINE,
            ROUNDING);
    private static final List<Table.Column> OF_PROJECTION = Stream.of(
                    Stream.of(
                            CommutatorMeasure.VECTOR,
                            CommutatorMeasure.BASIS,
                            DIRECTIONS,
                            CommutatorMeasure.NORM,
                            CommutatorMeasure.RHO,
                            RHO_SQUARED,
                            CommutatorMeasure.PERPENDICULAR_SHARE,
                            CommutatorMeasure.ONE_MINUS_RHO),
                    CommutatorMeasure.ISOTROPIC.all(),
                    CommutatorMeasure.MATCHED.all(),
                    Stream.of(ZERO_GRADIENT))
            .flatMap(s -> s)
            .toList();

    static final List<Table.Column> COLUMNS = Stream.of(OF_PAIR, OF_COMMUTATOR, OF_PROJECTION)
            .flatMap(List::stream)
            .toList();

    private final long step;
    private final Table.Builder rows;

    CommutatorRows(long step, Table.Builder rows) {
        this.step = step;
        this.rows = rows;
    }

    /**
     * One commutator.
     *
     * @param eta step size; NaN for the optimiser's own
     * @param gradientA |g_A|
     * @param rounding relative difference between float32 and float64; NaN where it was not checked
     */
    void commutator(Label label, Commutator found, double eta, double gradientA, double gradientB, double rounding) {
        row(
                label,
                new Object[] {
                    eta,
                    found.norm(),
                    found.stepA(),
                    found.stepB(),
                    gradientA,
                    gradientB,
                    found.defect(),
                    found.closure(),
                    found.cosine(),
                    rounding
                },
                new Object[OF_PROJECTION.size()]);
    }

    /** One projection: rho and what follows from it, each under its own name, and both nulls. */
    void projection(
            Label label,
            String vector,
            String basis,
            int directions,
            double norm,
            double energy,
            NullEnergy isotropic,
            NullEnergy matched,
            long zeroGradient) {
        double rho = Math.sqrt(energy);
        row(label, new Object[OF_COMMUTATOR.size()], new Object[] {
            vector,
            basis,
            directions,
            norm,
            rho,
            energy,
            Math.sqrt(Math.max(0, 1 - energy)),
            1 - rho,
            isotropic.mean(),
            isotropic.low(),
            isotropic.high(),
            isotropic.meanRho(),
            matched.mean(),
            matched.low(),
            matched.high(),
            matched.meanRho(),
            zeroGradient
        });
    }

    private void row(Label label, @Nullable Object[] commutator, @Nullable Object[] projection) {
        Object[] pair = {step, label.pair, label.variant, label.precision, label.mA, label.mB};
        rows.row(Stream.of(pair, commutator, projection).flatMap(Arrays::stream).toArray());
    }

    /**
     * Which pair, measured how.
     *
     * @param mA m of batch A; missing where its sequences differ in it
     */
    record Label(int pair, String variant, String precision, @Nullable Long mA, @Nullable Long mB) {
        static Label of(int pair, String variant, String precision, Batch a, Batch b) {
            return new Label(pair, variant, precision, commonM(a), commonM(b));
        }

        private static @Nullable Long commonM(Batch batch) {
            int[] counts = Arrays.stream(Marks.of(batch).counts()).distinct().toArray();
            return counts.length == 1 ? (Long) (long) counts[0] : null;
        }
    }
}
