package holonomy.statistic

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.InitialDirection
import holonomy.geometry.PathDirection
import holonomy.geometry.Spectrum
import holonomy.measure.BackbonePath
import holonomy.measure.BackboneRows
import holonomy.measure.Measure
import holonomy.measure.SnapshotPlan
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.RunRequest
import holonomy.run.Runner
import holonomy.run.Stage
import holonomy.store.Snapshots
import holonomy.store.Store
import holonomy.store.WeightsFile
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.task.Stream
import holonomy.train.AdamW
import holonomy.train.MicroBatches
import holonomy.train.NoiseTraining
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
import kotlin.math.sqrt

private val task = PairTask.of(Operation.sum(7)).forSeed(1)

private val path = SnapshotPlan.of(WeightGroup.MATRICES, 11)

private val states = SnapshotPlan.of(WeightGroup.ALL, 3)

private fun spec(data: Long): RunSpec {
    val adam = AdamW(1e-2, .9, .98, 1e-8, .5, Optimizer.Decay.DECOUPLED)
    val model = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
    val training = Training(adam, Schedule.constant(), 20, 16, 1.0).computed(MicroBatches(2, true))
    return RunSpec(task, model, training, 1, data)
}

class GradientStudyTest :
    FreeSpec({
        val store = Store.open(tempdir().toPath())
        val specs = listOf(spec(1), spec(2))
        val stored =
            Runner(store, ComputeDevice.CPU, 1, Progress.NONE, Duration.ofMinutes(1))
                .run(specs.mapIndexed { i, it -> RunRequest(it, "run $i", setOf(path, states), listOf()) }, { false })
                .map { it.run().get() }
        fun run(which: Int) = StoredRuns(listOf(RunSet.Member("run $which", 1, task, specs[which], stored[which])))
        fun derived(study: holonomy.run.Derived) =
            DerivedRunner(store, 1, Progress.NONE).run(listOf(study), { false }).single()

        /** v of a run in the place of each weight. */
        fun backbone(which: Int): DoubleArray =
            Snapshots.of(stored[which], specs[which], path).use { snapshots ->
                val trunk = Gram.sum("trunk", snapshots.blocks().map { Gram.of(snapshots, it) })
                val direction = PathDirection.principal(trunk, Centring.ROW_NORMALISED)
                val layout = specs[which].model().layout()
                DoubleArray(layout.size()).also { v ->
                    for (name in snapshots.blocks()) {
                        direction.weights(snapshots, name).forEachIndexed { i, x ->
                            v[layout.block(name).offset() + i] = x
                        }
                    }
                    fun read(i: Int) =
                        snapshots.blocks().flatMap { b ->
                            FloatArray(snapshots.dimension(b).toInt())
                                .also { snapshots.read(i, b, 0, it, it.size) }
                                .toList()
                        }
                    val own = snapshots.blocks().flatMap { b -> direction.weights(snapshots, b).toList() }
                    sqrt(own.sumOf { it * it }) shouldBe (1.0 plusOrMinus 1e-9)
                    val moved = read(10).zip(read(0)) { a, b -> a.toDouble() - b }
                    own.zip(moved) { a, b -> a * b }.sum() shouldBe (direction.along(10) plusOrMinus 1e-6)
                }
            }

        val rows: Table by lazy {
            derived(GradientStudy(run(0), run(1), path, states, "gradients"))
                .stored()
                .get()
                .table(GradientStudy.GRADIENTS)
        }
        fun value(statistic: String, step: Long, direction: String = GradientStudy.OWN) =
            rows
                .rows()
                .single {
                    it.text("direction") == direction &&
                        it.text("statistic") == statistic &&
                        it.number(Measure.STEP).toLong() == step
                }
                .number(Measure.VALUE)

        "at every state but the last, with the own and with the twin's backbone" { rows.size() shouldBe 2 * 2 * 5 }

        // Twins begin at the same weights.
        fun withoutStart(v: DoubleArray): DoubleArray {
            val start = DoubleArray(v.size)
            val layout = specs[0].model().layout()
            val first = Weights.initial(specs[0].model(), specs[0].initSeed()).values()
            for (block in layout.group(WeightGroup.MATRICES)) for (i in
                block.offset() until block.offset() + block.size()) start[i] = first[i].toDouble()
            val share = v.indices.sumOf { v[it] * start[it] } / start.sumOf { it * it }
            val rest = DoubleArray(v.size) { v[it] - share * start[it] }
            val length = sqrt(rest.sumOf { it * it })
            return DoubleArray(v.size) { rest[it] / length }
        }

        "a sum of gradients along v is the slope of the summed loss there, by finite differences in float64" {
            val layout = specs[0].model().layout()
            val trunk = layout.group(WeightGroup.MATRICES)
            for ((direction, v) in
                listOf(GradientStudy.OWN to backbone(0), GradientStudy.TWIN to withoutStart(backbone(1)))) {
                specs[0].model().open(ComputeDevice.CPU).use { network ->
                    network.openTwinInFloat64().use { precise ->
                        val theta = Stage.weights(stored[0], specs[0], states, 10).map { it.toDouble() }.toDoubleArray()
                        val batches = GradientStudy.batches(specs[0], 10, 2)
                        batches.size shouldBe 4 // two steps of two micro-batches
                        fun loss(by: Double) =
                            DoubleArray(theta.size) { theta[it] + by * v[it] }
                                .let { at -> batches.sumOf { precise.loss(at, it) } }
                        val slope = (loss(1e-4) - loss(-1e-4)) / 2e-4
                        val sum = DoubleArray(theta.size)
                        val single = DoubleArray(theta.size)
                        var mean = 0.0
                        for (batch in batches) {
                            precise.gradient(theta, batch, single)
                            var along = 0.0
                            var square = 0.0
                            for (block in trunk) for (i in block.offset() until block.offset() + block.size()) {
                                sum[i] += single[i]
                                along -= single[i] * v[i]
                                square += single[i] * single[i]
                            }
                            mean += along / sqrt(square) / batches.size
                        }
                        value(GradientStudy.SUM, 10, direction) shouldBe
                            (-slope / sqrt(sum.sumOf { it * it }) plusOrMinus 1e-5)
                        value(GradientStudy.BATCH, 10, direction) shouldBe (mean plusOrMinus 1e-5)
                    }
                }
            }
        }

        "the update's cosine is that of the path, and the floor that of a random vector in the trunk" {
            Snapshots.of(stored[0], specs[0], path).use { snapshots ->
                val trunk = Gram.sum("trunk", snapshots.blocks().map { Gram.of(snapshots, it) })
                val v = PathDirection.principal(trunk, Centring.ROW_NORMALISED)
                value(GradientStudy.UPDATE, 10) shouldBe (v.cosine(5, 6) plusOrMinus 1e-6)
                value(GradientStudy.FLOOR, 0) shouldBe sqrt(2 / (Math.PI * trunk.dimension()))
            }
            GradientStudy.mean(rows, run(0), run(1), GradientStudy.OWN, GradientStudy.UPDATE, 1.0)
                .bySeed()[1L]!! shouldBe
                ((value(GradientStudy.UPDATE, 0) + value(GradientStudy.UPDATE, 10)) / 2 plusOrMinus 1e-12)
        }

        "weights kept between the path's snapshots: an error that says what to do" {
            val sparse = SnapshotPlan.of(WeightGroup.MATRICES, 4)
            GradientStudy.require(specs[0], path, states)
            shouldThrow<UserError> { GradientStudy.require(specs[0], sparse, states) }.message shouldBe
                "gradients: expected the path's snapshots at each step of those of every weight, found none at step 10 among 4 of matrices; take one more than a multiple of 2"
        }

        "the same optimiser fed noise of the second moments that it ended with, as rows of the backbone, by run" {
            val measure = BackbonePath(path)
            val noise = derived(NoiseStudy(run(0), measure, "noise")).stored().get().table(NoiseStudy.NOISE)
            val among = NoiseStudy.among(run(0), noise)
            fun number(statistic: String) =
                BackboneNumbers(measure, statistic).mean("measured", NoiseStudy.SERIES, 1.0).of(among).bySeed()[1L]!!
            val state = WeightsFile.read(stored[0].verified(WeightsFile.FINAL), specs[0], 20).optimizer()
            val training =
                NoiseTraining(specs[0], LongArray(11) { 2L * it }, Stream.of(specs[0].dataSeed(), "noise training"))
            val trunk =
                InitialDirection.sum(
                    "trunk",
                    specs[0].model().layout().group(WeightGroup.MATRICES).map { block ->
                        val moment = NoiseTraining.secondMoment(state, specs[0].training().optimizer(), block)
                        (moment > 0) shouldBe true
                        training.path(block, moment)
                    },
                )
            number(BackboneRows.PC1) shouldBe Spectrum.of(trunk.path(), Centring.ROW_NORMALISED).pc1Share()
            among.table(measure).rows().map { it.text(RunSet.RUN) }.distinct() shouldBe listOf(stored[0].id())
            noise.rows().map { it.text("path") }.distinct() shouldBe listOf("measured", "start removed")
        }
    })
