package holonomy.spark;

import holonomy.data.UserError;
import holonomy.model.ComputeDevice;
import holonomy.store.CodeVersion;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * What every task carries with it and checks before it trains: that its worker has the driver's code, sees the driver's store, and has the device
 * that was asked for. Executors come and go during a sweep, so one look at the start would not do.
 *
 * @param store the folder of runs
 * @param token name of a file in it that the driver has written; its text is its name
 * @param code the driver's code
 * @param device {@code auto}, {@code cpu} or {@code cuda}
 */
record Ticket(String store, String token, String code, String device) implements Serializable {
    private static final String GPU = "gpu";

    /** What keeps a task from training; empty if nothing does. */
    String problem(TaskContext context) {
        String host = SparkEnv.get().blockManager().blockManagerId().host();
        String here = CodeVersion.here();
        if (!here.equals(code)) {
            return "the worker on " + host + " has another Holonomy than the driver: expected " + code + ", found "
                    + here + "; take Holonomy's jars off the workers' class path, or give them the driver's";
        }
        if (!seesStore()) {
            return "the worker on " + host + " does not see the store: expected the file " + token + " in " + store
                    + ", which the driver has just written, found none; give --store a folder on a file system that the"
                    + " driver and all workers share, under the same path";
        }
        if (device.equals("cuda") && gpus(context).isEmpty()) {
            return "--device cuda: the task on " + host
                    + " was given no GPU; set spark.executor.resource.gpu.amount and"
                    + " spark.task.resource.gpu.amount, with workers that offer GPUs (README, 'On a cluster'), or use"
                    + " --device cpu";
        }
        return "";
    }

    private boolean seesStore() {
        try {
            return Files.readString(Path.of(store, token), StandardCharsets.UTF_8)
                    .equals(token);
        } catch (IOException notThere) {
            return false;
        }
    }

    /** The device that the cluster has given a task. */
    ComputeDevice device(TaskContext context) {
        List<String> gpus = gpus(context);
        if (device.equals("cpu") || gpus.isEmpty()) {
            return ComputeDevice.CPU;
        }
        ComputeDevice.of("cuda"); // says so if libtorch sees no GPU
        return ComputeDevice.gpu(index(gpus.get(0)));
    }

    private static int index(String address) {
        try {
            return Integer.parseInt(address);
        } catch (NumberFormatException e) {
            throw new UserError("the cluster's GPU address: expected a whole number, found '" + address
                    + "'; the discovery script must print addresses as 0, 1, ...");
        }
    }

    private static List<String> gpus(TaskContext context) {
        Map<String, ResourceInformation> resources = context.resourcesJMap();
        return resources.containsKey(GPU) ? List.of(resources.get(GPU).addresses()) : List.of();
    }
}
