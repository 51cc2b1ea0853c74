package holonomy.spark;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.collection.immutable.Range;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** A Spark job of one task per text, begun at once. Ends of tasks are heard as they come, one at a time. */
final class Job {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final SparkContext context;
    private final String name;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Job(SparkContext context, String name, List<String> texts, RunTask task, Ends ends) {
        this.context = context;
        this.name = name;
        RDD<String> rdd = JavaSparkContext.fromSparkContext(context)
                .parallelize(texts, texts.size())
                .rdd();
        Thread thread = new Thread(() -> carryOut(rdd, texts.size(), task, ends), "spark " + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Hears the end of the task of one text. */
    interface Ends {
        void ended(int index, TaskEnd end);
    }

    private void carryOut(RDD<String> rdd, int tasks, RunTask task, Ends ends) {
        try {
            context.setJobGroup(name, "Holonomy: " + name, false);
            context.runJob(
                    rdd,
                    task,
                    new Range.Exclusive(0, tasks, 1),
                    (index, end) -> {
                        ends.ended((Integer) index, end);
                        return BoxedUnit.UNIT;
                    },
                    ClassTag$.MODULE$.apply(TaskEnd.class));
            done.complete(null);
        } catch (Throwable failure) {
            done.completeExceptionally(failure);
        }
    }

    /** Whether the job ends within some time. */
    boolean endsWithin(Duration limit) {
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the cluster", e);
        }
    }

    /** Waits for the end; once {@code stop} is true, tells the tasks to end. */
    void await(BooleanSupplier stop) {
        boolean cancelled = false;
        while (!endsWithin(BETWEEN_LOOKS)) {
            if (!cancelled && stop.getAsBoolean()) {
                context.cancelJobGroup(name);
                cancelled = true;
            }
        }
    }

    /** Why the job ended before all its tasks had; empty if it did not. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(done.handle((nothing, failure) -> failure).join());
    }
}
