package holonomy.spark;

import org.apache.spark.SparkConf;

/** What an executor must have, for people. */
final class Wanted {
    private Wanted() {}

    static String of(SparkConf conf) {
        String gpus = conf.get("spark.executor.resource.gpu.amount", "");
        return "1 core, " + conf.get("spark.executor.memory", "1g") + " of memory"
                + (gpus.isEmpty() ? "" : ", " + gpus + " GPU");
    }
}
