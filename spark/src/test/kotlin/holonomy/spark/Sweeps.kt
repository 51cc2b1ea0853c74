package holonomy.spark

import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Store
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import java.nio.file.Path

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 1, 2, 8, 0)

/** Small runs with every kind of thing that is recorded along a run. */
fun smallSweep(seeds: IntRange, steps: Long): List<RunRequest> {
    val snapshots = SnapshotPlan.of(WeightGroup.ATTENTION, 9)
    val measures =
        listOf(
            Accuracy(Cadence.times(5), 16),
            TrainingCurve(Cadence.times(41)),
            TrajectorySpectrum(snapshots, 3, 1, 20),
        )
    return seeds.map { seed -> request(seed, steps, measures) }
}

/** Runs that take next to no time. */
fun tinySweep(runs: Int): List<RunRequest> = (1..runs).map { request(it, 2, listOf(TrainingCurve(Cadence.times(2)))) }

private fun request(seed: Int, steps: Long, measures: List<holonomy.measure.Measure>) =
    RunRequest(RunSpec(task, model, Training(AdamW.of(1e-2), steps, 4), seed.toLong()), "seed $seed", setOf(), measures)

fun trainHere(store: Path, requests: List<RunRequest>) {
    Runner(Store.open(store), ComputeDevice.CPU, 2, Progress.NONE).run(requests) { false }
}

/** SHA-256 of every file of all runs that must be equal, by path: everything but provenance. */
fun files(store: Path): Map<String, String> =
    Store.open(store)
        .list()
        .flatMap { entry ->
            Store.open(store).find(entry.id()).get().let { run ->
                run.files()
                    .filterKeys { it != "provenance.json" }
                    .map { (path, file) -> "${run.id()}/$path" to file.sha256() }
            }
        }
        .toMap()
