package holonomy.run

import holonomy.data.Identity
import holonomy.data.Table
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.Moment
import holonomy.measure.SnapshotPlan
import holonomy.measure.TrainingCurve
import holonomy.measure.TrajectorySpectrum
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.run.Progress.Outcome
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.store.StoredRun
import holonomy.store.trajectory
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Sgd
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import java.time.Duration
import java.util.function.BooleanSupplier

private val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
private val model = Architecture(16, 7, 2, 2, 2, 16, 0)
private val snapshots = SnapshotPlan.of(WeightGroup.ATTENTION, 6)
private val measures: List<Measure> =
    listOf(Accuracy(Cadence.times(5), 32), TrainingCurve(Cadence.times(7)), TrajectorySpectrum(snapshots, 4, 1, 20))

private fun request(seed: Long, measured: List<Measure> = measures, optimizer: Optimizer = AdamW.of(1e-2)) =
    RunRequest(RunSpec(task, model, Training(optimizer, 30, 8), seed), "seed $seed", setOf(), measured)

private fun runner(store: Path, workers: Int = 1, every: Duration = Duration.ofMinutes(1)) =
    Runner(Store.open(store), ComputeDevice.CPU, workers, Progress.NONE, every)

private val never = BooleanSupplier { false }

/** All files of a run but its provenance (times), by name, as their hashes. */
private fun files(run: StoredRun) = run.files().filterKeys { it != "provenance.json" }.mapValues { it.value.sha256() }

class RunnerTest :
    FreeSpec({
        "the same specs with one worker and with two: the same bytes" {
            val requests = (1L..4L).map { request(it) }
            val one = runner(tempdir().toPath(), 1).run(requests, never)
            val two = runner(tempdir().toPath(), 2).run(requests, never)
            one.map { it.outcome() } shouldContainExactly List(4) { Outcome.COMPLETE }
            one.zip(two).forEach { (a, b) ->
                files(a.run().get()) shouldBe files(b.run().get())
                a.run().get().summary()["theta"] shouldBe b.run().get().summary()["theta"]
            }
            one.map { it.run().get().summary()["theta"] }.toSet().size shouldBe 4
        }

        "measuring never changes training" {
            val measured = runner(tempdir().toPath()).run(listOf(request(1)), never).single().run().get()
            val plain = runner(tempdir().toPath()).run(listOf(request(1, listOf())), never).single().run().get()
            plain.id() shouldBe measured.id()
            plain.summary()["theta"] shouldBe measured.summary()["theta"]
        }

        "a complete run is reused; a measure added later gives the rows it would have given at once" {
            val store = tempdir().toPath()
            val first = runner(store).run(listOf(request(1, measures.take(1))), never).single()
            first.reused() shouldBe false
            runner(store).run(listOf(request(1, measures.take(1))), never).single().reused() shouldBe true
            val added = runner(store).run(listOf(request(1)), never).single()
            added.reused() shouldBe false
            val whole = runner(tempdir().toPath()).run(listOf(request(1)), never).single().run().get()
            measures.forEach { added.run().get().table(it.file()) shouldBe whole.table(it.file()) }
        }

        "a measure of snapshots is added to a finished run without training" {
            val store = tempdir().toPath()
            val plain = request(1, listOf()).let { RunRequest(it.spec(), it.label(), setOf(snapshots), listOf()) }
            runner(store).run(listOf(plain), never)
            val trained = mutableListOf<String>()
            val heard =
                object : Progress by Progress.NONE {
                    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
                        trained += label
                    }
                }
            val spectrum = measures.last()
            val result =
                Runner(Store.open(store), ComputeDevice.CPU, 1, heard).run(listOf(request(1, listOf(spectrum))), never)
            trained shouldBe listOf()
            val whole = runner(tempdir().toPath()).run(listOf(request(1)), never).single().run().get()
            result.single().run().get().table(spectrum.file()) shouldBe whole.table(spectrum.file())
        }

        "stopped at any step and continued: the bytes of a run never stopped" {
            val whole = runner(tempdir().toPath()).run(listOf(request(1)), never).single().run().get()
            for (stopAfter in listOf(1, 7, 19)) {
                val store = tempdir().toPath()
                var asked = 0
                val stopped = runner(store).run(listOf(request(1))) { asked++ > stopAfter }.single()
                stopped.outcome() shouldBe Outcome.INTERRUPTED
                val continued = runner(store).run(listOf(request(1)), never).single()
                continued.outcome() shouldBe Outcome.COMPLETE
                files(continued.run().get()) shouldBe files(whole)
            }
        }

        "so with RMS norms or none, SwiGLU, rotary positions and a larger start, each and all; reread from its spec it has the same id" {
            val choices = listOf(Design.Norm.RMS, Design.Activation.SWIGLU, Design.Positions.ROTARY)
            val designs =
                choices.map { Design.DECODER.with(it) } +
                    Design.DECODER.with(Design.Norm.NONE) +
                    Design.DECODER.scalingStart(2.0) +
                    choices.fold(Design.DECODER, Design::with)
            val ids =
                designs.map { design ->
                    val own =
                        model.run {
                            Architecture(vocabulary(), length(), classes(), layers(), heads(), width(), 8, design)
                        }
                    val spec = RunSpec(task, own, Training(AdamW.of(1e-2), 30, 8), 1)
                    val asked = RunRequest(spec, "own", setOf(), measures)
                    val whole = runner(tempdir().toPath()).run(listOf(asked), never).single().run().get()
                    val store = tempdir().toPath()
                    var steps = 0
                    runner(store).run(listOf(asked)) { steps++ > 7 }.single().outcome() shouldBe Outcome.INTERRUPTED
                    val continued = runner(store).run(listOf(asked), never).single().run().get()
                    files(continued) shouldBe files(whole)
                    whole.verify() shouldBe listOf()
                    Identity.of(RunSpec.fromSpec(whole.spec()).spec()) shouldBe whole.id()
                    whole.id()
                }
            ids.toSet().size shouldBe designs.size
        }

        "a checkpoint at every step changes nothing" {
            val often = runner(tempdir().toPath(), every = Duration.ZERO).run(listOf(request(1)), never).single()
            val whole = runner(tempdir().toPath()).run(listOf(request(1)), never).single()
            files(often.run().get()) shouldBe files(whole.run().get())
        }

        "two snapshots are two different copies" {
            val run = runner(tempdir().toPath()).run(listOf(request(1)), never).single().run().get()
            Snapshots.of(run, request(1).spec(), snapshots).use { trajectory ->
                trajectory.steps() shouldBe longArrayOf(0, 6, 12, 18, 24, 30)
                val read = (0..1).map { i -> FloatArray(256).also { trajectory.read(i, "layers.0.W_Q", 0, it, 256) } }
                read[0] shouldNotBe read[1]
            }
        }

        "a diverged run ends as diverged and keeps what was measured" {
            val wild = request(1, optimizer = Sgd(1e30, .9, false, 0.0, Optimizer.Decay.DECOUPLED))
            val store = tempdir().toPath()
            val result = runner(store).run(listOf(wild), never).single()
            result.outcome() shouldBe Outcome.DIVERGED
            result.cause() shouldContain "the loss stopped being finite after step"
            (result.run().get().table(measures[0].file()).size() > 0) shouldBe true
            runner(store).run(listOf(wild), never).single().let {
                it.reused() shouldBe true
                it.outcome() shouldBe Outcome.DIVERGED
            }
        }

        "a run that fails leaves the others complete and says why" {
            val broken =
                object : Measure by TrainingCurve(Cadence.times(3)) {
                    override fun name() = "broken"

                    override fun measure(moment: Moment, rows: Table.Builder) = error("a measure's own bug")
                }
            val results = runner(tempdir().toPath(), 2).run(listOf(request(1, listOf(broken)), request(2)), never)
            results.map { it.outcome() } shouldContainExactly listOf(Outcome.FAILED, Outcome.COMPLETE)
            results[0].cause() shouldBe "IllegalStateException: a measure's own bug"
        }

        "requests of one run are carried out once, with all their measures" {
            val results = runner(tempdir().toPath()).run(measures.map { request(1, listOf(it)) }, never)
            results.size shouldBe 1
            measures.all { results.single().run().get().has(it.file()) } shouldBe true
        }
    })
