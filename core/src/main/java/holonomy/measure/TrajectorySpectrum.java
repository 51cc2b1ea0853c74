package holonomy.measure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Table;
import holonomy.data.UserError;
import holonomy.geometry.Centring;
import holonomy.geometry.Gram;
import holonomy.geometry.NullSpectrum;
import holonomy.geometry.Shrinkage;
import holonomy.geometry.ShuffledNull;
import holonomy.geometry.Spectrum;
import holonomy.geometry.Statistic;
import holonomy.geometry.Trajectory;
import holonomy.geometry.WalkNull;
import holonomy.geometry.Windows;
import holonomy.model.Block;
import holonomy.model.Layout;
import holonomy.task.Stream;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The dimension of each block's path through weight space, over expanding windows of its snapshots, beside the nulls that could have
 * given it: for w_1 .. w_t every {@link Statistic} of the centred spectrum, of the uncorrelated walk, of drift plus noise, of the AR(1) walk with the same
 * increment lengths, and (at up to {@code shuffledWindows} windows) of shuffled increments with its 2.5 and 97.5 % quantiles. At the last window also
 * from the start uncentred, and row-normalised.
 *
 * <p>Source: arXiv 2602.10496, section 4.1; nulls: spec C1. All values dimensionless.
 *
 * @param snapshots the snapshots analysed
 * @param windows number of expanding windows, at most {@link Windows#MOST}
 * @param shuffledWindows windows at which shuffled increments are drawn, evenly spaced, the last included
 * @param draws shuffles per window
 */
public record TrajectorySpectrum(SnapshotPlan snapshots, int windows, int shuffledWindows, int draws)
        implements PathMeasure {
    /** How the path was centred before its spectrum. */
    public static final Table.Column CENTRING = Table.text("centring");

    /** 2.5 % quantile of a null that is drawn; missing elsewhere. */
    public static final Table.Column LOW = Table.quantity("low");

    /** 97.5 % quantile of a null that is drawn; missing elsewhere. */
    public static final Table.Column HIGH = Table.quantity("high");

    /** The series that holds the measured values; the others are named after their null. */
    public static final String MEASURED = "measured";

    public TrajectorySpectrum {
        if (windows < 1 || windows > Windows.MOST) {
            throw new UserError("trajectory spectrum: expected 1.." + Windows.MOST + " windows, found " + windows);
        }
        if (shuffledWindows < 1 || shuffledWindows > ShuffledNull.WINDOWS) {
            throw new UserError("trajectory spectrum: expected 1.." + ShuffledNull.WINDOWS
                    + " windows with shuffled increments, found " + shuffledWindows);
        }
        PathMeasure.requireAtLeast(Windows.FIRST, snapshots, "trajectory spectrum");
    }

    @Override
    public String name() {
        return "spectrum";
    }

    @Override
    public List<Table.Column> columns() {
        return List.of(BLOCK, Measure.LAYER, MATRIX, CENTRING, SNAPSHOTS, STEP, STATISTIC, SERIES, VALUE, LOW, HIGH);
    }

    @Override
    public boolean isOfItsStep() {
        return true;
    }

    @Override
    public int semantics() {
        return 2;
    }

    @Override
    public ObjectNode parameters() {
        return PathMeasure.super
                .parameters()
                .put("windows", windows)
                .put("shuffledWindows", shuffledWindows)
                .put("draws", draws);
    }

    @Override
    public void measure(Moment moment, Table.Builder rows) {
        Trajectory trajectory = moment.trajectory(snapshots);
        Layout layout = moment.run().model().layout();
        List<String> blocks = trajectory.blocks();
        for (int i = 0; i < blocks.size(); i++) {
            Block block = layout.block(blocks.get(i));
            Place place =
                    new Place(block.layer(), block.role().label(), moment.run().shrinkage(block));
            write(Gram.of(trajectory, block.name()), place, moment.stream("shuffled increments"), i, rows);
        }
    }

    /**
     * Where a path belongs.
     *
     * @param layer -1 outside the layers
     * @param matrix what it is within its layer, for instance {@code W_Q}
     * @param decay what decay alone does to it
     */
    public record Place(long layer, String matrix, Shrinkage decay) {}

    /**
     * Adds the rows of one block.
     *
     * @param gram the block's path
     * @param stream where shuffles are drawn from
     * @param number the block's number, part of the draws' index
     * @param rows with {@link #columns()}. Modified.
     */
    public void write(Gram gram, Place place, Stream stream, int number, Table.Builder rows) {
        new BlockRows(gram, place, stream, number, rows).write();
    }

    /** Writes the rows of one block. */
    private final class BlockRows {
        private final Gram gram;
        private final Place place;
        private final Stream stream;
        private final int number;
        private final Table.Builder rows;

        BlockRows(Gram gram, Place place, Stream stream, int number, Table.Builder rows) {
            this.gram = gram;
            this.place = place;
            this.stream = stream;
            this.number = number;
            this.rows = rows;
        }

        void write() {
            int[] ends = Windows.expanding(gram.snapshots(), windows);
            Set<Integer> shuffled = spaced(ends);
            for (int end : ends) {
                Gram window = gram.prefix(end);
                measured(window, Centring.CENTRED);
                exact(window, new WalkNull.Uncorrelated(), Centring.CENTRED);
                exact(window, new WalkNull.DriftPlusNoise(place.decay()), Centring.CENTRED);
                exact(window, new WalkNull.Autoregressive(), Centring.CENTRED);
                if (shuffled.contains(end)) {
                    ShuffledNull draw = new ShuffledNull(draws);
                    long index = (long) number * (Integer.MAX_VALUE + 1L) + end;
                    add(window, Centring.CENTRED, NullSpectrum.of(draw, window, Centring.CENTRED, stream.at(index)));
                }
            }
            for (Centring centring : List.of(Centring.FROM_START, Centring.ROW_NORMALISED)) {
                measured(gram, centring);
                exact(gram, new WalkNull.Uncorrelated(), centring);
            }
        }

        private Set<Integer> spaced(int[] ends) {
            int count = Math.min(shuffledWindows, ends.length);
            return IntStream.range(0, count)
                    .map(i -> ends[ends.length - 1 - (count == 1 ? 0 : i * (ends.length - 1) / (count - 1))])
                    .boxed()
                    .collect(Collectors.toSet());
        }

        private void measured(Gram window, Centring centring) {
            Spectrum spectrum = Spectrum.of(window, centring);
            Arrays.stream(Statistic.values())
                    .forEach(statistic ->
                            row(window, centring, statistic, MEASURED, statistic.of(spectrum), null, null));
        }

        private void exact(Gram window, WalkNull walk, Centring centring) {
            add(window, centring, NullSpectrum.of(walk, window, centring));
        }

        private void add(Gram window, Centring centring, NullSpectrum spectrum) {
            for (Statistic statistic : Statistic.values()) {
                Double low = spectrum.isExact() ? null : spectrum.quantile(statistic, .025);
                Double high = spectrum.isExact() ? null : spectrum.quantile(statistic, .975);
                row(window, centring, statistic, spectrum.label(), spectrum.mean(statistic), low, high);
            }
        }

        private void row(
                Gram window,
                Centring centring,
                Statistic statistic,
                String series,
                double value,
                @Nullable Double low,
                @Nullable Double high) {
            long[] steps = window.steps();
            rows.row(
                    window.block(),
                    place.layer(),
                    place.matrix(),
                    centring.label(),
                    window.snapshots(),
                    steps[steps.length - 1],
                    statistic.label(),
                    series,
                    value,
                    low,
                    high);
        }
    }
}
