package holonomy.measure

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.sqrt

private val task = PairTask.of(Operation.sum(7)).forSeed(1)
private val measure = LogitScale(Cadence.times(2))

/** The scale on each set at the initial values of a design. */
private fun scales(design: Design): Map<String, Double> {
    val spec = RunSpec(task, Architecture(7, 2, 7, 1, 2, 16, 32, design), Training(AdamW.of(1e-3), 2, 8), 1)
    val theta = spec.initialWeights().values()
    val rows = Table.builder(measure.columns())
    spec.model().open(ComputeDevice.CPU).use { network ->
        val path = ArrayTrajectory.of("none", arrayOf(FloatArray(1)))
        val state = spec.training().optimizer().start(theta.size)
        measure.measure(StillMoment(spec, 0, theta, network, path, state), rows)
    }
    return rows.build().rows().associate { it.text("set") to it.number("logit_scale") }
}

class LogitScaleTest :
    FreeSpec({
        "the root mean square about each sequence's mean" {
            LogitScale.of(floatArrayOf(1f, 3f, 0f, 0f), 2) shouldBe (sqrt(.5) plusOrMinus 1e-12)
            LogitScale.of(floatArrayOf(101f, 103f, -7f, -7f), 2) shouldBe (sqrt(.5) plusOrMinus 1e-12)
        }

        "on both sets of pairs; with a factor on the logits that many times as large" {
            val own = scales(Design.ENCODER)
            own.keys shouldBe setOf("train", "test")
            val scaled = scales(Design.ENCODER.scalingLogits(2.5))
            own.forEach { (set, scale) -> scaled.getValue(set) shouldBe (2.5 * scale plusOrMinus 1e-5 * scale) }
        }

        "its spec gives it back" { Measures.fromSpec(measure.spec()).get() shouldBe measure }

        "a set without an end is refused" {
            val endless = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(2), MarkedTask.Placement.PER_BATCH)
            val run = RunSpec(endless, Architecture(32, 12, 4, 1, 2, 8, 0), Training(AdamW.of(1e-3), 2, 8), 1)
            shouldThrow<UserError> { measure.requireMeaning(run) }.message shouldBe
                "logit scale: expected sets of given sequences, but 'm = 2' of '${endless.label()}' is drawn without " +
                    "end; measure it along runs on pairs"
        }
    })
