package holonomy.task;

import java.util.List;

/** A task made of another one: as that one in all that it does not say itself. */
public interface DerivedTask extends Task {
    /** The other task. */
    Task of();

    @Override
    default int length() {
        return of().length();
    }

    @Override
    default int vocabulary() {
        return of().vocabulary();
    }

    @Override
    default int classes() {
        return of().classes();
    }

    @Override
    default List<Integer> targetPositions() {
        return of().targetPositions();
    }

    @Override
    default List<String> groups() {
        return of().groups();
    }

    @Override
    default List<EvaluationSet> evaluationSets() {
        return of().evaluationSets();
    }
}
