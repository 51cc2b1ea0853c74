package holonomy.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.run.Progress.Outcome;
import holonomy.run.RunRequest;
import holonomy.run.RunResult;
import holonomy.run.Runner;
import holonomy.store.Store;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.spark.TaskContext;
import scala.Function2;
import scala.collection.Iterator;

/**
 * One task: the run of one request, on one core, into the store. An empty request is a probe, which checks and trains nothing. Cancelling the task
 * lets the run write a checkpoint and end.
 */
record RunTask(Ticket ticket, Duration checkpointEvery, Reports reports)
        implements Function2<TaskContext, Iterator<String>, TaskEnd>, Serializable {
    private static final ObjectMapper JSON = new ObjectMapper();

    static final String PROBE = "";
    private static final String EXTENDABLE = "extendable";

    @Override
    public TaskEnd apply(TaskContext context, Iterator<String> requests) {
        String problem = ticket.problem(context);
        if (!problem.isEmpty()) {
            return TaskEnd.refused(problem);
        }
        String request = requests.next();
        return request.equals(PROBE) ? new TaskEnd("", Outcome.COMPLETE, "") : train(context, read(request));
    }

    /** The text to send for a request; {@code extendable} if the store has a shorter run that it can go on from. */
    static String text(RunRequest request, boolean extendable) {
        return request.json().put(EXTENDABLE, extendable).toString();
    }

    private TaskEnd train(TaskContext context, ObjectNode sent) {
        boolean extendable = sent.remove(EXTENDABLE).asBoolean();
        RunRequest request = RunRequest.fromJson(sent);
        Runner runner =
                new Runner(Store.open(Path.of(ticket.store())), ticket.device(context), 1, reports, checkpointEvery);
        if (!extendable) {
            runner.knowing(List.of()); // a thousand tasks would look through a thousand runs each
        }
        RunResult result = runner.run(List.of(request), context::isInterrupted).get(0);
        return new TaskEnd(request.id(), result.outcome(), result.cause());
    }

    private static ObjectNode read(String request) {
        try {
            return (ObjectNode) JSON.readTree(request);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a request: " + request, e);
        }
    }
}
