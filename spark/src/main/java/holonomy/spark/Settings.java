package holonomy.spark;

import holonomy.data.UserError;
import java.io.File;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.launcher.JavaModuleOptions;

/** Spark's configuration. What keeps runs right is set; what is a matter of taste is set only where nobody has. */
final class Settings {
    /** Jars that executors need, separated as on a class path: a system property that the launcher sets. */
    static final String JARS = "holonomy.spark.jars";

    /** A run fails in its own words; a task that fails has lost its executor, and that may happen to a long sweep often. */
    private static final String LOST_EXECUTORS = "50";

    private static final String ONE_THREAD =
            "-Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1" + " -Dai.djl.pytorch.num_interop_threads=1";

    /** As the launcher's: one arena that is never given back, so that a step's native arrays reuse warm pages. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "MALLOC_ARENA_MAX", "4",
            "MALLOC_TRIM_THRESHOLD_", "8589934592",
            "MALLOC_MMAP_THRESHOLD_", "33554432",
            "OPT_OUT_TRACKING", "true",
            "DJL_OFFLINE", "true");

    private Settings() {}

    /** The configuration for a master; system properties {@code spark.*}, which spark-submit sets, come first. */
    static SparkConf of(MasterAddress master) {
        SparkConf conf = new SparkConf();
        if (!master.isSubmitted()) {
            conf.setMaster(master.text());
        } else if (!conf.contains("spark.master")) {
            throw new UserError("--on spark-submit: expected to be started by spark-submit, found no spark.master; give"
                    + " the master's address instead");
        }
        keepRunsRight(conf);
        conf.setIfMissing("spark.app.name", "holonomy");
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        conf.setIfMissing("spark.executor.memory", "2g");
        conf.setIfMissing("spark.executor.heartbeatInterval", "2s"); // the bars move with it
        if (master.isLoopback()) {
            conf.setIfMissing("spark.driver.host", "127.0.0.1");
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        }
        String jars = System.getProperty(JARS, "");
        if (!jars.isEmpty()) {
            conf.setIfMissing("spark.jars", String.join(",", jars.split(File.pathSeparator)));
        }
        return conf;
    }

    private static void keepRunsRight(SparkConf conf) {
        conf.set("spark.speculation", "false");
        conf.set("spark.task.cpus", "1");
        conf.set("spark.task.maxFailures", LOST_EXECUTORS);
        conf.set("spark.stage.maxConsecutiveAttempts", LOST_EXECUTORS);
        conf.set("spark.job.interruptOnCancel", "false"); // an interrupted write would be a torn one
        String options = conf.get("spark.executor.extraJavaOptions", "");
        String sources = "\"-Dholonomy.root=" + System.getProperty("holonomy.root", "") + "\""; // for provenance
        conf.set(
                "spark.executor.extraJavaOptions",
                (JavaModuleOptions.defaultModuleOptions() + " " + ONE_THREAD + " " + sources + " " + options).strip());
        ENVIRONMENT.forEach(conf::setExecutorEnv);
    }
}
