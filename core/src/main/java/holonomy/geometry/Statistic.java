package holonomy.geometry;

import java.util.function.ToDoubleFunction;

/** The statistics of a spectrum, by the names that tables and figures use. All dimensionless; NaN where the spectrum is undefined. */
public enum Statistic {
    R90("r90", Spectrum::r90),
    R90_INTERPOLATED("r90 interpolated", Spectrum::r90Interpolated),
    R95("r95", Spectrum::r95),
    R99("r99", Spectrum::r99),
    PC1_SHARE("PC1 share", Spectrum::pc1Share),
    PARTICIPATION_RATIO("participation ratio", Spectrum::participationRatio),
    ENTROPY_RANK("entropy rank", Spectrum::entropyRank),
    ENTROPY_RANK_SINGULAR_VALUES("entropy rank of singular values", Spectrum::entropyRankOfSingularValues);

    private final String label;
    private final ToDoubleFunction<Spectrum> value;

    Statistic(String label, ToDoubleFunction<Spectrum> value) {
        this.label = label;
        this.value = value;
    }

    /** Its name in tables and figures, for instance {@code PC1 share}. */
    public String label() {
        return label;
    }

    /** Its value of a spectrum. */
    public double of(Spectrum spectrum) {
        return value.applyAsDouble(spectrum);
    }
}
