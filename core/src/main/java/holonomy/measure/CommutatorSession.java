package holonomy.measure;

import holonomy.geometry.BlockMatchedNull;
import holonomy.geometry.Commutator;
import holonomy.geometry.GradientField;
import holonomy.geometry.Subspace;
import holonomy.measure.CommutatorRows.Label;
import holonomy.model.Network;
import holonomy.task.Batch;
import holonomy.task.EvaluationSet;
import holonomy.task.MarkedTask;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One measurement of {@link CommutatorMeasure}: its pairs at one moment. Not thread-safe. */
final class CommutatorSession {
    /** Above this relative difference between float32 and float64 the whole measurement is made in float64. */
    static final double ROUNDING = .01;

    private static final String FLOAT32 = "float32";
    private static final String FLOAT64 = "float64";

    private final CommutatorMeasure measure;
    private final Moment moment;
    private final CommutatorRows rows;
    private final double[] theta;
    private final int batch;
    private boolean precise;

    CommutatorSession(CommutatorMeasure measure, Moment moment, CommutatorRows rows) {
        this.measure = measure;
        this.moment = moment;
        this.rows = rows;
        theta = Vectors.wide(moment.theta());
        batch = measure.batch() > 0 ? measure.batch() : moment.run().training().batch();
    }

    void run() {
        Task task = moment.run().task();
        Projections projections = projections(Bases.at(moment, measure.snapshots(), measure.directions()));
        for (int pair = 0; pair < measure.pairs(); pair++) {
            Drawn drawn = drawn(task, pair);
            plain(pair, drawn.gradients, drawn.rounding, projections);
            if (pair < measure.variantPairs()) {
                Gradients large = pair(task, measure.stream() + ", large", pair, 4 * batch);
                ours(pair, CommutatorMeasure.LARGE_BATCH, large, Double.NaN);
                if (task instanceof MarkedTask marked) {
                    Gradients mixed = pair(perSequence(marked), measure.stream() + ", per sequence", pair, batch);
                    ours(pair, CommutatorMeasure.PER_SEQUENCE, mixed, Double.NaN);
                }
            }
        }
        chosen(task);
    }

    /** The projections of delta and of the gradient of each pair onto these bases, and nothing else. */
    void shares(Map<String, Subspace> bases) {
        Projections projections = projections(bases);
        for (int pair = 0; pair < measure.pairs(); pair++) {
            Gradients g = drawn(moment.run().task(), pair).gradients;
            if (!Double.isNaN(g.eta)) {
                Label label = g.label(pair, CommutatorMeasure.PROJECTION);
                projections.write(label, "delta", g.ours().delta(), g);
                projections.write(label, "gradient", g.a, g);
            }
        }
    }

    /** A pair, and what float64 says about the first one, which settles the precision of all. */
    private Drawn drawn(Task task, int pair) {
        Gradients drawn = pair(task, measure.stream(), pair, batch);
        if (pair > 0) {
            return new Drawn(drawn, Double.NaN);
        }
        Gradients exact = drawn.inFloat64();
        double rounding = rounding(drawn, exact);
        precise = rounding > ROUNDING;
        return new Drawn(precise ? exact : drawn, rounding);
    }

    private record Drawn(Gradients gradients, double rounding) {}

    private Projections projections(Map<String, Subspace> bases) {
        BlockMatchedNull matched = BlockMatchedNull.of(
                bases.values().iterator().next(),
                BlockMatchedNull.STANDARD_DRAWS,
                moment.stream("block-matched null").at(0));
        return new Projections(bases, matched, moment.run().model(), rows);
    }

    /** The measurement of one pair in all its forms. */
    private void plain(int pair, Gradients g, double rounding, Projections projections) {
        Commutator ours = ours(pair, CommutatorMeasure.OURS, g, rounding);
        if (Double.isNaN(g.eta)) {
            return;
        }
        write(pair, CommutatorMeasure.HALF, g, g.commutator(g.eta / 2), g.eta / 2, Double.NaN);
        write(pair, CommutatorMeasure.DOUBLE, g, g.commutator(2 * g.eta), 2 * g.eta, Double.NaN);
        published(pair, g);
        double[] step = optimiser(pair, g);
        Label label = g.label(pair, CommutatorMeasure.PROJECTION);
        projections.write(label, "delta", ours.delta(), g);
        projections.write(label, "gradient", g.a, g);
        projections.write(label, "optimiser step", step, g);
    }

    /** Both forms at the published eta share their gradients. */
    private void published(int pair, Gradients g) {
        double eta = measure.publishedEta();
        double[] aAfterB = g.fieldA.at(Commutator.displaced(theta, g.b, -eta));
        double[] bAfterA = g.fieldB.at(Commutator.displaced(theta, g.a, -eta));
        Commutator difference = Commutator.of(-eta, g.a, g.b, aAfterB, bAfterA);
        write(pair, CommutatorMeasure.PUBLISHED_ETA, g, difference, eta, Double.NaN);
        Commutator rounded = Commutator.inFloat32(moment.theta(), eta, g.a, g.b, aAfterB, bAfterA);
        write(pair, CommutatorMeasure.PUBLISHED, g, rounded, eta, Double.NaN);
    }

    /** The commutator of the optimiser's own steps; returns the step on batch A. */
    private double[] optimiser(int pair, Gradients g) {
        double[] a = moment.nextStep().at(theta, g.a);
        double[] b = moment.nextStep().at(theta, g.b);
        double[] afterA = Commutator.displaced(theta, a, 1);
        double[] afterB = Commutator.displaced(theta, b, 1);
        double[] aAfterB = moment.nextStep().at(afterB, g.fieldA.at(afterB));
        double[] bAfterA = moment.nextStep().at(afterA, g.fieldB.at(afterA));
        write(pair, CommutatorMeasure.OPTIMISER, g, Commutator.of(1, a, b, aAfterB, bAfterA), Double.NaN, Double.NaN);
        return a;
    }

    private void chosen(Task task) {
        List<EvaluationSet.Drawn> sets = EvaluationSet.drawn(task);
        int pair = 0;
        for (EvaluationSet.Drawn setA : sets) {
            for (EvaluationSet.Drawn setB : sets) {
                for (int i = 0; setA.number() <= setB.number() && i < measure.chosenPairs(); i++, pair++) {
                    Stream stream = moment.stream(measure.stream() + ", chosen m");
                    Batch a = setA.task().batch(stream, index(2L * pair), batch);
                    Batch b = setB.task().batch(stream, index(2L * pair + 1), batch);
                    ours(pair, CommutatorMeasure.CHOSEN, new Gradients(a, b, precise, Double.NaN), Double.NaN);
                }
            }
        }
    }

    private Commutator ours(int pair, String variant, Gradients g, double rounding) {
        Commutator found = g.ours();
        write(pair, variant, g, found, g.eta, rounding);
        return found;
    }

    private void write(int pair, String variant, Gradients g, Commutator found, double eta, double rounding) {
        rows.commutator(g.label(pair, variant), found, eta, g.normA, g.normB, rounding);
    }

    /**
     * |delta_32 - delta_64| / |delta_64| of a pair at the same eta; 1 where only float32 finds no gradient, NaN where there is none or the steps
     * commute.
     */
    private static double rounding(Gradients coarse, Gradients exact) {
        if (Double.isNaN(exact.eta)) {
            return Double.NaN;
        }
        if (Double.isNaN(coarse.eta)) {
            return 1;
        }
        double[] difference =
                Commutator.displaced(coarse.ours().delta(), exact.ours().delta(), -1);
        double norm = exact.ours().norm();
        return norm > 0 ? Vectors.norm(difference) / norm : Double.NaN;
    }

    private Gradients pair(Task task, String stream, int pair, int size) {
        Stream batches = moment.stream(stream);
        Batch a = task.batch(batches, index(2L * pair), size);
        Batch b = task.batch(batches, index(2L * pair + 1), size);
        return new Gradients(a, b, precise, Double.NaN);
    }

    /** Every step has batches of its own. */
    private long index(long number) {
        return moment.step() * 4096L + number;
    }

    private static MarkedTask perSequence(MarkedTask task) {
        return new MarkedTask(
                task.operation(),
                task.length(),
                task.vocabulary(),
                task.firstMarker(),
                task.reserved(),
                task.markerCounts(),
                MarkedTask.Placement.PER_SEQUENCE);
    }

    private GradientField field(Batch drawn, boolean inFloat64) {
        Batch data = moment.run().weighted(drawn, moment.step());
        if (inFloat64) {
            Network network = moment.preciseNetwork();
            return at -> {
                double[] gradient = new double[at.length];
                network.gradient(at, data, gradient);
                return gradient;
            };
        }
        return at -> inParts(data, Vectors.narrow(at));
    }

    /** A float32 gradient, of as many sequences at a time as training takes: a larger batch needs no more memory. Summed in float64. */
    private double[] inParts(Batch data, float[] at) {
        int most = moment.run().training().batch();
        double[] sum = new double[at.length];
        float[] gradient = new float[at.length];
        for (int from = 0; from < data.size(); from += most) {
            Batch part = data.part(from, Math.min(data.size(), from + most));
            moment.network().gradient(at, part, gradient);
            double share = (double) part.size() / data.size();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += share * gradient[i];
            }
        }
        return sum;
    }

    /** Gradients of a pair of batches at theta. */
    final class Gradients {
        private final Batch batchA;
        private final Batch batchB;
        private final GradientField fieldA;
        private final GradientField fieldB;
        private final String precision;
        private @Nullable Commutator ours;
        final double[] a;
        final double[] b;
        private final double normA;
        private final double normB;
        /** The eta that displaces by the measure's length; NaN where a gradient is zero. */
        final double eta;

        /** @param givenEta the eta of {@link #ours()}; NaN for that of these gradients */
        Gradients(Batch batchA, Batch batchB, boolean inFloat64, double givenEta) {
            this.batchA = batchA;
            this.batchB = batchB;
            precision = inFloat64 ? FLOAT64 : FLOAT32;
            fieldA = field(batchA, inFloat64);
            fieldB = field(batchB, inFloat64);
            a = fieldA.at(theta);
            b = fieldB.at(theta);
            normA = Vectors.norm(a);
            normB = Vectors.norm(b);
            eta = Double.isNaN(givenEta) ? Commutator.eta(measure.length(), a, b) : givenEta;
        }

        /** The same batches in float64, at the same eta. */
        Gradients inFloat64() {
            return new Gradients(batchA, batchB, true, eta);
        }

        Commutator commutator(double size) {
            return Commutator.at(theta, fieldA, fieldB, a, b, size);
        }

        /** The commutator at {@link #eta}, evaluated once; without a gradient of no length. */
        Commutator ours() {
            if (ours == null) {
                ours = Double.isNaN(eta) ? Commutator.of(-1, a, b, a, b) : commutator(eta);
            }
            return ours;
        }

        Label label(int pair, String variant) {
            return Label.of(pair, variant, precision, batchA, batchB);
        }
    }
}
