package holonomy.spark

import holonomy.run.Cluster
import holonomy.run.Progress
import holonomy.run.Progress.Outcome
import holonomy.run.Store
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** Connects to the local cluster with a store in [folder]. */
fun connect(folder: Path, progress: Progress = Progress.NONE): Cluster.Connection =
    SparkCluster().connect(Cluster.Order(LocalCluster.address, Store.open(folder), "cpu"), progress) {}

class SparkEngineTest :
    FreeSpec({
        "a sweep on the cluster gives the bytes of the local engine" {
            val requests = smallSweep(1..4, 400)
            val here = tempdir().toPath().also { trainHere(it, requests) }
            val there = tempdir().toPath()
            LocalCluster.asDriver {
                connect(there).use { cluster ->
                    val results = cluster.run(requests) { false }
                    results.map { it.request().id() } shouldBe requests.map { it.id() }
                    results.map { it.outcome() }.toSet() shouldBe setOf(Outcome.COMPLETE)
                    results.any { it.reused() } shouldBe false
                    cluster.run(requests) { false }.all { it.reused() } shouldBe true
                }
            }
            files(there) shouldBe files(here)
            there.listDirectoryEntries().filter { it.name.startsWith(".driver") }.shouldBeEmpty()
        }
    })
