package holonomy.train;

import holonomy.data.UserError;

/**
 * The edge of stability: the largest eigenvalue under which an optimiser's steps on a quadratic don't grow,
 *
 * <pre>
 *   gradient descent        lambda_1(H)       2 / eta
 *   momentum mu             lambda_1(H)       (2 + 2 mu) / eta,      Nesterov's (2 + 2 mu) / ((1 + 2 mu) eta)
 *   Adam                    lambda_1(P^-1 H)  (2 + 2 b1) / ((1 - b1) eta),      38 / eta at b1 = .9
 * </pre>
 *
 * <p>eta the learning rate without a schedule and without decay. Sources: arXiv 2103.00065 (gradient descent, momentum), 2207.14484 (Adam, P as in {@link
 * AdamW#preconditioner}).
 *
 * @param preconditioned whether it is an eigenvalue of P^-1 H that is held against it
 * @param eigenvalue in nats per squared weight norm; preconditioned, per weight norm
 */
public record Edge(boolean preconditioned, double eigenvalue) {
    /**
     * That of an optimiser.
     *
     * @throws UserError if none is known
     */
    public static Edge of(Optimizer optimizer) {
        if (optimizer instanceof Sgd sgd) {
            double mu = sgd.momentum();
            double slower = sgd.nesterov() ? 1 + 2 * mu : 1;
            return new Edge(false, (2 + 2 * mu) / (slower * sgd.learningRate()));
        }
        if (optimizer instanceof AdamW adam) {
            return new Edge(true, (2 + 2 * adam.beta1()) / ((1 - adam.beta1()) * adam.learningRate()));
        }
        throw new UserError("edge of stability: expected SGD or AdamW, found "
                + optimizer.getClass().getSimpleName() + "; no eigenvalue is known that it is stable under");
    }
}
