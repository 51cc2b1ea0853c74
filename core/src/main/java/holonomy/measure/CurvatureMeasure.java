package holonomy.measure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.curvature.CurvatureMemory;
import holonomy.curvature.Lanczos;
import holonomy.curvature.LossCurvature;
import holonomy.curvature.Part;
import holonomy.curvature.SymmetricOperator;
import holonomy.curvature.TopShare;
import holonomy.curvature.TraceEstimate;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.inference.Estimate;
import holonomy.model.Block;
import holonomy.model.TwiceDifferentiable;
import holonomy.task.Batch;
import holonomy.task.Stream;
import holonomy.train.AdamW;
import holonomy.train.FrozenStep;
import holonomy.train.RunSpec;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Curvature of the loss along a training, weight decay left out, in float64, on the same batches at every moment: the k largest eigenvalues, the smallest and the
 * trace of the Hessian and of the Gauss-Newton matrix, of Adam's Hessian P^-1 H, and the shares of the gradient and of the optimiser's next step in the Hessian's top-k space.
 *
 * <p>A row is one number ({@code statistic}) of one operator ({@code series}) on one batch ({@code sample}), of all weights or of one {@code block}; {@code error_bound} is how far an eigenvalue of the operator
 * is at most, or half of the trace's 95 % interval. Values of several batches differ: a mean over batches is made by whoever reads. What is undefined is missing.
 *
 * @param cadence when
 * @param eigenvalues k
 * @param batches number of batches
 * @param sequences of a batch; 0 for as many as in training
 * @param products most Lanczos steps for one operator
 * @param probes q of the traces ({@link TraceEstimate}); 0 for none
 * @param perBlock whether also of every block's own part of the Hessian
 * @param matrices which are looked at, of {@link #MATRICES}; shares, blocks and the gradient's norm come with the Hessian
 */
public record CurvatureMeasure(
        Cadence cadence,
        int eigenvalues,
        int batches,
        int sequences,
        int products,
        int probes,
        boolean perBlock,
        List<String> matrices)
        implements Measure {
    /** Number of a batch. */
    public static final Table.Column SAMPLE = Table.whole("sample");

    /** Number of an eigenvalue from 1, the largest first; of a share, how many span the space. */
    public static final Table.Column ORDINAL = Table.whole("ordinal");

    /** How far an eigenvalue of the operator is at most; of a trace half of its 95 % interval. */
    public static final Table.Column ERROR = Table.quantity("error_bound");

    /** The Hessian of the loss. */
    public static final String HESSIAN = "hessian";
    /** The Gauss-Newton matrix. */
    public static final String GAUSS_NEWTON = "gauss-newton";
    /** P^-1 H, P Adam's; missing before its first step and for other optimisers. */
    public static final String PRECONDITIONED = "preconditioned";

    /** All of them. */
    public static final List<String> MATRICES = List.of(HESSIAN, GAUSS_NEWTON, PRECONDITIONED);

    /** Statistics: eigenvalues by {@link #ORDINAL} from 1, and the smallest. */
    public static final String EIGENVALUE = "eigenvalue";

    public static final String SMALLEST = "smallest eigenvalue";
    public static final String TRACE = "trace";
    /** |P_k v|^2 / |v|^2 of the gradient, then of the optimiser's next step, and k/d. */
    public static final String GRADIENT_SHARE = "gradient share";

    public static final String STEP_SHARE = "step share";
    public static final String CHANCE = "share by chance";
    public static final String GRADIENT_NORM = "gradient norm";

    /** Eigenvalues are searched until their errors are below this share of the largest. */
    private static final double TOLERANCE = 1e-4;

    /** Gradients that a product costs. */
    private static final int HESSIAN_COST = 4;

    private static final int GAUSS_NEWTON_COST = 3;

    public CurvatureMeasure {
        List<String> wanted = matrices;
        if (wanted.isEmpty() || !MATRICES.containsAll(wanted)) {
            throw new UserError("curvature: expected some of the matrices " + MATRICES + ", found " + wanted);
        }
        matrices = MATRICES.stream().filter(wanted::contains).toList();
        if (eigenvalues < 1 || batches < 1 || sequences < 0 || products < eigenvalues || probes < 0 || probes == 1) {
            throw new UserError(
                    "curvature: expected at least 1 eigenvalue and 1 batch, as many products as eigenvalues, and 0 or"
                            + " 2 and more probes, found " + eigenvalues + ", " + batches + ", " + products + " and "
                            + probes);
        }
    }

    /** Of all matrices. */
    public CurvatureMeasure(
            Cadence cadence, int eigenvalues, int batches, int sequences, int products, int probes, boolean perBlock) {
        this(cadence, eigenvalues, batches, sequences, products, probes, perBlock, MATRICES);
    }

    @Override
    public String name() {
        return "curvature";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(STEP, SAMPLE, BLOCK, SERIES, STATISTIC, ORDINAL, VALUE, ERROR);
    }

    @Override
    public boolean isOfItsStep() {
        return true;
    }

    @Override
    public ObjectNode parameters() {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("eigenvalues", eigenvalues)
                .put("batches", batches)
                .put("sequences", sequences)
                .put("products", products)
                .put("probes", probes)
                .put("perBlock", perBlock);
        if (!matrices.equals(MATRICES)) {
            matrices.forEach(node.withArray("matrices")::add);
        }
        return node;
    }

    @Override
    public int sequences() {
        return sequences;
    }

    @Override
    public double gradients(RunSpec run) {
        int blocks = perBlock ? run.model().layout().blocks().size() : 0;
        double traced = products + 3.0 * probes;
        double hessian = matrices.contains(HESSIAN) ? traced + (double) products * blocks : 0;
        double preconditioned = matrices.contains(PRECONDITIONED) ? products : 0;
        double gaussNewton = matrices.contains(GAUSS_NEWTON) ? traced : 0;
        return batches * (1 + HESSIAN_COST * (hessian + preconditioned) + GAUSS_NEWTON_COST * gaussNewton);
    }

    @Override
    public void requireMeaning(RunSpec run) {
        double weights = run.model().weightCount();
        if (eigenvalues > weights) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "curvature: eigenvalues expected 1 to %.0f of %.0f weights, found %d; ask for fewer",
                    weights,
                    weights,
                    eigenvalues));
        }
    }

    @Override
    public void requireMemory(RunSpec run) {
        CurvatureMemory.require("curvature", run.model(), Math.max(products, 2 * probes));
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        double[] theta = Vectors.wide(moment.theta());
        Stream drawn = moment.stream("curvature");
        int size = sequences > 0 ? sequences : moment.run().training().batch();
        for (int b = 0; b < batches; b++) {
            Batch batch = moment.run().weighted(moment.run().task().batch(drawn, b, size), moment.step());
            new Sample(
                            moment,
                            theta,
                            batch,
                            b,
                            moment.stream("curvature probes").at(b),
                            rows)
                    .measure();
        }
    }

    /** One batch at one moment. */
    private final class Sample {
        private final Moment moment;
        private final double[] theta;
        private final Batch batch;
        private final int number;
        private final RandomGenerator random;
        private final Table.Builder rows;

        Sample(Moment moment, double[] theta, Batch batch, int number, RandomGenerator random, Table.Builder rows) {
            this.moment = moment;
            this.theta = theta;
            this.batch = batch;
            this.number = number;
            this.random = random;
            this.rows = rows;
        }

        void measure() {
            SymmetricOperator hessian = LossCurvature.hessian(moment.preciseNetwork(), theta, batch);
            double[] gradient =
                    LossCurvature.field(moment.preciseNetwork(), batch).at(theta);
            if (!Double.isFinite(Vectors.norm(gradient))) {
                return; // nothing is defined there
            }
            FrozenStep next = moment.nextStep();
            double[] step = next.at(theta, gradient);
            if (matrices.contains(HESSIAN)) {
                row(null, HESSIAN, GRADIENT_NORM, null, Vectors.norm(gradient), null);
                shares(null, eigenvalues(null, HESSIAN, hessian), gradient, step);
                trace(HESSIAN, hessian);
            }
            if (matrices.contains(GAUSS_NEWTON) && moment.preciseNetwork() instanceof TwiceDifferentiable) {
                SymmetricOperator gaussNewton = LossCurvature.gaussNewton(moment.preciseNetwork(), theta, batch);
                eigenvalues(null, GAUSS_NEWTON, gaussNewton);
                trace(GAUSS_NEWTON, gaussNewton);
            }
            if (matrices.contains(PRECONDITIONED)
                    && moment.run().training().optimizer() instanceof AdamW adam
                    && next.state().steps() > 0) {
                double[] p = adam.preconditioner(next.state());
                eigenvalues(null, PRECONDITIONED, hessian.preconditioned(p));
            }
            if (perBlock && matrices.contains(HESSIAN)) {
                for (Block block : moment.run().model().layout().blocks()) {
                    Part part = new Part(List.of(block));
                    Lanczos top = eigenvalues(block.name(), HESSIAN, hessian.within(part));
                    shares(block.name(), top, part.of(gradient), part.of(step));
                }
            }
        }

        private Lanczos eigenvalues(@Nullable String block, String series, SymmetricOperator a) {
            int k = Math.min(eigenvalues, a.dimension());
            Lanczos lanczos = Lanczos.largest(a, k, TOLERANCE, products, random);
            for (int i = 0; i < k; i++) {
                row(block, series, EIGENVALUE, i + 1, lanczos.value(i), lanczos.error(i));
            }
            int last = lanczos.size() - 1;
            row(block, series, SMALLEST, null, lanczos.value(last), lanczos.error(last));
            return lanczos;
        }

        private void shares(@Nullable String block, Lanczos top, double[] gradient, double[] step) {
            int k = Math.min(eigenvalues, gradient.length);
            TopShare share = TopShare.of(top, k, gradient);
            row(block, HESSIAN, GRADIENT_SHARE, k, share.share(), null);
            row(block, HESSIAN, STEP_SHARE, k, TopShare.of(top, k, step).share(), null);
            row(block, HESSIAN, CHANCE, k, share.chance(), null);
        }

        private void trace(String series, SymmetricOperator a) {
            if (probes > 0) {
                Estimate trace = TraceEstimate.of(a, probes, random);
                row(null, series, TRACE, null, trace.value(), (trace.high() - trace.low()) / 2);
            }
        }

        private void row(
                @Nullable String block,
                String series,
                String statistic,
                @Nullable Integer ordinal,
                double value,
                @Nullable Double error) {
            rows.row(moment.step(), number, block, series, statistic, ordinal, value, error);
        }
    }
}
