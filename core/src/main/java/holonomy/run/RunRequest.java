package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.Bytes;
import holonomy.data.Fields;
import holonomy.data.Identity;
import holonomy.data.UserError;
import holonomy.intervention.Basis;
import holonomy.intervention.Intervention;
import holonomy.intervention.Renewed;
import holonomy.measure.Measure;
import holonomy.measure.Measures;
import holonomy.measure.SnapshotPlan;
import holonomy.train.Footprint;
import holonomy.train.Fork;
import holonomy.train.RunSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run that is wanted, and what is to be recorded along it. What is recorded never changes the weights, so the run's identity is its spec's.
 */
public final class RunRequest {
    private final RunSpec spec;
    private final String label;
    private final Set<SnapshotPlan> snapshots;
    private final List<Measure> measures;
    private final SortedSet<Long> states;
    private final String id;

    /** A request; snapshots that a measure needs are kept too. */
    public RunRequest(RunSpec spec, String label, Set<SnapshotPlan> snapshots, List<Measure> measures) {
        this(spec, label, snapshots, measures, new TreeSet<>());
    }

    private RunRequest(
            RunSpec spec, String label, Set<SnapshotPlan> snapshots, List<Measure> measures, SortedSet<Long> states) {
        Set<SnapshotPlan> all = new LinkedHashSet<>(snapshots);
        measures.forEach(measure -> all.addAll(measure.needs()));
        measures.forEach(measure -> requireFits(measure, spec.model().length()));
        measures.forEach(measure -> measure.requireMeaning(spec));
        this.spec = spec;
        this.label = label;
        this.snapshots = Collections.unmodifiableSet(all);
        this.measures = measures.stream().distinct().toList();
        this.states = Collections.unmodifiableSortedSet(states);
        id = Identity.of(spec.spec());
    }

    /** What determines the weights. */
    public RunSpec spec() {
        return spec;
    }

    /** Directions that its interventions refer to. */
    List<Basis> bases() {
        return spec.training().interventions().stream()
                .flatMap(each -> each.bases().stream())
                .toList();
    }

    /** Ids of the runs that must be finished before: it starts from one, or their paths are bases of its interventions. */
    public Set<String> needs() {
        return Stream.concat(
                        spec.start().stream().map(Fork::run), bases().stream().flatMap(basis -> basis.run().stream()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * This request, and the whole state of the training kept after {@code step} steps, so that others can start from it ({@link Fork}).
     *
     * @throws UserError if the run has fewer steps
     */
    public RunRequest keepingState(long step) {
        if (step < 0 || step > spec.training().steps()) {
            throw new UserError("run '" + label + "': its state is wanted after step " + step + "; expected 0 to "
                    + spec.training().steps() + "; choose one of them, or train that run longer");
        }
        SortedSet<Long> more = new TreeSet<>(states);
        more.add(step);
        return new RunRequest(spec, label, snapshots, measures, more);
    }

    /** The steps after which the whole state is kept. */
    SortedSet<Long> states() {
        return states;
    }

    /**
     * Makes sure that this machine has the memory that its measures, and directions that interventions find anew, take.
     *
     * @throws UserError otherwise
     */
    void requireMemory() {
        measures.forEach(measure -> measure.requireMemory(spec));
        spec.training().interventions().stream()
                .flatMap(each -> each.bases().stream())
                .forEach(basis -> {
                    if (basis instanceof Renewed renewed) {
                        renewed.requireMemory(spec.model());
                    }
                });
    }

    /** The most that its measures, and directions that interventions find anew, cost besides the training, in gradients of their batches. */
    public double gradients() {
        long steps = spec.training().steps();
        double measured = measures.stream()
                .mapToDouble(
                        measure -> measure.gradients(spec) * measure.cadence().steps(steps).length)
                .sum();
        double found = 0;
        for (Intervention each : spec.training().interventions()) {
            for (Basis basis : each.bases()) {
                found += basis instanceof Renewed renewed ? renewed.gradients(each.window(), steps) : 0;
            }
        }
        return measured + found;
    }

    private static void requireFits(Measure measure, int length) {
        String memory = Bytes.words((double) Float.BYTES * measure.sequences() * length);
        Footprint.requireTokens("measure '" + measure.name() + "': a batch", measure.sequences(), length, memory);
    }

    /** A few words for people. */
    public String label() {
        return label;
    }

    /** Weights to keep along the way. */
    public Set<SnapshotPlan> snapshots() {
        return snapshots;
    }

    /** Tables to fill along the way. */
    public List<Measure> measures() {
        return measures;
    }

    /** Lower-case hexadecimal SHA-256 of the spec's canonical JSON. */
    public String id() {
        return id;
    }

    /** The request as data: with {@link #fromJson} another process carries it out. */
    public ObjectNode json() {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("label", label);
        node.set("spec", spec.spec());
        ArrayNode plans = node.putArray("snapshots");
        snapshots.forEach(plan -> plans.add(plan.spec()));
        ArrayNode tables = node.putArray("measures");
        measures.forEach(measure -> tables.add(measure.spec()));
        states.forEach(step -> node.withArray("states").add(step));
        return node;
    }

    /**
     * The request whose {@link #json()} this is.
     *
     * @throws UserError if it has a measure that isn't one of this version's own
     */
    public static RunRequest fromJson(JsonNode node) {
        Fields fields = new Fields("request", node);
        Set<SnapshotPlan> plans = new LinkedHashSet<>();
        fields.objects("snapshots").forEach(plan -> plans.add(SnapshotPlan.fromSpec(plan)));
        List<Measure> tables =
                fields.objects("measures").stream().map(RunRequest::measure).toList();
        RunSpec spec = RunSpec.fromSpec(fields.object("spec").node());
        RunRequest read = new RunRequest(spec, fields.text("label"), plans, tables);
        if (fields.has("states")) {
            for (int step : fields.wholes("states")) {
                read = read.keepingState(step);
            }
        }
        fields.sameAs(read.json());
        return read;
    }

    private static Measure measure(Fields fields) {
        JsonNode spec = fields.node();
        return Measures.fromSpec(spec)
                .orElseThrow(() -> new UserError("measure " + spec.path("name").asText()
                        + " cannot be sent to another machine: expected one of Holonomy's own, found " + spec
                        + "; leave it out, or run the script without --on"));
    }

    /** This request and another one of the same run as one. */
    public RunRequest and(RunRequest other) {
        if (!spec.equals(other.spec)) {
            throw new IllegalArgumentException("requests of different runs: " + label + " and " + other.label);
        }
        Set<SnapshotPlan> bothSnapshots = new LinkedHashSet<>(snapshots);
        bothSnapshots.addAll(other.snapshots);
        List<Measure> bothMeasures = new ArrayList<>(measures);
        bothMeasures.addAll(other.measures);
        SortedSet<Long> bothStates = new TreeSet<>(states);
        bothStates.addAll(other.states);
        return new RunRequest(spec, label, bothSnapshots, bothMeasures, bothStates);
    }

    /** One request per run, by id, in the order of the first ones. */
    public static Map<String, RunRequest> merged(Collection<RunRequest> requests) {
        Map<String, RunRequest> byId = new LinkedHashMap<>();
        requests.forEach(request -> byId.merge(request.id(), request, RunRequest::and));
        return byId;
    }

    @Override
    public String toString() {
        return "RunRequest[" + label + "]";
    }
}
