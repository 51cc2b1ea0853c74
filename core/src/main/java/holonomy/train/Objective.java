package holonomy.train;

import holonomy.data.UserError;
import holonomy.model.Model;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.Task;
import java.util.Collection;
import java.util.List;

/** Whether what a task asks, what a model reads out and what a recipe weighs fit together; a user's mistake is named before anything trains. */
final class Objective {
    private Objective() {}

    static void require(Task task, Model model, Training training) {
        requireReadouts(task, model);
        requireWeights(task.groups(), training.weights().keySet());
        training.stopRule().ifPresent(rule -> testSet(task, rule));
    }

    private static void requireReadouts(Task task, Model model) {
        List<Integer> asked = task.targetPositions();
        if (asked.isEmpty() && model.readouts().size() != 1) {
            throw new UserError("run: '" + task.label() + "' has one label per sequence, the model is read out at "
                    + model.readouts().size()
                    + " positions; make a model that is read out at one, or a task with targets at those");
        }
        List<Integer> beyond = without(asked, model.readouts());
        if (!beyond.isEmpty()) {
            throw new UserError("run: '" + task.label() + "' has targets at positions " + beyond
                    + ", where the model is not read out; it is at " + model.readouts()
                    + "; make a model that is read out there, for instance everywhere");
        }
    }

    private static void requireWeights(List<String> groups, Collection<String> weighted) {
        List<String> unknown = without(weighted, groups);
        if (!unknown.isEmpty()) {
            throw new UserError("run: weights are given for groups " + unknown + ", the task's groups are " + groups
                    + "; leave them out, or take a task that has those groups");
        }
        List<String> missing = without(groups, weighted);
        if (!missing.isEmpty() && groups.size() > 1) {
            throw new UserError("run: groups " + missing + " of the task's " + groups
                    + " have no weight; give each one, a schedule of the step, in the recipe");
        }
    }

    /** The set that a stop rule looks at. */
    static EvaluationSet.Given testSet(Task task, StopRule rule) {
        List<EvaluationSet> sets = task.evaluationSets();
        return sets.stream()
                .filter(set -> set.name().equals(rule.set()))
                .filter(EvaluationSet.Given.class::isInstance)
                .map(EvaluationSet.Given.class::cast)
                .findFirst()
                .orElseThrow(() -> new UserError("run: the stop rule looks at the evaluation set '" + rule.set()
                        + "', which always has the same sequences; '" + task.label() + "' has none of that name, but "
                        + sets.stream().map(EvaluationSet::name).toList()
                        + "; leave the rule out, or take a task that has one"));
    }

    /** Makes sure that a batch asks no more than its task says. */
    static void requireTargets(Task task, Batch batch) {
        boolean ofSequence = batch.targets().length == batch.size();
        List<Integer> asked = task.targetPositions();
        if (ofSequence != asked.isEmpty() && batch.length() > 1) {
            throw wrong(
                    task,
                    ofSequence ? "one label per sequence" : "a target at each position",
                    asked.isEmpty() ? "one label per sequence" : "targets at positions " + asked);
        }
        boolean[] named = new boolean[batch.length()];
        asked.forEach(at -> named[at] = true);
        for (int i = 0; i < batch.targets().length; i++) {
            int target = batch.targets()[i];
            if (target == Batch.IGNORE) {
                continue;
            }
            if (target < 0 || target >= task.classes()) {
                throw wrong(
                        task, "target " + target, "0.." + (task.classes() - 1) + ", or " + Batch.IGNORE + " for none");
            }
            if (batch.groups()[i] < 0 || batch.groups()[i] >= task.groups().size()) {
                throw wrong(task, "a target of group number " + batch.groups()[i], "the groups " + task.groups());
            }
            if (!asked.isEmpty() && !named[i % batch.length()]) {
                throw wrong(task, "a target at position " + i % batch.length(), "targets at positions " + asked);
            }
        }
    }

    private static UserError wrong(Task task, String found, String expected) {
        return new UserError("batch of '" + task.label() + "': expected " + expected + ", found " + found
                + "; the task must say what its batches hold");
    }

    private static <T> List<T> without(Collection<T> all, Collection<T> those) {
        return all.stream().filter(each -> !those.contains(each)).toList();
    }
}
