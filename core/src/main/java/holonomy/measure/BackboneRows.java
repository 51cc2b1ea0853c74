package holonomy.measure;

import holonomy.data.Table;
import holonomy.geometry.Backbone;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.InitialDirection;
import holonomy.geometry.Phases;
import holonomy.geometry.Rotation;
import holonomy.geometry.Spectrum;
import holonomy.geometry.UpdateAlignment;
import holonomy.inference.PowerLaw;
import java.util.Arrays;

/** The rows of one path, measured or expected, in the table of {@link BackbonePath}; its statistics by their names. */
public final class BackboneRows {
    /** Snapshots of a window, ten as published. */
    public static final int WINDOW = 10;

    /** a_t, the component along the backbone; weight norm. */
    public static final String ALONG = "along";

    /** r_t, the length of the rest; weight norm. */
    public static final String ACROSS = "across";

    /** Rows of {@link #PC1_SO_FAR}. */
    public static final int ROWS_SO_FAR = 5;

    /** Snapshots of a window within a window of the path, five as published. */
    private static final int SMALL_WINDOW = 5;

    /** |w_t - w_0|, weight norm. */
    public static final String DRIFT = "drift";

    /** a_t^2 / |w_t - w_0|^2. */
    public static final String SHARE = "share";

    /** Change of a_t per step since the snapshot before. */
    public static final String SPEED_ALONG = "speed along";

    /** Length of the change of the rest per step since the snapshot before. */
    public static final String SPEED_ACROSS = "speed across";

    /** cos(w_t - w_t-1, v), signed, of the whole path's row-normalised v. */
    public static final String UPDATE_COSINE = "update cosine";

    /** The same of the raw v, at the middle of each update: as published of a layer. */
    public static final String RAW_UPDATE_COSINE = "update cosine, raw backbone";

    /** Cosine of an update of a twentieth of the steps and the row-normalised v of the window that it lies in, at its beginning. */
    public static final String WINDOW_UPDATE_COSINE = "update cosine, window's backbone";

    /** The same of updates after the window, which v has not seen. */
    public static final String UNSEEN_UPDATE_COSINE = "update cosine after the window";

    /** PC1 share of the path so far, of as many rows at any step, evenly spread over it: {@link #ROWS_SO_FAR}. */
    public static final String PC1_SO_FAR = "PC1 of the path so far";

    /** Cosine of the backbones of successive windows that are all told from the path's first snapshot. */
    public static final String ANCHORED_TURN = "cosine to the next window, both told from the start";

    /** |w_t - w_0|^2 over the sum of the squared increments. */
    public static final String COHERENCE = "coherence";

    /** Cosine of a window's backbone and the next window's, signed, at the window's middle. */
    public static final String TURN = "cosine to the next window";

    /** PC1 share of a window, at its middle. */
    public static final String WINDOW_PC1 = "PC1 of the window";

    /** Cosine of a window's backbone and that of the early phase, signed. */
    public static final String TO_EARLY = "cosine to the early backbone";

    /** Cosine of a window's backbone and that of the late phase, signed. */
    public static final String TO_LATE = "cosine to the late backbone";

    /** PC1 share, every snapshot counting alike. */
    public static final String PC1 = "PC1, row-normalised";

    /** PC1 share of the displacements as they are. */
    public static final String RAW_PC1 = "PC1, raw";

    /** Components that hold 95 % of the row-normalised variance. */
    public static final String K95 = "k95";

    /** Components that hold 99 %. */
    public static final String K99 = "k99";

    /** cos(v, -w_0), signed. */
    public static final String TO_DECAY = "cosine to -w_0";

    /** PC1 share of the early phase. */
    public static final String EARLY_PC1 = "PC1 of the early phase";

    /** PC1 share of the late phase. */
    public static final String LATE_PC1 = "PC1 of the late phase";

    /** cos(v_E, v_L), signed. */
    public static final String PHASES = "cosine of the phases";

    /** Bounds of the regimes of the power laws, as shares of the steps. */
    private static final double[][] REGIMES = {{0, .2}, {.2, .4}, {.4, .6}, {.6, 1}, {0, .4}, {.4, 1}};

    private final String path;
    private final String part;
    private final String series;
    private final long last;
    private final Table.Builder rows;

    BackboneRows(String path, String part, String series, long last, Table.Builder rows) {
        this.path = path;
        this.part = part;
        this.series = series;
        this.last = last;
        this.rows = rows;
    }

    /** The step at which the phases of a run part: two fifths. */
    static long parted(long steps) {
        return steps * 2 / 5;
    }

    /** The exponent of a curve, {@link #ALONG} or {@link #ACROSS}, in a regime: steps above {@code after} up to {@code upTo}, as shares of the run's. */
    public static String exponent(String curve, double after, double upTo) {
        return "exponent of '" + curve + "', " + after + " to " + upTo + " of the steps";
    }

    /** Adds the rows of a path as it is. */
    void write(InitialDirection whole) {
        Backbone backbone = write(whole.path());
        number(TO_DECAY, -backbone.direction().cosineToInitial(whole));
    }

    /** Adds the rows of a window of a path. */
    void write(InitialDirection whole, PathWindow window) {
        InitialDirection within = whole.within(window.first(last), window.last(last));
        number(TO_DECAY, -write(whole.path(), window).direction().cosineToInitial(within));
    }

    /** The same of a path that may lack its component along w_0: all but the cosine to it. */
    Backbone write(Gram path, PathWindow window) {
        long first = window.first(last);
        int from = path.at(first);
        int to = path.at(window.last(last)) + 1;
        Gram within = path.from(from, from + 1, to);
        if (within.snapshots() > SMALL_WINDOW + 1) {
            turns(Rotation.anchored(within, 0, 1, SMALL_WINDOW, Centring.ROW_NORMALISED), ANCHORED_TURN);
        }
        long lag = window.lag(last);
        for (UpdateAlignment update :
                UpdateAlignment.ofWindow(path, first, window.last(last), lag, window.updates(last))) {
            boolean seen = update.step() + lag <= window.last(last);
            row(seen ? WINDOW_UPDATE_COSINE : UNSEEN_UPDATE_COSINE, Math.round(update.step()), update.cosine());
        }
        return common(within);
    }

    /** Adds the rows of a path that may lack its component along w_0: all but the cosine to it. */
    Backbone write(Gram gram) {
        Backbone backbone = common(gram);
        curve(UPDATE_COSINE, gram, backbone.updateCosine());
        for (UpdateAlignment update : UpdateAlignment.ofBlock(gram)) {
            row(RAW_UPDATE_COSINE, Math.round(update.step()), update.cosine());
        }
        soFar(gram);
        windows(gram);
        double[] steps = Arrays.stream(gram.steps()).asDoubleStream().toArray();
        for (double[] regime : REGIMES) {
            exponent(ALONG, steps, backbone.along(), regime);
            exponent(ACROSS, steps, backbone.across(), regime);
        }
        return backbone;
    }

    private Backbone common(Gram gram) {
        Backbone backbone = Backbone.of(gram, Centring.ROW_NORMALISED);
        curve(ALONG, gram, backbone.along());
        curve(ACROSS, gram, backbone.across());
        curve(DRIFT, gram, backbone.drift());
        curve(SHARE, gram, backbone.share());
        curve(SPEED_ALONG, gram, backbone.speedAlong());
        curve(SPEED_ACROSS, gram, backbone.speedAcross());
        curve(COHERENCE, gram, Backbone.coherence(gram));
        Spectrum spectrum = Spectrum.of(gram, Centring.ROW_NORMALISED);
        number(PC1, spectrum.pc1Share());
        number(K95, spectrum.r95());
        number(K99, spectrum.r99());
        number(RAW_PC1, Spectrum.of(gram, Centring.FROM_START).pc1Share());
        return backbone;
    }

    private void soFar(Gram gram) {
        for (int t = ROWS_SO_FAR; t < gram.snapshots(); t++) {
            int[] spread = new int[ROWS_SO_FAR + 1];
            for (int i = 0; i < spread.length; i++) {
                spread[i] = Math.round((float) i * t / ROWS_SO_FAR);
            }
            Spectrum thinned = Spectrum.of(gram.picked(spread), Centring.ROW_NORMALISED);
            row(PC1_SO_FAR, gram.steps()[t], thinned.pc1Share());
        }
    }

    private void turns(Rotation rotation, String statistic) {
        double[] turns = rotation.cosines();
        for (int w = 0; w < turns.length; w++) {
            row(statistic, Math.round(rotation.windows().get(w).centre()), turns[w]);
        }
    }

    private void windows(Gram gram) {
        Phases phases = Phases.at(gram, parted(last));
        number(EARLY_PC1, phases.earlyShare());
        number(LATE_PC1, phases.lateShare());
        number(PHASES, phases.cosine());
        if (gram.snapshots() <= WINDOW) {
            return;
        }
        Rotation rotation = Rotation.rolling(gram, 1, WINDOW);
        turns(rotation, TURN);
        turns(Rotation.anchored(gram, 0, 1, WINDOW, Centring.FROM_START), ANCHORED_TURN);
        for (Rotation.Window window : rotation.windows()) {
            long step = Math.round(window.centre());
            row(WINDOW_PC1, step, window.share());
            row(TO_EARLY, step, phases.early().cosine(window.direction()));
            row(TO_LATE, step, phases.late().cosine(window.direction()));
        }
    }

    private void exponent(String of, double[] steps, double[] curve, double[] regime) {
        number(
                exponent(of, regime[0], regime[1]),
                PowerLaw.of(steps, curve, regime[0] * last, regime[1] * last).exponent());
    }

    private void curve(String statistic, Gram gram, double[] values) {
        long[] steps = gram.steps();
        for (int t = 0; t < steps.length; t++) {
            row(statistic, steps[t], values[t]);
        }
    }

    private void number(String statistic, double value) {
        row(statistic, last, value);
    }

    private void row(String statistic, long step, double value) {
        rows.row(path, part, series, statistic, step, value);
    }
}
