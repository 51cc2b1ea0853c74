package holonomy.intervention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.curvature.CurvatureMemory;
import holonomy.curvature.Lanczos;
import holonomy.curvature.LossCurvature;
import holonomy.curvature.SymmetricOperator;
import holonomy.data.Fields;
import holonomy.data.UserError;
import holonomy.geometry.Orthonormal;
import holonomy.geometry.Subspace;
import holonomy.geometry.SymmetricEigen;
import holonomy.geometry.SymmetricMatrix;
import holonomy.model.Layout;
import holonomy.model.Model;
import holonomy.model.Network;
import holonomy.model.WeightGroup;
import holonomy.task.Batch;
import holonomy.task.Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * k directions in all of theta that are found anew every N steps, at the weights and on new batches of that moment; until then they stay. Nothing but the
 * weights at which they were found has to be kept for a training to go on from a checkpoint.
 *
 * @param sought which directions
 * @param directions k
 * @param every N, from the first step of the intervention on
 */
public record Renewed(Sought sought, int directions, long every) implements Basis {
    /** Eigenvalues are searched until their errors are below this share of the largest. */
    private static final double TOLERANCE = 1e-4;

    /** Gradients that a product with the Hessian costs. */
    private static final int PRODUCT = 4;

    /** Batches that are looked at for each one that asks something of both groups, at most. */
    private static final int LOOKS = 100;

    /** Which directions of the moment. */
    public sealed interface Sought permits TopOfHessian, Difference, AtRandom {}

    /**
     * Those of the k largest eigenvalues of the Hessian of the training's loss, mean over some batches, in float64 (arXiv 1812.04754, 2405.16002).
     *
     * @param batches as large as the training's
     * @param products most products with the Hessian, of 4 gradients of each batch
     */
    public record TopOfHessian(int batches, int products) implements Sought {}

    /**
     * The k first right singular vectors, uncentred, of {@code d_i / |d_i|}, d_i the difference of two groups' gradients on batch i. Published (spec/backbone.md, 4.31): of the last fifty,
     * one every 200 steps; here all at the weights of the moment.
     *
     * @param one,other groups of the task's targets
     * @param batches how many differences, at least k; a batch that asks nothing of one group is left out
     */
    public record Difference(String one, String other, int batches) implements Sought {}

    /** Uniformly random ones: the control of the others. */
    public record AtRandom() implements Sought {}

    public Renewed {
        if (directions < 1 || every < 1) {
            throw new UserError("directions found anew: expected at least 1 of them, every 1 or more steps, found "
                    + directions + " every " + every);
        }
        if (sought instanceof TopOfHessian top && (top.batches < 1 || top.products < directions)) {
            throw new UserError(
                    "top of the Hessian: expected at least 1 batch and as many products as directions, found "
                            + top.batches + " and " + top.products + " for " + directions + " directions");
        }
        if (sought instanceof Difference between
                && (between.batches < directions || between.one.equals(between.other))) {
            throw new UserError("difference of gradients: expected two groups and as many batches as directions, found "
                    + between.one + ", " + between.other + " and " + between.batches + " batches for " + directions
                    + " directions");
        }
    }

    @Override
    public Optional<WeightGroup> group() {
        return Optional.empty();
    }

    @Override
    public Optional<String> run() {
        return Optional.empty();
    }

    @Override
    public String label() {
        String what = sought instanceof Difference between
                ? "top " + directions + " of the differences of gradients of " + between.one + " and " + between.other
                : sought instanceof TopOfHessian ? "top " + directions + " of the Hessian" : directions + " random";
        return what + ", anew every " + every + " steps";
    }

    @Override
    public void requireMeaning(Layout layout, List<String> groups) {
        if (directions > layout.size()) {
            throw new UserError("directions found anew: expected at most " + layout.size() + " of " + layout.size()
                    + " weights, found " + directions + "; ask for fewer");
        }
        if (sought instanceof Difference between && !groups.containsAll(List.of(between.one, between.other))) {
            throw new UserError("difference of gradients: expected two of the task's groups " + groups + ", found "
                    + between.one + " and " + between.other + "; name two of them");
        }
    }

    /**
     * Makes sure that this machine has the memory that finding them takes.
     *
     * @throws UserError otherwise
     */
    public void requireMemory(Model model) {
        if (sought instanceof TopOfHessian top) {
            CurvatureMemory.require("top of the Hessian", model, top.products);
        }
    }

    /** What finding them costs in a training of so many steps, in gradients of its batches. */
    public double gradients(Window window, long steps) {
        long times = window.every() == 0 ? 1 : Math.max(0, (steps - window.from() + every - 1) / every);
        if (sought instanceof TopOfHessian top) {
            return (double) times * PRODUCT * top.batches * top.products;
        }
        return sought instanceof Difference between ? 2.0 * times * between.batches : 0;
    }

    /**
     * The directions at some weights; at most k, where the vectors they are taken from span fewer.
     *
     * @param theta [P]; not modified
     * @param step of the moment: batches and random numbers belong to it
     * @param stream the intervention's own
     */
    Subspace at(float[] theta, long step, Stream stream, Step.Surroundings run) {
        Stream own = Stream.of(stream.key(), "directions");
        if (sought instanceof TopOfHessian top) {
            return topOfHessian(top, theta, step, own, run);
        }
        if (sought instanceof Difference between) {
            return difference(between, theta, step, own, run);
        }
        return Subspace.random(theta.length, directions, own.at(step));
    }

    private Subspace topOfHessian(TopOfHessian top, float[] theta, long step, Stream stream, Step.Surroundings run) {
        double[] wide = new double[theta.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = theta[i];
        }
        Stream drawn = Stream.of(stream.key(), "batches");
        try (Network precise = run.network().openTwinInFloat64()) {
            List<SymmetricOperator> each = IntStream.range(0, top.batches)
                    .mapToObj(i -> run.batches().of(drawn, step * top.batches + i, step))
                    .map(batch -> LossCurvature.hessian(precise, wide, batch))
                    .toList();
            Lanczos found =
                    Lanczos.largest(SymmetricOperator.mean(each), directions, TOLERANCE, top.products, stream.at(step));
            return Subspace.spannedBy(
                    IntStream.range(0, directions).mapToObj(found::vector).toArray(double[][]::new));
        }
    }

    private Subspace difference(Difference between, float[] theta, long step, Stream stream, Step.Surroundings run) {
        Stream drawn = Stream.of(stream.key(), "batches");
        List<double[]> rows = new ArrayList<>();
        long most = (long) LOOKS * between.batches;
        for (long i = 0; i < most && rows.size() < between.batches; i++) {
            Batch batch = run.batches().of(drawn, step * most + i, step);
            if (run.asks(batch, between.one) && run.asks(batch, between.other)) {
                rows.add(difference(between, theta, batch, run));
            }
        }
        if (rows.size() < between.batches) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "difference of gradients: expected %d batches that ask of %s and of %s, found %d among %d; take larger batches",
                    between.batches,
                    between.one,
                    between.other,
                    rows.size(),
                    most));
        }
        return Subspace.spannedBy(rightSingular(rows, directions));
    }

    /** (g_one - g_other) / |g_one - g_other|, each the gradient of the group's own mean loss; [P]. */
    private static double[] difference(Difference between, float[] theta, Batch batch, Step.Surroundings run) {
        float[] one = run.gradientOf(between.one, theta, batch);
        float[] other = run.gradientOf(between.other, theta, batch);
        double[] d = new double[theta.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = (double) one[i] - other[i];
        }
        double length = Orthonormal.norm(d);
        for (int i = 0; i < d.length; i++) {
            d[i] /= length;
        }
        return d;
    }

    /** The first right singular vectors of D [m, P]: {@code D'w_j / sqrt(lambda_j)}, w_j eigenvectors of D D'; fewer where the rest of the rows is rounding. */
    static double[][] rightSingular(List<double[]> rows, int count) {
        SymmetricEigen eigen =
                SymmetricEigen.of(SymmetricMatrix.of(rows.size(), (i, j) -> Orthonormal.dot(rows.get(i), rows.get(j))));
        List<double[]> found = new ArrayList<>();
        for (int j = 0; j < count && eigen.value(j) > Math.ulp(1f) * eigen.value(0); j++) {
            double[] v = new double[rows.get(0).length];
            for (int i = 0; i < rows.size(); i++) {
                double factor = eigen.vector(j, i) / Math.sqrt(eigen.value(j));
                double[] row = rows.get(i);
                for (int p = 0; p < v.length; p++) {
                    v[p] += factor * row[p];
                }
            }
            found.add(v);
        }
        return found.toArray(double[][]::new);
    }

    @Override
    public ObjectNode spec() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "renewed").put("directions", directions).put("every", every);
        if (sought instanceof TopOfHessian top) {
            node.put("of", "hessian").put("batches", top.batches).put("products", top.products);
        } else if (sought instanceof Difference between) {
            node.put("of", "difference").put("one", between.one).put("other", between.other);
            node.put("batches", between.batches);
        } else {
            node.put("of", "random");
        }
        return node;
    }

    static Renewed fromSpec(Fields fields) {
        Sought sought =
                switch (fields.text("of")) {
                    case "hessian" -> new TopOfHessian(fields.whole("batches"), fields.whole("products"));
                    case "difference" ->
                        new Difference(fields.text("one"), fields.text("other"), fields.whole("batches"));
                    case "random" -> new AtRandom();
                    default ->
                        throw new UserError(fields.place() + ": directions found anew of '" + fields.text("of")
                                + "' are unknown to this version of Holonomy; known: hessian, difference, random");
                };
        return new Renewed(sought, fields.whole("directions"), fields.wide("every"));
    }
}
