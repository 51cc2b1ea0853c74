package holonomy.spark

import holonomy.model.ComputeDevice
import holonomy.run.Cluster
import holonomy.run.Engine
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Store
import java.nio.file.Files
import java.nio.file.Path

/**
 * What the cluster costs: `tiny MASTER N` plans, sends and collects N runs of two steps; `overhead MASTER STEPS TURNS`
 * trains two runs of STEPS steps side by side here and there by turns. Start-up (connection, probe, the engine's
 * natives) is told apart.
 */
object ClusterBenchmark {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val folder = Files.createTempDirectory("holonomy-bench")
        val (_, master, count) = arguments
        if (arguments[0] == "tiny") tiny(folder, master, count.toInt())
        else overhead(folder, master, count.toLong(), arguments[3].toInt())
        folder.toFile().deleteRecursively()
        Runtime.getRuntime().halt(0)
    }

    private fun connect(folder: Path, master: String) =
        SparkCluster().connect(Cluster.Order(master, Store.open(folder), "cpu"), Progress.NONE, ::println)

    private fun tiny(folder: Path, master: String, count: Int) {
        lateinit var cluster: Cluster.Connection
        println("start-up ${seconds { cluster = connect(folder, master) }} s")
        println("$count tiny runs: ${seconds { complete(cluster, tinySweep(count)) }} s")
        println("$count tiny runs again, all in the store: ${seconds { complete(cluster, tinySweep(count)) }} s")
        val here = Runner(Store.open(folder.resolve("here")), ComputeDevice.CPU, 2, Progress.NONE)
        println("$count tiny runs without a cluster, 2 workers: ${seconds { complete(here, tinySweep(count)) }} s")
        println("closing: ${seconds { cluster.close() }} s")
    }

    private fun overhead(folder: Path, master: String, steps: Long, turns: Int) {
        val cluster = connect(folder, master)
        complete(cluster, tinySweep(8))
        val here = Runner(Store.open(folder), ComputeDevice.CPU, 2, Progress.NONE)
        val ratios =
            (1..turns).map { turn ->
                val local = seconds { complete(here, smallSweep(4 * turn..4 * turn + 1, steps)) }
                val there = seconds { complete(cluster, smallSweep(4 * turn + 2..4 * turn + 3, steps)) }
                println("turn $turn: here $local s, cluster $there s, ratio ${there / local}")
                there / local
            }
        println("median ratio ${ratios.sorted()[turns / 2]}")
        cluster.close()
    }

    private fun complete(engine: Engine, requests: List<RunRequest>) =
        check(engine.run(requests) { false }.all { it.outcome() == Progress.Outcome.COMPLETE })

    private fun seconds(block: () -> Unit): Double {
        val begun = System.nanoTime()
        block()
        return (System.nanoTime() - begun) / 1_000_000 / 1000.0
    }
}
