package holonomy.geometry;

/**
 * What chance gives a projection: of the energy share {@code rho^2 = |B'v|^2/|v|^2} the mean and the 2.5 % and 97.5 % quantiles, and the mean of rho
 * itself. All dimensionless, in 0 .. 1; NaN for v = 0.
 *
 * @param mean E[rho^2]
 * @param low 2.5 % quantile of rho^2
 * @param high 97.5 % quantile of rho^2
 * @param meanRho E[rho]
 */
public record NullEnergy(double mean, double low, double high, double meanRho) {
    /** {@code rho / sqrt(mean)}: a measured projection in units of chance. */
    public double ratio(double rho) {
        return rho / Math.sqrt(mean);
    }
}
