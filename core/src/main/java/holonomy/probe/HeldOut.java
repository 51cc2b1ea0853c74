package holonomy.probe;

/** Rows that training never sees, and how well a probe does on them. */
final class HeldOut {
    private final float[] rows;
    private final int width;
    private final double variance;

    HeldOut(Activations activations, int from, int most) {
        width = activations.width();
        rows = activations.rows(from, Math.min(most, activations.count() - from));
        variance = Moments.of(Activations.of(rows, width), rows.length / width).variance();
    }

    /** [n, d], not scaled. */
    float[] rows() {
        return rows;
    }

    /**
     * @param loss in scaled units
     * @param fvu fraction of variance unexplained, sum |x^ - x|^2 / sum |x - mean|^2; NaN where the rows have no variance
     * @param active mean number of active latents
     */
    record Quality(double loss, double fvu, double active) {}

    Quality measure(SparseProbe probe, double l1, Products products) {
        Codes codes = probe.encode(rows, products);
        float[] back = probe.decode(codes);
        double squares = 0;
        for (int i = 0; i < rows.length; i++) {
            squares += (back[i] - rows[i]) * (back[i] - rows[i]);
        }
        double mean = squares * width / rows.length;
        double loss = mean * probe.scale() * probe.scale() + l1 * codes.meanSum();
        return new Quality(loss, variance > 0 ? mean / variance : Double.NaN, codes.meanActive());
    }
}
