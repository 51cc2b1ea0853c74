package holonomy.measure;

import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.HeadProduct;
import holonomy.geometry.NullSpectrum;
import holonomy.geometry.Shrinkage;
import holonomy.geometry.Spectrum;
import holonomy.geometry.Statistic;
import holonomy.geometry.Trajectory;
import holonomy.geometry.WalkNull;
import holonomy.geometry.Windows;
import holonomy.model.Layout;
import holonomy.model.Model;
import holonomy.model.Role;
import holonomy.model.WeightGroup;
import holonomy.train.RunSpec;
import java.util.List;

/**
 * The dimension of the path of every head's products W_Q'W_K and W_O W_V ({@link HeadProduct}) at the end of training: every {@link Statistic} of the centred
 * spectrum, beside the uncorrelated walk and drift plus noise with the same increment lengths. All values dimensionless.
 *
 * @param snapshots of the attention matrices
 */
public record HeadSpectrum(SnapshotPlan snapshots) implements PathMeasure {
    public HeadSpectrum {
        if (snapshots.group() == WeightGroup.MLP) {
            throw new UserError("spectra of heads: expected snapshots of the attention matrices, found those of "
                    + snapshots.group());
        }
        PathMeasure.requireAtLeast(Windows.FIRST, snapshots, "spectra of heads");
    }

    @Override
    public String name() {
        return "heads";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(LAYER, HEAD, MATRIX, STEP, STATISTIC, SERIES, VALUE);
    }

    @Override
    public int semantics() {
        return 3;
    }

    @Override
    public void requireMeaning(RunSpec run) {
        requireForms(run.model(), "spectra of heads");
    }

    /** Makes sure that the products of a model's heads are what its heads compute. */
    public static void requireForms(Model model, String what) {
        if (model.rotatesKeys()) {
            throw new UserError(what + ": a score of '" + model.label()
                    + "' depends on where query and key stand, so that no " + HeadProduct.QK.label()
                    + " is its form; use a model without rotary positions, or spectra of the matrices");
        }
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory trajectory = moment.trajectory(snapshots);
        Model model = moment.run().model();
        for (int layer = 0; layer < model.layers(); layer++) {
            for (int head = 0; head < model.heads(); head++) {
                for (HeadProduct product : HeadProduct.values()) {
                    Trajectory path = product.path(trajectory, layer, head, model.heads(), model.width());
                    Shrinkage decay = decay(product, moment.run(), layer);
                    Gram gram = Gram.of(path, product.block(layer, head));
                    Object[] place = {(long) layer, (long) head, product.label(), moment.step()};
                    write(gram, place, decay, rows);
                }
            }
        }
    }

    /** A product of two matrices that decay alike decays twice as fast as each. */
    private static Shrinkage decay(HeadProduct product, RunSpec run, int layer) {
        Layout layout = run.model().layout();
        Role left = product == HeadProduct.QK ? Role.QUERY : Role.OUTPUT;
        Role right = product == HeadProduct.QK ? Role.KEY : Role.VALUE;
        return run.shrinkage(layout.block(left.in(layer))).times(run.shrinkage(layout.block(right.in(layer))));
    }

    private static void write(Gram gram, Object[] place, Shrinkage decay, Table.Builder rows) {
        Spectrum measured = Spectrum.of(gram, Centring.CENTRED);
        for (Statistic statistic : Statistic.values()) {
            row(rows, place, statistic, TrajectorySpectrum.MEASURED, statistic.of(measured));
        }
        for (WalkNull walk : List.of(new WalkNull.Uncorrelated(), new WalkNull.DriftPlusNoise(decay))) {
            NullSpectrum under = NullSpectrum.of(walk, gram, Centring.CENTRED);
            for (Statistic statistic : Statistic.values()) {
                row(rows, place, statistic, under.label(), under.mean(statistic));
            }
        }
    }

    private static void row(Table.Builder rows, Object[] place, Statistic statistic, String series, double value) {
        rows.row(place[0], place[1], place[2], place[3], statistic.label(), series, value);
    }
}
