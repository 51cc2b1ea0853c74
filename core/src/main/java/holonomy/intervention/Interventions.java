package holonomy.intervention;

import holonomy.geometry.Subspace;
import holonomy.model.Layout;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.task.Batch;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The interventions of one training, their directions at hand. Not thread-safe. */
public final class Interventions {
    /** Where batches come from, as large as the training's own and asking what it asks at a step. */
    @FunctionalInterface
    public interface Batches {
        Batch of(Stream stream, long index, long step);
    }

    /** @param bases modified where they are found anew, null before the first time */
    private record Armed(Intervention what, List<@Nullable Subspace> bases, Stream stream) {}

    private final List<Armed> armed = new ArrayList<>();
    private final Step.Surroundings surroundings;

    /**
     * @param all in the order in which they act
     * @param dataSeed of the run; every intervention has a random stream of its own
     * @param batches for gradients of their own
     * @param groups the task's groups of targets, by their names
     * @param bases where directions come from
     * @param initial weights before the run's first step [P]; asked for once per group of blocks at most
     */
    public Interventions(
            List<Intervention> all,
            long dataSeed,
            Batches batches,
            List<String> groups,
            Network network,
            Basis.Source bases,
            Supplier<float[]> initial) {
        Layout layout = network.model().layout();
        Map<WeightGroup, Double> norms = new EnumMap<>(WeightGroup.class);
        surroundings = new Step.Surroundings(
                batches,
                groups,
                network,
                group -> norms.computeIfAbsent(group, blocks -> NormClamp.length(initial.get(), layout.group(blocks))));
        for (int i = 0; i < all.size(); i++) {
            Intervention each = all.get(i);
            List<@Nullable Subspace> found = new ArrayList<>();
            for (Basis named : each.bases()) {
                found.add(named instanceof Renewed ? null : bases.of(named, layout));
            }
            armed.add(new Armed(each, found, Stream.of(dataSeed, "intervention " + i)));
        }
    }

    /**
     * Acts on gradient and weights; to be called after clipping, at every step.
     *
     * @param anchors the weights at which directions were last found, by their place. Modified where they are found anew.
     */
    public void beforeOptimiser(long number, float[] theta, float[] gradient, Map<String, float[]> anchors) {
        for (int i = 0; i < armed.size(); i++) {
            renew(i, number, theta, anchors);
        }
        for (Armed each : armed) {
            if (each.what.window().holds(number)) {
                each.what.beforeOptimiser(
                        new Step(number, theta, gradient, null, each.bases, each.stream, surroundings));
            }
        }
    }

    /** Finds directions where it is time to, or where a training goes on that had found them. */
    private void renew(int place, long number, float[] theta, Map<String, float[]> anchors) {
        Armed own = armed.get(place);
        Window window = own.what.window();
        if (number < window.from() || window.every() == 0 && number > window.from()) {
            return;
        }
        List<Basis> bases = own.what.bases();
        for (int i = 0; i < bases.size(); i++) {
            if (bases.get(i) instanceof Renewed renewed) {
                String name = place + "." + i;
                long since = (number - window.from()) % renewed.every();
                if (since == 0) {
                    anchors.put(name, theta.clone());
                }
                if (since == 0 || own.bases.get(i) == null) {
                    own.bases.set(i, renewed.at(anchors.get(name), number - since, own.stream, surroundings));
                }
            }
        }
    }

    /** Whether {@link #afterOptimiser} asks for the weights before this step. */
    public boolean needsUpdate(long number) {
        return armed.stream()
                .anyMatch(each -> each.what.needsUpdate() && each.what.window().holds(number));
    }

    /** Acts on the weights. @param before weights before the step; only where {@link #needsUpdate} */
    public void afterOptimiser(long number, float[] theta, float[] gradient, float @Nullable [] before) {
        for (Armed each : armed) {
            if (each.what.window().holds(number)) {
                each.what.afterOptimiser(
                        new Step(number, theta, gradient, before, each.bases, each.stream, surroundings));
            }
        }
    }
}
