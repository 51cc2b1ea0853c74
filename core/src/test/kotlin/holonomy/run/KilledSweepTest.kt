package holonomy.run

import holonomy.Nightly
import holonomy.data.AtomicFiles
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.store.Store
import holonomy.store.spec
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.SplittableRandom
import kotlin.io.path.isRegularFile
import kotlin.io.path.name
import kotlin.io.path.relativeTo

private const val RUNS = 6
private const val STEPS = 400L

/** Six small runs: every kind of thing that is recorded along a run. */
internal fun smallSweep(): List<RunRequest> {
    val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
    val model = Architecture(16, 7, 2, 1, 2, 8, 0)
    val snapshots = SnapshotPlan.of(WeightGroup.ATTENTION, 9)
    val measures =
        listOf(
            Accuracy(Cadence.times(5), 16),
            TrainingCurve(Cadence.times(41)),
            TrajectorySpectrum(snapshots, 3, 1, 20),
        )
    return (1L..RUNS).map { seed ->
        val spec = RunSpec(task, model, Training(AdamW.of(1e-2), STEPS, 4), seed)
        RunRequest(spec, "seed $seed", setOf(), measures)
    }
}

/** Trains [smallSweep] in the store named first, two runs side by side, and says what it does, a line each. */
object SweepProcess {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val says =
            object : Progress by Progress.NONE {
                override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) =
                    line("started $runId $fromStep")

                override fun advanced(runId: String, step: Long, loss: Double) = line("advanced $runId $step")
            }
        val store = Store.open(Path.of(arguments[0]))
        Runner(store, ComputeDevice.CPU, 2, says, Duration.ofMillis(40)).run(smallSweep()) { false }
        line("done")
    }

    @Synchronized private fun line(text: String) = println("> $text")
}

/** The files of all runs that must be equal, by path: everything but times and provenance. */
private fun files(store: Path): Map<String, String> =
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

class KilledSweepTest :
    FreeSpec({
        fun killed(times: Int, seed: Long) {
            val whole = tempdir().toPath()
            Runner(Store.open(whole), ComputeDevice.CPU, 2, Progress.NONE).run(smallSweep()) { false }

            val store = tempdir().toPath()
            val moments = SplittableRandom(seed)
            var kills = 0
            var done = false
            while (!done) {
                val reached = smallSweep().associate { it.id() to Store.open(store).reached(it.id()).orElse(0) }
                val finished = Store.open(store).list().map { it.id() }.toSet()
                val killAfter = if (kills < times) moments.nextInt(1, 120) else Int.MAX_VALUE
                val child = child(store)
                var advanced = 0
                for (words in child.inputReader().lineSequence().filter { it.startsWith("> ") }.map { it.split(" ") }) {
                    if (words[1] == "started") {
                        withClue("a finished run is not trained again") { (words[2] in finished) shouldBe false }
                        withClue("it goes on from its checkpoint") { words[3].toLong() shouldBe reached[words[2]] }
                    }
                    if (words[1] == "done") done = true
                    if (words[1] == "advanced" && ++advanced == killAfter) {
                        val wait = System.nanoTime() + moments.nextLong(3_000_000)
                        while (System.nanoTime() < wait) Thread.onSpinWait()
                        child.destroyForcibly()
                        kills++
                        break
                    }
                }
                child.waitFor()
            }
            kills shouldBe times
            Store.open(store).unfinished().shouldBeEmpty()
            files(store) shouldBe files(whole)
            files(store).keys.map { it.substringBefore('/') }.toSet().size shouldBe RUNS
            Store.open(store).let { s -> s.list().forEach { s.find(it.id()).get().verify().shouldBeEmpty() } }
            leftovers(store).shouldBeEmpty()
        }

        "a sweep killed at 4 random moments ends with the bytes of one never interrupted, and no step is lost twice" {
            killed(4, seed = 12)
        }
        "so does one killed at 20".config(tags = setOf(Nightly)) { killed(20, seed = 11) }
    })

private fun child(store: Path): Process {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    return ProcessBuilder(
            java,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Dai.djl.offline=true",
            "-Dai.djl.pytorch.num_threads=1",
            "-Dholonomy.products=${System.getProperty("holonomy.products", "")}",
            "-cp",
            System.getProperty("java.class.path"),
            SweepProcess::class.java.name,
            store.toString(),
        )
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
}

/** What must not be left: temporary files, checkpoints, locks. */
private fun leftovers(store: Path): List<String> =
    Files.walk(store).use { paths ->
        paths
            .filter { it.isRegularFile() }
            .filter { AtomicFiles.isTemporary(it) || "checkpoint" in it.toString() || it.parent.name == "locks" }
            .map { it.relativeTo(store).toString() }
            .toList()
    }
