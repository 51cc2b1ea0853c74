package holonomy.store

import holonomy.Nightly
import holonomy.data.Sha256
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.util.TreeMap

private val task = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(32, 12, 4, 3, 4, 64, 0)
private val snapshots = SnapshotPlan.of(WeightGroup.ATTENTION, 25)
private val measures: List<Measure> =
    listOf(Accuracy(Cadence.times(25), 512), TrajectorySpectrum(snapshots, 25, 1, 200))

private fun request(seed: Long) =
    RunRequest(RunSpec(task, model, Training(AdamW.of(1e-3), 480, 64), seed), "seed $seed", setOf(), measures)

/**
 * A finished run as the quick profile leaves it, with files of one byte: what is looked at is their number and length.
 */
private fun finish(root: Path, request: RunRequest) {
    val folder = root.resolve(request.id())
    val files = TreeMap<String, StoredFile>()
    val names =
        Snapshots.steps(snapshots, 480, 480).map { Snapshots.name(snapshots, it) } +
            measures.map { it.file() } +
            "provenance.json"
    for (name in names) {
        Files.createDirectories(folder.resolve(name).parent)
        Files.write(folder.resolve(name), byteArrayOf(1))
        files[name] = StoredFile(1, Sha256.of(byteArrayOf(1)))
    }
    val summary = json.createObjectNode().put("state", "complete").put("step", 480).put("label", request.label())
    Files.write(folder.resolve(Manifest.NAME), Manifest(request.id(), "run", Instant.EPOCH, summary, files).bytes())
}

class FinishedSweepTest :
    FreeSpec({
        "a rerun of a finished sweep of 1,000 runs looks at each and trains nothing"
            .config(tags = setOf(Nightly)) {
                val root = tempdir().toPath()
                val requests = (1L..1000L).map(::request)
                requests.forEach { finish(root, it) }
                val runner = Runner(Store.open(root), ComputeDevice.CPU, 2, Progress.NONE)
                runner.present(requests) shouldBe 1000
                val results = runner.run(requests) { false }
                results.all { it.reused() } shouldBe true
            }
    })
