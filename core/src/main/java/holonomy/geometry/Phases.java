package holonomy.geometry;

/**
 * The backbones of the two parts of a path that a snapshot parts (arXiv 2602.23696, section 4): the early one of the displacements from the start up to it, the late one of those from it to the end, both
 * row-normalised.
 *
 * <p>Their cosine is signed: decay undoes what grew early, so it is expected to be below 0 where nothing is learned, and its size alone can't tell.
 *
 * @param early v_E
 * @param late v_L
 * @param earlyShare lambda_1 / sum lambda of the early part, dimensionless
 * @param lateShare of the late part
 */
public record Phases(PathDirection early, PathDirection late, double earlyShare, double lateShare) {
    /**
     * Parted at a step.
     *
     * @throws holonomy.data.UserError if it has no snapshot
     */
    public static Phases at(Gram path, long step) {
        int parted = path.at(step);
        int n = path.snapshots();
        if (parted < 1 || parted > n - 2) {
            throw new holonomy.data.UserError(
                    "path of '" + path.block() + "': expected phases with a displacement each, found"
                            + " them parted at step " + step + ", the path's "
                            + (parted < 1 ? "first" : "last") + " snapshot");
        }
        Centring centring = Centring.ROW_NORMALISED;
        return new Phases(
                PathDirection.principal(path, 0, 1, parted + 1, centring),
                PathDirection.principal(path, parted, parted + 1, n, centring),
                Spectrum.of(path.prefix(parted + 1), centring).pc1Share(),
                Spectrum.of(path.from(parted, parted + 1, n), centring).pc1Share());
    }

    /** cos(v_E, v_L), signed. */
    public double cosine() {
        return early.cosine(late);
    }
}
