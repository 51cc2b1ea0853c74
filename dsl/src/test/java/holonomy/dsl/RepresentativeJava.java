package holonomy.dsl;

import holonomy.claim.SeedValues;
import holonomy.geometry.Statistic;
import holonomy.measure.Accuracy;
import holonomy.measure.Cadence;
import holonomy.measure.SnapshotPlan;
import holonomy.measure.TrajectorySpectrum;
import holonomy.model.Architecture;
import holonomy.model.WeightGroup;
import holonomy.run.RunRequest;
import holonomy.statistic.SpectrumNumbers;
import holonomy.statistic.StoredRuns;
import holonomy.store.StoredRun;
import holonomy.task.MarkedTask;
import holonomy.task.MarkedTask.Placement;
import holonomy.task.Operation;
import holonomy.train.AdamW;
import holonomy.train.RunSpec;
import holonomy.train.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A small collapse experiment said in Java, through core alone: the twin of {@code RepresentativeTest}'s script. */
final class RepresentativeJava {
    private RepresentativeJava() {}

    static List<RunRequest> requests() {
        List<RunRequest> requests = new ArrayList<>();
        Accuracy accuracy = new Accuracy(Cadence.times(5), 64);
        TrajectorySpectrum spectrum = new TrajectorySpectrum(SnapshotPlan.of(WeightGroup.ATTENTION, 6), 25, 10, 200);
        for (List<Integer> markers : List.of(List.of(1), List.of(1, 2))) {
            for (long seed : List.of(1L, 2L)) {
                MarkedTask task = new MarkedTask(Operation.sum(4), 12, 32, 16, 3, markers, Placement.PER_BATCH);
                Architecture model = new Architecture(32, 12, 4, 2, 2, 16, 0);
                RunSpec spec = new RunSpec(task, model, new Training(AdamW.of(1e-3), 20, 16), seed);
                String label = "attention-only, " + task.label() + ", seed " + seed;
                requests.add(new RunRequest(spec, label, Set.of(), List.of(accuracy, spectrum)));
            }
        }
        return requests;
    }

    /** Mean r90 at the end of training, per seed, measured or of a null. */
    static SeedValues meanRank(Map<RunRequest, StoredRun> runs, String series) {
        TrajectorySpectrum spectrum = new TrajectorySpectrum(SnapshotPlan.of(WeightGroup.ATTENTION, 6), 25, 10, 200);
        return new SpectrumNumbers(spectrum, Statistic.R90_INTERPOLATED)
                .atEnd("mean r90 interpolated", series, Set.of())
                .of(StoredRuns.of(runs));
    }
}
