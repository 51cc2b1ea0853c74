package holonomy.measure;

import holonomy.data.Table;
import java.util.List;

/**
 * The training loss of the latest batch (nats) and the norm of its gradient before clipping (nats per weight unit).
 *
 * @param cadence when
 */
public record TrainingCurve(Cadence cadence) implements Measure {
    /** Loss of the step's batch, nats. */
    public static final Table.Column LOSS = Table.quantity("loss");

    /** |g| of that batch, nats per weight norm. */
    public static final Table.Column GRADIENT_NORM = Table.quantity("gradient_norm");

    @Override
    public String name() {
        return "training";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, LOSS, GRADIENT_NORM);
    }

    @Override
    public boolean isOfItsStep() {
        return true;
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        rows.row(moment.step(), moment.trainingLoss(), moment.gradientNorm());
    }
}
