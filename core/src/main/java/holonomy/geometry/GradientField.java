package holonomy.geometry;

/** The gradient of one fixed loss (a model on one batch) as a function of the weights. */
@FunctionalInterface
public interface GradientField {
    /**
     * d loss / d theta, a new vector [P].
     *
     * @param theta [P]; not modified
     */
    double[] at(double[] theta);
}
