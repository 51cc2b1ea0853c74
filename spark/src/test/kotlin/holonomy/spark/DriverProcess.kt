package holonomy.spark

import holonomy.data.UserError
import holonomy.run.Cluster
import holonomy.run.Progress
import holonomy.store.Store
import java.io.File
import java.nio.file.Path
import java.time.Duration
import org.apache.spark.launcher.JavaModuleOptions

/**
 * A driver in a process of its own: `sweep MASTER STORE N STEPS` trains N small runs and says when each has ended;
 * `connect MASTER STORE` says what is wrong.
 */
object DriverProcess {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val order = Cluster.Order(arguments[1], Store.open(Path.of(arguments[2])), "cpu")
        val says =
            object : Progress by Progress.NONE {
                override fun ended(runId: String, outcome: Progress.Outcome, cause: String) = println("ended $runId")
            }
        try {
            SparkCluster(Duration.ofMillis(200))
                .connect(order, says) {}
                .use { cluster ->
                    if (arguments[0] == "sweep")
                        cluster.run(smallSweep(1..arguments[3].toInt(), arguments[4].toLong())) { false }
                }
        } catch (error: UserError) {
            println("error ${error.message}")
        }
        Runtime.getRuntime().halt(0)
    }

    fun start(vararg arguments: String): Process {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val opens = JavaModuleOptions.defaultModuleOptionArray().toList()
        val jars = "-D${Settings.JARS}=" + LocalCluster.ownJars.joinToString(File.pathSeparator)
        return ProcessBuilder(
                listOf(java) +
                    opens +
                    listOf("-XX:TieredStopAtLevel=1", jars, "-Dspark.ui.enabled=false", "-Dspark.cores.max=1", "-cp") +
                    listOf(System.getProperty("java.class.path"), DriverProcess::class.java.name) +
                    arguments
            )
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
    }
}
