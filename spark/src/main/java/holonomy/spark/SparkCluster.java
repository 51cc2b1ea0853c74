package holonomy.spark;

import holonomy.data.UserError;
import holonomy.run.Cluster;
import holonomy.run.Progress;
import holonomy.run.Runner;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;

/** Apache Spark as the place where runs are made. */
public final class SparkCluster implements Cluster {
    private static final Duration TO_CONNECT = Duration.ofSeconds(8);
    private static final Duration TO_REGISTER = Duration.ofSeconds(10);

    private final Duration checkpointEvery;

    /** With the checkpoints of local runs. */
    public SparkCluster() {
        this(Runner.CHECKPOINT_EVERY);
    }

    /** With another time between checkpoints. */
    public SparkCluster(Duration checkpointEvery) {
        this.checkpointEvery = checkpointEvery;
    }

    @Override
    public Connection connect(Order order, Progress progress, Consumer<String> says) {
        MasterAddress master = new MasterAddress(order.address());
        if (master.isLocal() && order.device().equals("cuda")) {
            throw new UserError("--device cuda: Spark's local mode gives its tasks no GPU; leave --on " + master.text()
                    + " out, or use --device cpu");
        }
        master.requireReachable(TO_CONNECT);
        SparkContext context = context(master);
        try {
            SparkEngine engine = new SparkEngine(context, order, progress, checkpointEvery);
            engine.probe(says);
            return engine;
        } catch (RuntimeException | Error e) {
            context.stop();
            throw e;
        }
    }

    /** A context that is registered with its master. Spark itself would try for a minute, and then only log that it gave up. */
    private static SparkContext context(MasterAddress master) {
        CompletableFuture<SparkContext> made = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        made.complete(new SparkContext(Settings.of(master)));
                    } catch (Throwable failure) {
                        made.completeExceptionally(failure);
                    }
                },
                "spark");
        thread.setDaemon(true);
        thread.start();
        try {
            return master.isStandalone() ? made.get(TO_REGISTER.toMillis(), TimeUnit.MILLISECONDS) : made.get();
        } catch (TimeoutException e) {
            made.thenAccept(SparkContext::stop);
            throw master.unreachable(
                    "something listens, but does not register an application within " + TO_REGISTER.toSeconds() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UserError error) {
                throw error;
            }
            throw new UserError(
                    "--on " + master.text() + ": Spark does not start: "
                            + e.getCause().getMessage()
                            + "; nothing was trained. For yarn and k8s:// set SPARK_HOME to a Spark distribution that has them",
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while connecting to " + master.text(), e);
        }
    }
}
