package holonomy.run

import holonomy.data.UserError
import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.PathDirection
import holonomy.intervention.Basis
import holonomy.intervention.Displacement
import holonomy.intervention.Projection
import holonomy.intervention.Window
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup.ATTENTION
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.store.StoredTrajectory
import holonomy.store.table
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.StopRule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.time.Duration
import java.util.Collections
import java.util.concurrent.atomic.AtomicLong
import kotlin.math.sqrt

private val task = PairTask.of(Operation.sum(7)).forSeed(1)
private val model = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
private val adam = AdamW(1e-2, .9, .98, 1e-8, .1, Optimizer.Decay.DECOUPLED)
private val recipe = Training(adam, Schedule.constant(), 20, 16, 1.0)
private val snapshots = SnapshotPlan.of(ATTENTION, 6)

private fun request(
    training: Training,
    label: String,
    measure: Accuracy = Accuracy.onWholeSets(Cadence.times(3)),
    on: PairTask = task,
) = RunRequest(RunSpec(on, model, training, 1), label, setOf(snapshots), listOf(measure))

private val plain = request(recipe, "plain")

private fun removed(basis: Basis) =
    request(recipe.with(listOf(Projection(Projection.On.UPDATE, basis, true, 0.0, 1.0, Window.from(8)))), "removed")

private fun path(until: Long, directions: Int = 1) = Basis.Path(plain.id(), ATTENTION, 6, directions, until)

private fun run(
    store: Path,
    vararg requests: RunRequest,
    progress: Progress = Progress.NONE,
    stop: () -> Boolean = { false },
) = Runner(Store.open(store), ComputeDevice.CPU, 2, progress, Duration.ofDays(1)).run(requests.toList(), stop)

class InterventionRunTest :
    FreeSpec({
        "a run whose basis is another run's path is trained after it, in whatever order they are asked for" {
            val ended = Collections.synchronizedList(mutableListOf<String>())
            val watch =
                object : Progress by Progress.NONE {
                    override fun ended(id: String, outcome: Progress.Outcome, cause: String) {
                        ended += id
                    }
                }
            val second = removed(path(until = 8))
            val results = run(tempdir().toPath(), second, plain, progress = watch)
            results.map { it.outcome() } shouldContainExactly List(2) { Progress.Outcome.COMPLETE }
            ended shouldContainExactly listOf(plain.id(), second.id())
        }

        "until the intervention both runs are the same, bit by bit; then they part" {
            val store = tempdir().toPath()
            val runs = run(store, plain, removed(path(until = 8))).map { it.run().get() }
            fun bytes(run: StoredRun, step: Long) = run.bytes(Snapshots.name(snapshots, step)).toList()
            listOf(0L, 4L, 8L).forEach { bytes(runs[0], it) shouldBe bytes(runs[1], it) }
            (bytes(runs[0], 12) == bytes(runs[1], 12)) shouldBe false
            Replay.of(runs[1], ComputeDevice.CPU, 1_000, Store.open(store)).problems() shouldBe listOf()
        }

        "displaced along its backbone: each block's row-normalised first direction up to that step" {
            val store = tempdir().toPath()
            val backbone = Basis.Path.backbone(plain.id(), ATTENTION, 6, 8)
            val displaced =
                request(recipe.with(listOf(Displacement(backbone, .2, Window.once(11)))), "displaced") // at step 12
            val runs = run(store, plain, displaced).map { it.run().get() }
            Snapshots.of(runs[0], plain.spec(), snapshots).use { path ->
                Snapshots.of(runs[1], displaced.spec(), snapshots).use { other ->
                    for (block in path.blocks()) {
                        fun read(of: StoredTrajectory, i: Int) =
                            FloatArray(of.dimension(block).toInt()).also { of.read(i, block, 0, it, it.size) }
                        val before = read(path, 3)
                        val moved = read(other, 3).zip(before) { a, b -> a.toDouble() - b }
                        val gram = Gram.of(path, block).prefix(3) // steps 0, 4, 8
                        val v = PathDirection.principal(gram, Centring.ROW_NORMALISED)
                        val length = .2 * sqrt(before.sumOf { it.toDouble() * it })
                        v.weights(path, block).zip(moved) { a, b -> a * b }.sum() shouldBe (length plusOrMinus 1e-5)
                    }
                }
            }
        }

        "a basis that is not built is named before anything trains" {
            val store = tempdir().toPath()
            shouldThrow<UserError> { run(store, removed(path(until = 8))) }.message shouldBe
                "intervention: the basis '1 directions per block of the path of run ${plain.id().take(12)} up to step 8' is not built yet: removed needs a run that is neither wanted nor in the store $store; train that run first, with the snapshots of its path"
            Store.open(store).list() shouldBe listOf()
            run(store, plain)
            val other = Basis.Path(plain.id(), ATTENTION, 11, 1, 8)
            run(store, removed(other)).single().cause() shouldBe
                "intervention: the basis '${other.label()}' is not built yet: it keeps no 11 snapshots of attention; train that run first, with the snapshots of its path"
            run(store, removed(path(until = 3))).single().cause() shouldBe
                "intervention: the basis '${path(3).label()}' has 1 snapshots, expected at least 2; take more snapshots, or a later step"
        }

        "a stop rule ends a run its tail after the rule is met, interrupted or not" {
            val easy = PairTask.of(Operation.of("a", 7) { a, _ -> a }).forSeed(1) // generalises at once
            val looked = request(recipe, "looked", Accuracy.onWholeSets(Cadence.times(6)), easy)
            val table = run(tempdir().toPath(), looked).single().run().get().table(looked.measures().single().file())
            val accuracy =
                table.where { it.text("set") == "test" }.rows().associate { it.number("step") to it.number("accuracy") }
            // The highest threshold that two looks in a row up to step 12 take.
            val pairs =
                listOf(4.0 to 8.0, 8.0 to 12.0).associateWith {
                    minOf(accuracy.getValue(it.first), accuracy.getValue(it.second))
                }
            val least = pairs.values.max()
            val metAt = pairs.entries.first { it.value == least }.key.second.toLong()
            val ruled = request(recipe.until(StopRule(least, 2, 4, 5)), "ruled", on = easy)
            val whole = run(tempdir().toPath(), ruled).single().run().get()
            whole.summary().path("step").longValue() shouldBe metAt + 5
            whole.summary().path("state").asText() shouldBe "complete"
            val store = tempdir().toPath()
            val left = AtomicLong(10)
            run(store, ruled, stop = { left.decrementAndGet() < 0 }).single().outcome() shouldBe
                Progress.Outcome.INTERRUPTED
            val continued = run(store, ruled).single().run().get()
            continued.summary().path("theta") shouldBe whole.summary().path("theta")
            continued.files().keys shouldBe whole.files().keys
            Runner.finished(Store.open(store), ruled).isPresent shouldBe true
        }

        "a stop rule needs a test set" {
            val marked = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
            val decoder = Architecture(16, 7, 2, 1, 2, 16, 0)
            shouldThrow<UserError> { RunSpec(marked, decoder, recipe.until(StopRule.published(1_000)), 1) }
                .message shouldBe
                "run: the stop rule looks at the evaluation set 'test', which always has the same sequences; " +
                    "'${marked.label()}' has none of that name, but [m = 1]; leave the rule out, or take a task " +
                    "that has one"
        }
    })
