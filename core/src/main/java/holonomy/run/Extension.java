package holonomy.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Identity;
import holonomy.data.Table;
import holonomy.measure.Cadence;
import holonomy.measure.Measure;
import holonomy.measure.SnapshotPlan;
import holonomy.model.ComputeDevice;
import holonomy.store.IndexEntry;
import holonomy.store.MeasureFile;
import holonomy.store.Provenance;
import holonomy.store.RunWriter;
import holonomy.store.Snapshots;
import holonomy.store.Store;
import holonomy.store.StoredRun;
import holonomy.store.WeightsFile;
import holonomy.train.Observer;
import holonomy.train.RunSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A finished run that a longer one can go on from: same spec but fewer steps, under a schedule that doesn't look at their number, and with everything recorded
 * that the longer one would have recorded so far. Then the longer run's bytes are those of one trained from the start; where anything is missing, it is trained
 * from the start, for a replay of the shorter one would cost the same.
 *
 * <p>Cadences are counts per run, so the moments of a longer run are other ones; twice the steps with the same odd count, or count n -> 2n-1, has all of them.
 * A table is cut to the moments wanted by its column {@code step}, if that holds exactly the steps at which it was measured.
 */
final class Extension {
    private final StoredRun shorter;
    private final long from;
    private final RunRequest request;

    private Extension(StoredRun shorter, long from, RunRequest request) {
        this.shorter = shorter;
        this.from = from;
        this.request = request;
    }

    /** What runs have in common that differ in their number of steps only. */
    static String family(RunSpec spec) {
        ObjectNode node = spec.spec();
        ((ObjectNode) node.get("training")).remove("steps");
        return Identity.of(node);
    }

    /** The longest finished run that a new one can go on from. */
    static Optional<Extension> of(Store store, List<IndexEntry> runs, RunRequest request) {
        if (!request.spec().training().extendable()) {
            return Optional.empty();
        }
        String family = family(request.spec());
        long steps = request.spec().training().steps();
        return runs.stream()
                .filter(run -> run.summary().path("family").asText().equals(family))
                .filter(run -> run.summary().path("state").asText().equals("complete"))
                .filter(run -> step(run) < steps)
                .sorted((a, b) -> Long.compare(step(b), step(a)))
                .flatMap(run -> store.find(run.id()).stream())
                .map(run -> new Extension(run, run.summary().path("step").longValue(), request))
                .filter(Extension::holdsEverything)
                .findFirst();
    }

    private static long step(IndexEntry run) {
        return run.summary().path("step").longValue();
    }

    String id() {
        return shorter.id();
    }

    /** The step it goes on from. */
    long from() {
        return from;
    }

    /** Whether it was made with the products of this process: else a longer run would not have the bytes of one trained from the start. */
    boolean madeAsOn(ComputeDevice device) {
        return Provenance.otherProducts(shorter, device).isEmpty();
    }

    private boolean holdsEverything() {
        return shorter.has(WeightsFile.FINAL)
                && request.snapshots().stream().allMatch(plan -> snapshots(plan).isPresent())
                && request.measures().stream().allMatch(measure -> rows(measure).isPresent())
                && statesSoFar().stream().allMatch(step -> shorter.has(stateFile(step)))
                && shorter.isSound();
    }

    /** Copies the snapshots into the longer run; what it goes on from. */
    Checkpoint.Restored start(RunWriter writer) {
        for (SnapshotPlan plan : request.snapshots()) {
            snapshots(plan)
                    .orElseThrow()
                    .forEach((step, file) -> writer.putBytes(Snapshots.name(plan, step), shorter.bytes(file)));
        }
        statesSoFar().forEach(step -> writer.putBytes(WeightsFile.at(step), shorter.bytes(stateFile(step))));
        Map<Measure, Table> tables = new LinkedHashMap<>();
        request.measures().forEach(measure -> tables.put(measure, rows(measure).orElseThrow()));
        return new Checkpoint.Restored(
                WeightsFile.read(shorter.verified(WeightsFile.FINAL), request.spec(), from),
                Observer.Step.NONE,
                tables,
                List.of(),
                shorter.summary().path("seconds").doubleValue());
    }

    /** The steps up to here whose state is wanted. */
    private SortedSet<Long> statesSoFar() {
        return request.states().headSet(from + 1);
    }

    private String stateFile(long step) {
        return step == from ? WeightsFile.FINAL : WeightsFile.at(step);
    }

    /** The stored file of each snapshot wanted so far, by step; empty if one is missing. */
    private Optional<Map<Long, String>> snapshots(SnapshotPlan plan) {
        Map<Long, String> found = new TreeMap<>();
        for (long step : due(plan.cadence())) {
            Optional<String> file = shorter.files().keySet().stream()
                    .filter(path -> Snapshots.isSnapshot(path, plan.group(), step))
                    .findFirst();
            if (file.isEmpty()) {
                return Optional.empty();
            }
            found.put(step, file.get());
        }
        return Optional.of(found);
    }

    /** The rows wanted so far; empty if the shorter run has not got all of them. */
    private Optional<Table> rows(Measure measure) {
        Set<Long> wanted = LongStream.of(due(measure.cadence())).boxed().collect(Collectors.toCollection(TreeSet::new));
        if (wanted.isEmpty()) {
            return Optional.of(Table.builder(measure.columns(request.spec())).build());
        }
        return shorter.files().keySet().stream()
                .filter(file -> file.startsWith("metrics/" + measure.name() + "-") && file.endsWith(".parquet"))
                .filter(file -> shorter.has(MeasureFile.spec(file)))
                .filter(file -> MeasureFile.sameButCadence(measure.spec(), shorter.json(MeasureFile.spec(file))))
                .flatMap(file ->
                        cut(shorter.table(file), wanted, MeasureFile.cadence(shorter.json(MeasureFile.spec(file))))
                                .stream())
                .findFirst();
    }

    private Optional<Table> cut(Table table, Set<Long> wanted, Cadence cadence) {
        if (!table.has("step")) {
            return Optional.empty();
        }
        Set<Long> there =
                table.rows().stream().map(row -> (Long) row.value("step")).collect(Collectors.toSet());
        Set<Long> measured =
                LongStream.of(Snapshots.due(cadence, from, from)).boxed().collect(Collectors.toSet());
        return there.equals(measured) && there.containsAll(wanted)
                ? Optional.of(table.where(row -> wanted.contains((Long) row.value("step"))))
                : Optional.empty();
    }

    /** The steps of the longer run, up to where it goes on, at which something is due. */
    private long[] due(Cadence cadence) {
        return Snapshots.due(cadence, request.spec().training().steps(), from);
    }
}
