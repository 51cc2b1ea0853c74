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

/** What a step costs depends on model and batch alone: runs with the same work per step take about the same time per step on a machine. */
public final class Work {
    private static final int WARM_UP = 5;
    private static final int TIMED = 20;

    private Work() {}

    /** Steps per second of a run's training on a device, over a few steps of it; nothing is measured or stored. */
    public static double stepsPerSecond(RunSpec wanted, ComputeDevice device) {
        RunSpec spec = plain(wanted);
        try (Network network = Network.open(spec.model(), device)) {
            TrainingState state = TrainingState.initial(spec);
            long last = Math.min(spec.training().steps(), WARM_UP + TIMED);
            long first = Math.min(WARM_UP, last - 1);
            Trainer trainer = new Trainer(spec, network);
            trainer.train(state, List.of(), () -> state.step() >= first);
            long begun = System.nanoTime();
            trainer.train(state, List.of(), () -> state.step() >= last);
            return (state.step() - first) * 1e9 / (System.nanoTime() - begun);
        }
    }

    /** Without its interventions, whose directions may not be there yet. */
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
