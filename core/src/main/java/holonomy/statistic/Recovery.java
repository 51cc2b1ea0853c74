package holonomy.statistic;

import holonomy.claim.Claim;
import holonomy.claim.SeedValues;
import holonomy.data.Numbers;
import holonomy.inference.Scale;
import holonomy.measure.Accuracy;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trainings that start from several steps of one run each, where an accuracy stood high and where it stood low: does it come back from both (arXiv 2602.23696, basin recovery)? The published starts are peaks and troughs;
 * which step is one is not known before it is trained, so ours are given steps, and what they turn out to be is read from their first evaluation.
 *
 * @param evaluated the accuracy
 * @param from the trainings from each step, one per seed each
 */
public record Recovery(SetNumbers evaluated, List<RunSet> from) {
    /** Highest accuracy of the training that starts highest less that of the one that starts lowest, per seed; dimensionless. */
    public SeedValues highestLessLowest() {
        List<Map<String, Curve>> curves = curves();
        return from.get(0)
                .perSeed(
                        "highest accuracy on '" + evaluated.set()
                                + "' from where it is highest less that from where it is lowest",
                        Scale.IDENTITY,
                        run -> highestLessLowest(of(curves, run.seed())))
                .grained(2.0 / evaluated.measure().sequences());
    }

    /** The condition that the starts of every seed differ by at least so much: else there is no high and no low. */
    public Claim.Condition apart(double by) {
        List<Map<String, Curve>> curves = curves();
        double least = Reduction.LEAST.of(from.get(0).members().stream()
                .mapToDouble(run -> apart(of(curves, run.seed())))
                .toArray());
        return new Claim.Condition(
                "the accuracies on '" + evaluated.set() + "' that trainings start from lie " + Numbers.brief(by)
                        + " apart in every seed",
                least >= by,
                "least " + Numbers.brief(least));
    }

    /** NaN where a training is missing. @param trainings of one seed */
    double highestLessLowest(List<Curve> trainings) {
        return trainings.size() < from.size()
                ? Double.NaN
                : highest(trainings).reduced(Reduction.MOST) - lowest(trainings).reduced(Reduction.MOST);
    }

    double apart(List<Curve> trainings) {
        return trainings.size() < from.size()
                ? Double.NaN
                : highest(trainings).first() - lowest(trainings).first();
    }

    private static Curve highest(List<Curve> trainings) {
        return Collections.max(trainings, Comparator.comparingDouble(Curve::first));
    }

    private static Curve lowest(List<Curve> trainings) {
        return Collections.min(trainings, Comparator.comparingDouble(Curve::first));
    }

    private List<Map<String, Curve>> curves() {
        return from.stream()
                .map(runs -> evaluated.curves(runs, RowNumber.of(Accuracy.ACCURACY)))
                .toList();
    }

    /** Those of one seed. */
    private List<Curve> of(List<Map<String, Curve>> curves, long seed) {
        return IntStream.range(0, from.size())
                .boxed()
                .flatMap(i -> from.get(i).members().stream()
                        .filter(run -> run.seed() == seed && curves.get(i).containsKey(run.id()))
                        .map(run -> curves.get(i).get(run.id())))
                .toList();
    }
}
