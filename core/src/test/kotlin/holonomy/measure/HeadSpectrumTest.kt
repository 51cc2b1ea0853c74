package holonomy.measure

import holonomy.claim.SeedValues
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.HeadProduct
import holonomy.geometry.Increments
import holonomy.geometry.NullSpectrum
import holonomy.geometry.Statistic
import holonomy.geometry.WalkNull
import holonomy.inference.Scale
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.WeightGroup
import holonomy.model.Weights
import holonomy.run.RunRequest
import holonomy.statistic.PathOverlaps
import holonomy.statistic.RunSet
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.Optimizer
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.Random
import java.util.function.ToDoubleFunction

private const val RATE = 3e-2
private const val DECAY = 3.0
private const val SNAPSHOTS = 11

private object NoRuns : RunSet {
    override fun members() = listOf<RunSet.Member>()

    override fun table(asked: Measure) = throw AssertionError("no run has a table")

    override fun perSeed(label: String, scale: Scale, number: ToDoubleFunction<RunSet.Member>) =
        SeedValues(label, scale, sortedMapOf())
}

class HeadSpectrumTest :
    FreeSpec({
        "of a model with rotary positions no W_Q'W_K is a score's form: refused before anything trains" {
            val task = MarkedTask(Operation.sum(2), 7, 16, 4, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
            val rotary = Architecture(16, 7, 2, 1, 2, 8, 0, Design.DECODER.with(Design.Positions.ROTARY))
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, SNAPSHOTS)
            val spec = RunSpec(task, rotary, Training(AdamW.of(1e-3), 20, 4), 1)
            fun refused(what: String, block: () -> Unit) =
                shouldThrow<UserError>(block).message shouldBe
                    "$what: a score of '${rotary.label()}' depends on where query and key stand, so that no W_Q'W_K is " +
                        "its form; use a model without rotary positions, or spectra of the matrices"
            refused("spectra of heads") { RunRequest(spec, "rotary", setOf(), listOf(HeadSpectrum(plan))) }
            refused("overlap of subspaces") { PathOverlaps(NoRuns, rotary, task, plan, 3) }
        }

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
