package holonomy.analysis;

import holonomy.data.Table;
import holonomy.geometry.Backbone;
import holonomy.geometry.Centring;
import holonomy.geometry.InitialDirection;
import holonomy.geometry.NoiseWalk;
import holonomy.geometry.Spectrum;
import holonomy.measure.BackbonePath;
import holonomy.measure.BackboneRows;
import holonomy.measure.Measure;
import holonomy.measure.TrajectorySpectrum;
import java.util.List;

/** The backbone of a path of snapshots beside that of weights that learn nothing ({@link NoiseWalk}): statistics of {@link BackboneRows} that need no snapshot at a certain step. */
final class PathBackbone {
    /** All matrices together. */
    static final String ALL = "all matrices";

    /** The kappa whose walk comes nearest to the path's distances, 1 of the walk itself. */
    static final String KAPPA = "kappa";

    static final List<Table.Column> COLUMNS = List.of(Measure.BLOCK, Measure.STATISTIC, Measure.SERIES, Measure.VALUE);

    private PathBackbone() {}

    /** @param rows with {@link #COLUMNS}. Modified. */
    static void write(InitialDirection path, NoiseWalk walk, Table.Builder rows) {
        write(path, walk, TrajectorySpectrum.MEASURED, rows);
        write(walk.path(path), walk, BackbonePath.NOISE_WALK, rows);
    }

    private static void write(InitialDirection path, NoiseWalk walk, String series, Table.Builder rows) {
        Spectrum spectrum = Spectrum.of(path.path(), Centring.ROW_NORMALISED);
        String block = path.path().block();
        rows.row(block, BackboneRows.PC1, series, spectrum.pc1Share());
        rows.row(
                block,
                BackboneRows.RAW_PC1,
                series,
                Spectrum.of(path.path(), Centring.FROM_START).pc1Share());
        rows.row(block, BackboneRows.K95, series, spectrum.r95());
        rows.row(
                block,
                BackboneRows.TO_DECAY,
                series,
                -Backbone.of(path.path(), Centring.ROW_NORMALISED).direction().cosineToInitial(path));
        rows.row(block, KAPPA, series, walk.fittedKappa(path));
    }
}
