package holonomy.measure;

import holonomy.data.Table;
import holonomy.geometry.Commutator;
import holonomy.geometry.NullEnergy;
import holonomy.task.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the table of {@link CommutatorMeasure}. */
final class CommutatorRows {
    private static final List<Table.Column> OF_PAIR = List.of(
            Table.whole("step"),
            Table.whole("pair"),
            Table.text("variant"),
            Table.text("precision"),
            Table.whole("m_a"),
            Table.whole("m_b"));
    private static final List<String> OF_COMMUTATOR = List.of(
            "eta", "delta", "step_a", "step_b", "gradient_a", "gradient_b", "defect", "closure", "cosine", "rounding");
    private static final List<String> OF_PROJECTION = List.of(
            "norm",
            "rho",
            "rho_squared",
            "perpendicular_share",
            "one_minus_rho",
            "isotropic_mean",
            "isotropic_low",
            "isotropic_high",
            "isotropic_rho",
            "matched_mean",
            "matched_low",
            "matched_high",
            "matched_rho",
            "zero_gradient");

    static final List<Table.Column> COLUMNS = Stream.of(
                    OF_PAIR.stream(),
                    OF_COMMUTATOR.stream().map(Table::quantity),
                    Stream.of(Table.text("vector"), Table.text("basis"), Table.whole("directions")),
                    OF_PROJECTION.stream().map(Table::quantity))
            .flatMap(s -> s)
            .collect(Collectors.toUnmodifiableList());

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
                new Object[OF_PROJECTION.size() + 3]);
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
            int[] counts = Arrays.stream(batch.markers()).distinct().toArray();
            return counts.length == 1 ? (Long) (long) counts[0] : null;
        }
    }
}
