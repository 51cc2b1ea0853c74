package holonomy.run;

import holonomy.data.Numbers;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.measure.Accuracy;
import holonomy.measure.SnapshotPlan;
import holonomy.model.Block;
import holonomy.model.WeightGroup;
import holonomy.store.Snapshots;
import holonomy.store.StoredRun;
import holonomy.train.RunSpec;
import java.util.Comparator;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A stage of training, by name: it finds the snapshot of all weights that stands for it. */
public sealed interface Stage {
    /** As figures name it. */
    String name();

    /**
     * The step of the snapshot.
     *
     * @param plan snapshots of {@link WeightGroup#ALL}
     * @throws UserError if the run never reached the stage
     */
    long step(StoredRun run, RunSpec spec, SnapshotPlan plan);

    /** The last snapshot. */
    record End() implements Stage {
        @Override
        public String name() {
            return "end";
        }

        @Override
        public long step(StoredRun run, RunSpec spec, SnapshotPlan plan) {
            long[] steps = steps(run, spec, plan);
            return steps[steps.length - 1];
        }
    }

    /** The first snapshot taken after at least {@code step} steps. */
    record Step(long step) implements Stage {
        @Override
        public String name() {
            return "step " + step;
        }

        @Override
        public long step(StoredRun run, RunSpec spec, SnapshotPlan plan) {
            return first(
                    run,
                    spec,
                    plan,
                    step,
                    name(),
                    "its last step is " + run.summary().path("step").longValue());
        }
    }

    /**
     * The first snapshot at or after the first evaluation whose accuracy, mean over m, is at least {@code atLeast}.
     *
     * @param measure the evaluations
     */
    record Reached(double atLeast, Accuracy measure) implements Stage {
        @Override
        public String name() {
            return "accuracy " + Numbers.brief(atLeast);
        }

        @Override
        public long step(StoredRun run, RunSpec spec, SnapshotPlan plan) {
            TreeMap<Long, Double> means = new TreeMap<>(run.table(measure.file()).rows().stream()
                    .collect(Collectors.groupingBy(
                            (Table.Row row) -> (long) row.number("step"),
                            Collectors.averagingDouble(row -> row.number("accuracy")))));
            var best = means.entrySet().stream()
                    .max(Comparator.comparingDouble(entry -> entry.getValue()))
                    .orElseThrow();
            long evaluated = means.entrySet().stream()
                    .filter(entry -> entry.getValue() >= atLeast)
                    .mapToLong(entry -> entry.getKey())
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
            return first(
                    run,
                    spec,
                    plan,
                    evaluated,
                    name(),
                    "its highest accuracy is " + Numbers.brief(best.getValue()) + " at step " + best.getKey());
        }
    }

    private static long first(StoredRun run, RunSpec spec, SnapshotPlan plan, long from, String name, String found) {
        for (long step : steps(run, spec, plan)) {
            if (step >= from) {
                return step;
            }
        }
        throw new UserError("stage '" + name + "': the run (" + spec.label() + ") never reached it; " + found
                + ". Train longer or choose an earlier stage");
    }

    private static long[] steps(StoredRun run, RunSpec spec, SnapshotPlan plan) {
        return Snapshots.steps(
                plan, spec.training().steps(), run.summary().path("step").longValue());
    }

    /** theta [P] of the snapshot taken at a step; a copy. */
    static float[] weights(StoredRun run, RunSpec spec, SnapshotPlan plan, long step) {
        if (plan.group() != WeightGroup.ALL) {
            throw new UserError("stage: expected snapshots of every weight, found " + plan.group()
                    + "; add snapshot(everyWeight, count = ...) to train { }");
        }
        float[] theta = new float[spec.model().layout().size()];
        try (var file = run.tensors(Snapshots.name(plan, step))) {
            for (Block block : spec.model().layout().blocks()) {
                float[] values = new float[block.size()];
                file.read(block.name(), 0, values, values.length);
                System.arraycopy(values, 0, theta, block.offset(), values.length);
            }
        } catch (java.io.IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
        return theta;
    }
}
