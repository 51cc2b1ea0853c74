package holonomy.measure

import holonomy.data.Table
import holonomy.geometry.ArrayTrajectory
import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.HeadProduct
import holonomy.geometry.Increments
import holonomy.geometry.NullSpectrum
import holonomy.geometry.Statistic
import holonomy.geometry.WalkNull
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.Random

private const val RATE = 3e-2
private const val DECAY = 3.0
private const val SNAPSHOTS = 11

class HeadSpectrumTest :
    FreeSpec({
        "a head's product decays twice as fast as its matrices, in the walk that decay pulls back" {
            val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
            val adam = AdamW(RATE, .9, .999, 1e-8, DECAY, Optimizer.Decay.DECOUPLED)
            val model = Architecture(16, 7, 2, 1, 2, 8, 0)
            val spec = RunSpec(task, model, Training(adam, Schedule.constant(), 20, 4, 0.0), 1)
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, SNAPSHOTS)
            val random = Random(1)
            // Weights drawn anew at each snapshot: each step takes back what the one before did.
            val path =
                ArrayTrajectory.of(
                    model.layout().group(WeightGroup.ATTENTION).associate { block ->
                        block.name() to
                            Array(SNAPSHOTS) { FloatArray(block.size()) { random.nextGaussian().toFloat() } }
                    },
                    LongArray(SNAPSHOTS) { 2L * it },
                )
            val theta = Weights.initial(model, 1).values()
            val rows = Table.builder(HeadSpectrum(plan).columns())
            model.open(ComputeDevice.CPU).use { network ->
                val state = spec.training().optimizer().start(holonomy.train.Decaying.of(model.layout()))
                StillMoment(spec, 20, theta, network, path, state).use { HeadSpectrum(plan).measure(it, rows) }
            }
            val measured = rows.build().rows()
            val kept = (1 - RATE * DECAY) * (1 - RATE * DECAY)
            for (head in 0..1) for (product in HeadProduct.entries) {
                val gram = Gram.of(product.path(path, 0, head, 2, 8), product.block(0, head))
                Increments.of(gram).meanCosine() shouldBeLessThan 0.0
                val expected = NullSpectrum.of(WalkNull.DriftPlusNoise(1 - kept), gram, Centring.CENTRED)
                for (statistic in Statistic.entries) {
                    measured
                        .single {
                            it.number("head") == head.toDouble() &&
                                it.text("matrix") == product.label() &&
                                it.text("statistic") == statistic.label() &&
                                it.text("series") == "drift plus noise"
                        }
                        .number("value") shouldBe (expected.mean(statistic) plusOrMinus 1e-9)
                }
            }
        }
    })
