package holonomy.spark;

import holonomy.run.Progress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import scala.jdk.javaapi.CollectionConverters;

/** Turns the tasks' {@link Reports} into the progress that a local sweep shows: a place on the board for each run in progress. */
final class Bars extends SparkListener {
    private final Progress progress;
    private final Map<String, Shown> shown = new HashMap<>();
    private final Set<String> ended = new HashSet<>();
    private final Set<Long> running = new HashSet<>();
    private final TreeSet<Integer> free = new TreeSet<>();

    /** A run on the board: its place, and the task that makes it. */
    private record Shown(int place, long task) {}

    Bars(Progress progress) {
        this.progress = progress;
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        CollectionConverters.asJava(update.accumUpdates())
                .forEach(task -> CollectionConverters.asJava(task._4()).forEach(info -> {
                    if (info.update().isDefined() && info.update().get() instanceof Report report) {
                        heard((Long) task._1(), report);
                    }
                }));
    }

    private synchronized void heard(long task, Report report) {
        if (ended.contains(report.id())) {
            return; // a heartbeat that was under way
        }
        Shown before = shown.get(report.id());
        if (before == null || before.task() != task) {
            int place = before == null ? place() : before.place();
            shown.put(report.id(), new Shown(place, task));
            // From the step it is at: what was done before it was first heard of would look like infinite speed.
            progress.started(report.id(), report.label(), place, report.step(), report.steps());
        } else if (report.step() > report.fromStep()) {
            progress.advanced(report.id(), report.step(), report.loss());
        }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
        changeRunning(start.taskInfo().taskId(), true);
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        changeRunning(end.taskInfo().taskId(), false);
    }

    private synchronized void changeRunning(long task, boolean runs) {
        if (runs) {
            running.add(task);
        } else {
            running.remove(task);
        }
        notifyAll();
    }

    /** Waits until no task runs: those that were cancelled write a last checkpoint first. */
    synchronized void awaitQuiet(Duration limit) {
        long until = System.nanoTime() + limit.toNanos();
        try {
            while (!running.isEmpty() && System.nanoTime() < until) {
                TimeUnit.NANOSECONDS.timedWait(this, until - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int place() {
        Integer first = free.pollFirst();
        return first == null ? shown.size() : first;
    }

    synchronized void ended(String id, Progress.Outcome outcome, String cause) {
        if (ended.add(id)) {
            Shown gone = shown.remove(id);
            if (gone != null) {
                free.add(gone.place());
            }
            progress.ended(id, outcome, cause);
        }
    }
}
