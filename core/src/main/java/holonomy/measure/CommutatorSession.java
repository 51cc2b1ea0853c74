package holonomy.measure;

import holonomy.geometry.BlockMatchedNull;
import holonomy.geometry.Commutator;
import holonomy.geometry.GradientField;
import holonomy.geometry.Subspace;
import holonomy.measure.CommutatorRows.Label;
import holonomy.model.Network;
import holonomy.task.Batch;
import holonomy.task.MarkedTask;
import holonomy.task.Stream;
import holonomy.task.Task;
import java.util.Map;

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
        batch = moment.run().training().batch();
    }

    void run() {
        Task task = moment.run().task();
        Projections projections = projections();
        for (int pair = 0; pair < measure.pairs(); pair++) {
            Pair drawn = pair(task, "commutator pairs", pair, batch);
            double rounding = pair == 0 ? rounding(drawn) : Double.NaN;
            precise |= rounding > ROUNDING;
            plain(pair, drawn.at(), rounding, projections);
            if (pair < measure.variantPairs()) {
                Pair large = pair(task, "commutator pairs, large", pair, 4 * batch);
                ours(pair, CommutatorMeasure.LARGE_BATCH, large.at(), Double.NaN);
                if (task instanceof MarkedTask marked) {
                    Pair mixed = pair(perSequence(marked), "commutator pairs, per sequence", pair, batch);
                    ours(pair, CommutatorMeasure.PER_SEQUENCE, mixed.at(), Double.NaN);
                }
            }
        }
        chosen(task);
    }

    private Projections projections() {
        Map<String, Subspace> bases = Bases.at(moment, measure.snapshots(), measure.directions());
        Subspace any = bases.get(Bases.RANDOM);
        BlockMatchedNull matched = BlockMatchedNull.of(
                any,
                BlockMatchedNull.STANDARD_DRAWS,
                moment.stream("block-matched null").at(0));
        return new Projections(bases, matched, moment.run().model().layout(), rows);
    }

    /** The measurement of one pair in all its forms. */
    private void plain(int pair, Gradients g, double rounding, Projections projections) {
        Commutator ours = ours(pair, CommutatorMeasure.OURS, g, rounding);
        double eta = Commutator.eta(measure.length(), g.a, g.b);
        Label label = g.label(pair, CommutatorMeasure.PROJECTION);
        if (Double.isNaN(eta)) {
            return;
        }
        write(pair, CommutatorMeasure.HALF, g, g.commutator(eta / 2), eta / 2, Double.NaN);
        write(pair, CommutatorMeasure.DOUBLE, g, g.commutator(2 * eta), 2 * eta, Double.NaN);
        published(pair, g);
        double[] step = optimiser(pair, g);
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
        Map<Integer, Task> conditions = task.conditions();
        int pair = 0;
        for (int mA : conditions.keySet()) {
            for (int mB : conditions.keySet()) {
                for (int i = 0; mA <= mB && i < measure.chosenPairs(); i++, pair++) {
                    Stream stream = moment.stream("commutator pairs, chosen m");
                    Batch a = conditions.get(mA).batch(stream, index(2L * pair), batch);
                    Batch b = conditions.get(mB).batch(stream, index(2L * pair + 1), batch);
                    ours(pair, CommutatorMeasure.CHOSEN, new Pair(a, b).at(), Double.NaN);
                }
            }
        }
    }

    private Commutator ours(int pair, String variant, Gradients g, double rounding) {
        double eta = Commutator.eta(measure.length(), g.a, g.b);
        Commutator found = Double.isNaN(eta) ? Commutator.of(-1, g.a, g.b, g.a, g.b) : g.commutator(eta);
        write(pair, variant, g, found, eta, rounding);
        return found;
    }

    private void write(int pair, String variant, Gradients g, Commutator found, double eta, double rounding) {
        rows.commutator(g.label(pair, variant), found, eta, Vectors.norm(g.a), Vectors.norm(g.b), rounding);
    }

    /** |delta_32 - delta_64| / |delta_64| of a pair; NaN where undefined. */
    private double rounding(Pair pair) {
        Gradients g = pair.at();
        double eta = Commutator.eta(measure.length(), g.a, g.b);
        if (Double.isNaN(eta)) {
            return Double.NaN;
        }
        precise = true;
        Commutator exact = pair.at().commutator(eta);
        precise = false;
        double[] difference = Commutator.displaced(g.commutator(eta).delta(), exact.delta(), -1);
        return exact.norm() > 0 ? Vectors.norm(difference) / exact.norm() : Double.NaN;
    }

    private Pair pair(Task task, String stream, int pair, int size) {
        Stream batches = moment.stream(stream);
        return new Pair(task.batch(batches, index(2L * pair), size), task.batch(batches, index(2L * pair + 1), size));
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

    private GradientField field(Batch data) {
        if (precise) {
            Network network = moment.preciseNetwork();
            return at -> {
                double[] gradient = new double[at.length];
                network.gradient(at, data, gradient);
                return gradient;
            };
        }
        return at -> {
            float[] gradient = new float[at.length];
            moment.network().gradient(Vectors.narrow(at), data, gradient);
            return Vectors.wide(gradient);
        };
    }

    /** Two batches. */
    private final class Pair {
        private final Batch a;
        private final Batch b;

        Pair(Batch a, Batch b) {
            this.a = a;
            this.b = b;
        }

        /** Their gradients at theta, in the precision of the moment. */
        Gradients at() {
            return new Gradients(a, b);
        }
    }

    /** Gradients of a pair at theta. */
    final class Gradients {
        private final Batch batchA;
        private final Batch batchB;
        private final GradientField fieldA;
        private final GradientField fieldB;
        private final String precision = precise ? FLOAT64 : FLOAT32;
        final double[] a;
        final double[] b;

        Gradients(Batch batchA, Batch batchB) {
            this.batchA = batchA;
            this.batchB = batchB;
            fieldA = field(batchA);
            fieldB = field(batchB);
            a = fieldA.at(theta);
            b = fieldB.at(theta);
        }

        Commutator commutator(double eta) {
            return Commutator.at(theta, fieldA, fieldB, a, b, eta);
        }

        Label label(int pair, String variant) {
            return Label.of(pair, variant, precision, batchA, batchB);
        }
    }
}
