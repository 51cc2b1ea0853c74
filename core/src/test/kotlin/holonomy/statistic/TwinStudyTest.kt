package holonomy.statistic

import holonomy.data.UserError
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.time.Duration

private val task = PairTask.of(Operation.sum(7)).forSeed(1)

private val plan = SnapshotPlan.of(WeightGroup.MATRICES, 6)

private fun spec(initial: Long, data: Long, rate: Double = 1e-2): RunSpec {
    val adam = AdamW(rate, .9, .98, 1e-8, .5, Optimizer.Decay.DECOUPLED)
    val model = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
    return RunSpec(task, model, Training(adam, Schedule.constant(), 20, 16, 1.0), initial, data)
}

class TwinStudyTest :
    FreeSpec({
        "twins that share their data, or differ in more than that: errors that say what to do" {
            val one = spec(1, 1)
            TwinStudy.require(one, spec(1, 2))
            shouldThrow<UserError> { TwinStudy.require(one, one) }.message shouldBe
                "twins: expected runs whose data differ, found '${one.label()}' and '${one.label()}': both see the batches of data seed 1, and what they share could be those; train one of them with data = nextSeed"
            for (other in listOf(spec(2, 2), spec(1, 2, rate = 2e-2))) {
                shouldThrow<UserError> { TwinStudy.require(one, other) }.message shouldBe
                    "twins: expected runs that differ in their data alone, found '${one.label()}' and '${other.label()}'; give both one arm, one task and one seed of the initial values"
            }
        }

        "what stored twins share, by seed" {
            val store = Store.open(tempdir().toPath())
            val specs = listOf(spec(1, 1), spec(2, 2), spec(1, 2), spec(2, 1))
            val requests = specs.mapIndexed { i, spec -> RunRequest(spec, "run $i", setOf(plan), listOf()) }
            val stored =
                Runner(store, ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1)).run(requests, { false }).map {
                    it.run().get()
                }
            fun runs(vararg which: Int) =
                StoredRuns(which.map { RunSet.Member("run $it", specs[it].initSeed(), task, specs[it], stored[it]) })
            val study = TwinStudy(runs(0, 1), runs(2, 3), plan, "twins")
            val result = DerivedRunner(store, 1, Progress.NONE).run(listOf(study), { false }).single()
            val rows = result.stored().get().table(TwinStudy.SHARED)
            rows.size() shouldBe 2 * (6 + 1)
            val common = TwinStudy.atEnd(rows, runs(0, 1), runs(2, 3), TwinStudy.COMMON).bySeed()
            common.keys.toList() shouldBe listOf(1L, 2L)
            fun moved(run: Int): Pair<DoubleArray, DoubleArray> =
                Snapshots.of(stored[run], specs[run], plan).use { path ->
                    fun weights(i: Int) =
                        path
                            .blocks()
                            .flatMap { b ->
                                FloatArray(path.dimension(b).toInt()).also { path.read(i, b, 0, it, it.size) }.toList()
                            }
                            .map { it.toDouble() }
                    val start = weights(0).toDoubleArray()
                    start to weights(5).mapIndexed { d, w -> w - start[d] }.toDoubleArray()
                }
            fun dot(a: DoubleArray, b: DoubleArray) = a.indices.sumOf { a[it] * b[it] }
            val (start, one) = moved(0)
            val (_, other) = moved(2)
            fun removed(x: DoubleArray) =
                dot(x, start).let { along -> DoubleArray(x.size) { x[it] - along / dot(start, start) * start[it] } }
            val (a, b) = removed(one) to removed(other)
            common[1L]!! shouldBe (dot(a, b) / kotlin.math.sqrt(dot(a, a) * dot(b, b)) plusOrMinus 1e-7)
            (TwinStudy.atEnd(rows, runs(0, 1), runs(2, 3), TwinStudy.BACKBONES).bySeed()[1L]!! > .3) shouldBe true
        }
    })
