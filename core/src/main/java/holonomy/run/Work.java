package holonomy.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.model.ComputeDevice;
import holonomy.model.Network;
import holonomy.train.RunSpec;
import holonomy.train.Trainer;
import holonomy.train.TrainingState;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What a step costs depends on model and batch alone: runs with the same work per step take about the same time per step on a machine. */
public final class Work {
    private static final int SPELL = 5;
    private static final int LEAST = 3;
    private static final long ENOUGH = TimeUnit.SECONDS.toNanos(3);

    private Work() {}

    /**
     * Steps per second of a run's training on a device; nothing is measured or stored. A few steps from the start are timed again and again for three seconds, and the
     * quickest spell counts: the first ones also pay for compilation, tenfold in a process that has not trained yet.
     */
    public static double stepsPerSecond(RunSpec spec, ComputeDevice device) {
        return stepsPerSecond(spec, device, System::nanoTime);
    }

    /** @param clock nanoseconds, as {@link System#nanoTime} */
    static double stepsPerSecond(RunSpec wanted, ComputeDevice device, LongSupplier clock) {
        RunSpec spec = plain(wanted);
        long steps = Math.min(spec.training().steps(), SPELL);
        try (Network network = spec.model().open(device)) {
            Trainer trainer = new Trainer(spec, network);
            long begun = clock.getAsLong();
            long now = begun;
            long quickest = Long.MAX_VALUE;
            for (int spells = 0; spells < LEAST || now - begun < ENOUGH; spells++) {
                TrainingState state = TrainingState.initial(spec);
                long from = clock.getAsLong();
                trainer.train(state, List.of(), () -> state.step() >= steps);
                now = clock.getAsLong();
                quickest = Math.min(quickest, now - from);
            }
            return steps * 1e9 / quickest;
        }
    }

    /** Without its interventions and its start, which may not be there yet. */
    private static RunSpec plain(RunSpec spec) {
        return new RunSpec(
                spec.task(), spec.model(), spec.training().with(List.of()), spec.initSeed(), spec.dataSeed());
    }

    /** A short name of a run's work per step; equal names, equal work. */
    public static String of(RunSpec spec) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("batch", spec.training().batch());
        node.set("model", spec.model().spec());
        spec.training().interventions().forEach(each -> node.withArray("interventions")
                .add(each.spec().path("kind").textValue()));
        return Identity.shortened(Identity.of(node));
    }
}
