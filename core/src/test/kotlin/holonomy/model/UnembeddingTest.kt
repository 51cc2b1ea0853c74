package holonomy.model

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.geometry.ArrayTrajectory
import holonomy.measure.Cadence
import holonomy.measure.LogitLens
import holonomy.measure.StillMoment
import holonomy.task.Batch
import holonomy.task.Stream
import holonomy.task.language.LanguageTask
import holonomy.task.language.Probe
import holonomy.task.language.StoryGenerator
import holonomy.task.language.WordEncoding
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Schedule
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private val words = WordEncoding.of(192, 4)

private val task =
    LanguageTask(StoryGenerator.filling(words.lexicon(), 49), words, 32, 3)
        .with(Probe.of(words, 3, .2, Probe.Gaps(1, 5), Probe.Gaps(6, 9), 4))

private val tied = Architecture(192, 32, 192, 2, 2, 16, 32, Design.LANGUAGE)

private val headed = Architecture(192, 32, 5, 2, 2, 16, 32, Design.DECODER)

private val scaled = Architecture(192, 32, 5, 2, 2, 16, 32, Design.DECODER.scalingLogits(.5))

private val rootMeanSquare = Architecture(192, 32, 5, 2, 2, 16, 32, Design.DECODER.with(Design.Norm.RMS))

private val spec =
    RunSpec(
        task,
        tied,
        Training(AdamW.of(1e-3), Schedule.constant(), 2, 4, 1.0)
            .weighing("text", Schedule.constant())
            .weighing("probe", Schedule.constant()),
        1,
    )

/** Initial values, norms and biases moved too, so that each counts. */
private fun weights(model: Model): FloatArray {
    val theta = Weights.initial(model, 3).values()
    val random = java.util.Random(1)
    return FloatArray(theta.size) { theta[it] + .1f * random.nextGaussian().toFloat() }
}

class UnembeddingTest :
    FreeSpec({
        "the last stream's logits are the model's, with a tied head and with one of its own" {
            for (model in listOf(tied, headed, scaled, rootMeanSquare)) {
                val theta = weights(model)
                val drawn = task.batch(Stream.of(1, "train"), 0, 3)
                val batch = if (model == tied) drawn else Batch.of(32, drawn.tokens(), IntArray(3))
                model.open(ComputeDevice.CPU).use { network ->
                    val trace = network.trace(theta, batch, setOf(Site.residual(1)), listOf())
                    val logits = network.logits(theta, batch)
                    val head = Unembedding.of(model, theta)
                    for (b in 0 until 3) for ((r, t) in model.readouts().withIndex()) {
                        val from = (b * 32 + t) * 16
                        val x = DoubleArray(16) { trace.at(Site.residual(1))[from + it].toDouble() }
                        val row = (b * model.readouts().size + r) * model.classes()
                        head.logits(x).forEachIndexed { c, logit ->
                            logit shouldBe (logits[row + c].toDouble() plusOrMinus 2e-4)
                        }
                    }
                }
            }
        }

        "the parts of a stream's summands add up to its logits, but for the biases" {
            for (model in listOf(headed, rootMeanSquare)) {
                val head = Unembedding.of(model, weights(model))
                val random = java.util.Random(2)
                val summands = List(4) { DoubleArray(16) { random.nextGaussian() } }
                val x = DoubleArray(16) { i -> summands.sumOf { it[i] } }
                val parts = summands.map { head.part(it, x) }
                val none = head.logits(DoubleArray(16)) // of a stream without a direction: the biases
                head.logits(x).forEachIndexed { c, logit ->
                    logit shouldBe (parts.sumOf { it[c] } + none[c] plusOrMinus 1e-9)
                }
            }
        }

        "along a run: the last layer's accuracy is the model's, and layers add up to the target's logit" {
            val theta = weights(tied)
            // No biases in the norm: then the parts are all that there is.
            val shift = tied.layout().block(Role.FINAL_NORM_BIAS.`in`(-1))
            theta.fill(0f, shift.offset(), shift.offset() + shift.size())
            val set = task.evaluationSets().first { it.name() == "short gap, random ids" }
            tied.open(ComputeDevice.CPU).use { network ->
                val lens = LogitLens(Cadence.times(2), set.name(), 4)
                val rows = Table.builder(lens.columns())
                val state = spec.training().optimizer().start(theta.size)
                val path = ArrayTrajectory.of("none", arrayOf(FloatArray(1)))
                val moment = StillMoment(spec, 0, theta, network, path, state)
                lens.measure(moment, rows)
                val table = rows.build()
                fun value(layer: Int, statistic: String) =
                    table
                        .rows()
                        .single { it.number("layer").toInt() == layer && it.text("statistic") == statistic }
                        .number("value")
                val batch = set.sample(moment.stream("held-out"), 4)
                value(1, LogitLens.ACCURACY) shouldBe Answers.of(network, theta, batch).accuracy()
                val logits = network.logits(theta, batch)
                val targets = batch.targetsAt(tied.readouts())
                val asked = targets.indices.filter { targets[it] != Batch.IGNORE }
                val above =
                    asked.sumOf { i ->
                        val row = logits.copyOfRange(i * 192, (i + 1) * 192)
                        row[targets[i]].toDouble() - row.average()
                    } / asked.size
                (-1..1).sumOf { value(it, LogitLens.PART) } shouldBe (above plusOrMinus 1e-4)
            }
        }

        "mistakes are named" {
            val without = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER.with(Design.Norm.POST))
            shouldThrow<UserError> { Unembedding.require(without) }.message shouldBe
                "logit lens: expected a model with a norm before its head, found ${without.label()}; measure it along runs of one that has"
            shouldThrow<UserError> { LogitLens(Cadence.times(2), "far", 4).requireMeaning(spec) }.message shouldBe
                "logit lens: expected one of the evaluation sets ${task.evaluationSets().map { it.name() }}, found 'far'"
            shouldThrow<UserError> { LogitLens(Cadence.times(2), "far", 0) }.message shouldBe
                "logit lens: expected at least 1 held-out sequence, found 0"
        }
    })
