package holonomy.spark

import holonomy.Nightly
import holonomy.data.UserError
import holonomy.run.Cluster
import holonomy.run.Progress
import holonomy.store.CodeVersion
import holonomy.store.Store
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.net.ServerSocket
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.createTempDirectory
import org.apache.spark.SparkContext

private fun refusal(address: String, store: Path, device: String = "cpu"): String =
    shouldThrow<UserError> {
            SparkCluster().connect(Cluster.Order(address, Store.open(store), device), Progress.NONE) {}.close()
        }
        .message!!

/** What a probe on an executor that is there already says. */
private fun probing(context: SparkContext, store: Path, device: String): String {
    val order = Cluster.Order(LocalCluster.address, Store.open(store), device)
    return shouldThrow<UserError> { SparkEngine(context, order, Progress.NONE, Duration.ZERO).probe {} }.message!!
}

private const val HOST = "127.0.0.1"

class BadClusterTest :
    FreeSpec({
        "an address that names no master" {
            listOf("spark:/host", "localhost:7077", "").forEach {
                refusal(it, tempdir().toPath()) shouldBe
                    "--on: expected spark://HOST:PORT, yarn, k8s://HOST:PORT, local-cluster or spark-submit, found '$it'"
            }
            refusal("spark://host", tempdir().toPath()) shouldBe
                "--on: expected spark://HOST:PORT, found 'spark://host'"
        }

        "a master that cannot be reached" {
            val port = ServerSocket(0).use { it.localPort }
            refusal("spark://127.0.0.1:$port", tempdir().toPath()) shouldBe
                "--on spark://127.0.0.1:$port: no Spark master can be reached there (Connection refused); nothing was " +
                    "trained. Check the address and that the master runs: its web page shows the URL"
        }

        "something that listens but is no master: asked for 10 s, not for as long as Spark would"
            .config(tags = setOf(Nightly)) {
                ServerSocket(0).use { deaf ->
                    val driver = DriverProcess.start("connect", "spark://127.0.0.1:${deaf.localPort}", tempdir().path)
                    driver.inputReader().readLines().filter { it.startsWith("error ") } shouldContainExactly
                        listOf(
                            "error --on spark://127.0.0.1:${deaf.localPort}: no Spark master can be reached there (something listens, but " +
                                "does not register an application within 10 s); nothing was trained. Check the address and that " +
                                "the master runs: its web page shows the URL"
                        )
                }
            }

        "a store that workers do not see, and a task without the GPU that was asked for"
            .config(tags = setOf(Nightly)) {
                // Every process has a working folder of its own there.
                val unseen = Path.of("/proc/self/cwd/target/unseen-store")
                val store = tempdir().toPath()
                LocalCluster.asDriver("spark.cores.max" to "1") {
                    val context = SparkContext(Settings.of(MasterAddress(LocalCluster.address)))
                    probing(context, unseen, "cpu") shouldMatch
                        Regex(
                            "the worker on $HOST does not see the store: expected the file \\.driver-[-0-9a-f]+ in $unseen, " +
                                "which the driver has just written, found none; give --store a folder on a file system that " +
                                "the driver and all workers share, under the same path\\. Nothing was trained"
                        )
                    probing(context, store, "cuda") shouldBe
                        "--device cuda: the task on $HOST was given no GPU; set spark.executor.resource.gpu.amount and " +
                            "spark.task.resource.gpu.amount, with workers that offer GPUs (README, 'On a cluster'), or use " +
                            "--device cpu. Nothing was trained"
                    context.stop()
                }
                listOf(unseen, store).forEach { Store.open(it).list().shouldBeEmpty() }
                refusal("local[2]", store, "cuda") shouldBe
                    "--device cuda: Spark's local mode gives its tasks no GPU; leave --on local[2] out, or use --device cpu"
            }

        "a worker with other code" {
            val other = createTempDirectory("holonomy-other").resolve("holonomy-core.jar")
            val classes = LocalCluster.ownClasses("core")
            jar(classes, other, instead = mapOf("holonomy/store/version.properties" to "version=0.0.9"))
            val store = tempdir().toPath()
            val code = CodeVersion.here()
            LocalCluster.asDriver("spark.cores.max" to "1", "spark.executor.extraClassPath" to "$other") {
                refusal(LocalCluster.address, store) shouldBe
                    "the worker on $HOST has another Holonomy than the driver: expected $code, found " +
                        "${code.replace(Regex("^\\S+"), "0.0.9")}; take Holonomy's jars off the workers' class path, or " +
                        "give them the driver's. Nothing was trained"
            }
            Store.open(store).list().shouldBeEmpty()
        }
    })
