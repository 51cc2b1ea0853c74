package holonomy.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.intervention.Intervention;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The recipe of a training. Time is counted in optimiser steps.
 *
 * @param optimizer the rule of a step
 * @param schedule factor on the learning rate
 * @param steps number of steps
 * @param batch sequences per step, B
 * @param clip largest norm of the gradient; 0 for no clipping
 * @param interventions what is done to it from outside, in this order; those of strength 0 are left out, so that such a run is the plain one
 * @param stopRule ends it before its last step; empty to take all
 * @param microBatches in which a batch is computed
 * @param weights what each group of a task's targets weighs in the loss, over the steps; may be empty for a task of one group, whose weight is 1
 */
public record Training(
        Optimizer optimizer,
        Schedule schedule,
        long steps,
        int batch,
        double clip,
        List<Intervention> interventions,
        Optional<StopRule> stopRule,
        MicroBatches microBatches,
        SortedMap<String, Schedule> weights) {
    /** Bumped by hand whenever the same recipe would give other weights. */
    private static final int SEMANTICS = 1;

    public Training {
        if (steps < 1) {
            throw new UserError("training: steps expected at least 1, found " + steps);
        }
        if (batch < 1) {
            throw new UserError("training: batch expected at least 1 sequence, found " + batch);
        }
        if (!(clip >= 0)) {
            throw new UserError("training: clip expected a gradient norm above 0, or 0 for none; found " + clip);
        }
        int parts = microBatches.count();
        if (parts < 1 || batch % parts != 0) {
            throw new UserError("training: micro-batches expected a number that divides the batch of " + batch
                    + " sequences, found " + parts);
        }
        interventions = interventions.stream().filter(each -> !each.inert()).toList();
        for (Intervention each : interventions) {
            each.requireMeaning(interventions);
        }
        weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
    }

    /** No interventions, all steps. */
    public Training(Optimizer optimizer, Schedule schedule, long steps, int batch, double clip) {
        this(optimizer, schedule, steps, batch, clip, List.of(), Optional.empty(), MicroBatches.NONE, new TreeMap<>());
    }

    /** Constant learning rate, no clipping. */
    public Training(Optimizer optimizer, long steps, int batch) {
        this(optimizer, Schedule.constant(), steps, batch, 0);
    }

    /** The same recipe with interventions. */
    public Training with(List<Intervention> others) {
        return new Training(optimizer, schedule, steps, batch, clip, others, stopRule, microBatches, weights);
    }

    /** The same recipe by another optimiser. */
    public Training by(Optimizer other) {
        return new Training(other, schedule, steps, batch, clip, interventions, stopRule, microBatches, weights);
    }

    /** This recipe with so many steps. */
    public Training lasting(long otherSteps) {
        return new Training(
                optimizer, schedule, otherSteps, batch, clip, interventions, stopRule, microBatches, weights);
    }

    /** The same recipe, ended early by a rule. */
    public Training until(StopRule rule) {
        return new Training(
                optimizer, schedule, steps, batch, clip, interventions, Optional.of(rule), microBatches, weights);
    }

    /** The same recipe, each batch in so many parts one after the other. */
    public Training inMicroBatches(int parts) {
        return computed(new MicroBatches(parts, false));
    }

    /** The same recipe, each batch computed in such parts. */
    public Training computed(MicroBatches parts) {
        return new Training(optimizer, schedule, steps, batch, clip, interventions, stopRule, parts, weights);
    }

    /** The same recipe, with what a group of targets weighs in the loss: the schedule's factor at each step. */
    public Training weighing(String group, Schedule weight) {
        SortedMap<String, Schedule> more = new TreeMap<>(weights);
        more.put(group, weight);
        return new Training(optimizer, schedule, steps, batch, clip, interventions, stopRule, microBatches, more);
    }

    /** Whether more steps would leave the earlier ones as they are. */
    public boolean extendable() {
        return schedule.extendable() && weights.values().stream().allMatch(Schedule::extendable);
    }

    /** What determines the steps, as data. */
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("semantics", SEMANTICS).put("steps", steps).put("batch", batch);
        node.set("optimizer", optimizer.spec());
        node.set("schedule", schedule.spec());
        if (clip > 0) {
            node.put("clip", clip);
        }
        if (microBatches.count() > 1) {
            node.put("microBatches", microBatches.count());
        }
        if (microBatches.ownMeans()) {
            node.put("ownMeans", true);
        }
        interventions.forEach(each -> node.withArray("interventions").add(each.spec()));
        stopRule.ifPresent(rule -> node.set("stopRule", rule.spec()));
        weights.forEach((group, weight) ->
                node.withArray("weights").addObject().put("group", group).set("weight", weight.spec()));
        return node;
    }

    /** The recipe whose {@link #spec()} this is. */
    static Training fromSpec(Fields fields) {
        return new Training(
                Optimizer.fromSpec(fields.object("optimizer")),
                Schedule.fromSpec(fields.object("schedule")),
                fields.wide("steps"),
                fields.whole("batch"),
                fields.has("clip") ? fields.number("clip") : 0,
                fields.has("interventions")
                        ? fields.objects("interventions").stream()
                                .map(Intervention::fromSpec)
                                .toList()
                        : List.of(),
                fields.optional("stopRule").map(StopRule::fromSpec),
                new MicroBatches(
                        fields.has("microBatches") ? fields.whole("microBatches") : 1,
                        fields.has("ownMeans") && fields.flag("ownMeans")),
                fields.has("weights") ? weights(fields) : new TreeMap<>());
    }

    private static SortedMap<String, Schedule> weights(Fields fields) {
        SortedMap<String, Schedule> weights = new TreeMap<>();
        for (Fields each : fields.objects("weights")) {
            weights.put(each.text("group"), Schedule.fromSpec(each.object("weight")));
        }
        return weights;
    }
}
