package holonomy.spark;

import holonomy.data.UserError;
import holonomy.run.Cluster;
import holonomy.run.Inputs;
import holonomy.run.Progress;
import holonomy.run.RunRequest;
import holonomy.run.RunResult;
import holonomy.store.CodeVersion;
import holonomy.store.Garbage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;

/** Runs on a Spark cluster: one request, one task. */
final class SparkEngine implements Cluster.Connection {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Time for the last checkpoints of runs that are told to end. */
    private static final Duration TO_STOP = Duration.ofSeconds(60);

    private final SparkContext context;
    private final Cluster.Order order;
    private final Progress progress;
    private final Duration checkpointEvery;
    private final Path token;

    SparkEngine(SparkContext context, Cluster.Order order, Progress progress, Duration checkpointEvery) {
        this.context = context;
        this.order = order;
        this.progress = progress;
        this.checkpointEvery = checkpointEvery;
        token = writeToken(order.store().root());
    }

    /** The file by which workers recognise the store. Its name is one of a kind, so that no old copy can be taken for it. */
    private static Path writeToken(Path store) {
        Path token = store.resolve(Garbage.CLUSTER_TOKEN + UUID.randomUUID());
        try {
            Files.createDirectories(store);
            return Files.writeString(token, token.getFileName().toString());
        } catch (IOException e) {
            throw new UserError(
                    "--store: the folder " + store + " can't be written; give another one with --store DIR", e);
        }
    }

    private RunTask task(Reports reports) {
        Ticket ticket = new Ticket(
                order.store().root().toString(), token.getFileName().toString(), CodeVersion.here(), order.device());
        return new RunTask(ticket, checkpointEvery, reports);
    }

    /** Sends tasks that only look at their worker; each run's task looks again, for executors that come later. */
    void probe(Consumer<String> says) {
        List<String> probes = Collections.nCopies(Math.max(2, context.defaultParallelism()), RunTask.PROBE);
        AtomicReference<String> refused = new AtomicReference<>("");
        Job job = new Job(context, "probe", probes, task(reports()), (index, end) -> {
            if (end.isRefused()) {
                refused.compareAndSet("", end.cause());
            }
        });
        if (!job.endsWithin(PATIENCE)) {
            says.accept("waiting for " + order.address() + " to grant an executor: it is busy, or no worker has "
                    + Wanted.of(context.getConf()));
            job.await(() -> false);
        }
        job.failure().ifPresent(failure -> {
            throw new UserError(
                    "the workers of " + order.address() + " cannot carry out Holonomy's tasks: " + failure.getMessage()
                            + ". Nothing was trained",
                    failure);
        });
        if (!refused.get().isEmpty()) {
            throw new UserError(refused.get() + ". Nothing was trained");
        }
    }

    private Reports reports() {
        Reports reports = new Reports();
        context.register(reports);
        return reports;
    }

    /** Runs that others take something from are sent before these. */
    @Override
    public List<RunResult> run(List<RunRequest> requests, BooleanSupplier stop) {
        Map<String, RunRequest> wanted = RunRequest.merged(requests);
        Inputs.require(order.store(), wanted);
        Map<String, RunResult> results = new LinkedHashMap<>();
        wanted.values()
                .forEach(request -> results.put(
                        request.id(),
                        new RunResult(request, Progress.Outcome.INTERRUPTED, Optional.empty(), false, "")));
        List<RunRequest> left = new ArrayList<>(wanted.values());
        while (!left.isEmpty()) {
            Set<String> unended = left.stream().map(RunRequest::id).collect(Collectors.toSet());
            List<RunRequest> ready = left.stream()
                    .filter(request -> request.needs().stream().noneMatch(unended::contains))
                    .toList();
            send(ready, stop).forEach(result -> results.put(result.request().id(), result));
            left.removeAll(ready);
        }
        return List.copyOf(results.values());
    }

    private List<RunResult> send(List<RunRequest> requests, BooleanSupplier stop) {
        Bars bars = new Bars(progress);
        context.addSparkListener(bars);
        try {
            Sweep sweep = new Sweep(order.store(), requests, bars);
            List<String> missing = sweep.missing();
            if (!missing.isEmpty()) {
                Job job = new Job(context, "runs", missing, task(reports()), sweep::ended);
                job.await(() -> stop.getAsBoolean() || sweep.isRefused());
                bars.awaitQuiet(TO_STOP);
                sweep.requireAccepted();
                return sweep.results(stop.getAsBoolean(), job.failure());
            }
            return sweep.results(false, Optional.empty());
        } finally {
            context.removeSparkListener(bars);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(token);
        } catch (IOException e) {
            org.slf4j.LoggerFactory.getLogger(SparkEngine.class).debug("cannot delete {}", token, e);
        }
        context.stop();
    }
}
