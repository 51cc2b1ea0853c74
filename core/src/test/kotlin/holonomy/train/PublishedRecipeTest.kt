package holonomy.train

import com.fasterxml.jackson.databind.node.JsonNodeFactory
import holonomy.Reference
import holonomy.model.ComputeDevice
import holonomy.model.languageModel
import holonomy.model.languageTheta
import holonomy.model.theirName
import holonomy.task.Batch
import holonomy.task.EvaluationSet
import holonomy.task.Stream
import holonomy.task.Task
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe

private val case = Reference.language()

private fun size(key: String) = case.config[key].asInt()

private fun number(key: String) = case.config[key].asDouble()

/** The batches that an independent program trained on, one after the other. */
private object Given : Task {
    private val perStep = size("micro_batches") * size("sequences") * size("length")

    override fun length() = size("length")

    override fun vocabulary() = size("vocabulary")

    override fun classes() = size("vocabulary")

    override fun targetPositions() = (0 until length()).toList()

    override fun groups() = listOf("text", "probe")

    override fun batch(stream: Stream, index: Long, size: Int): Batch {
        fun of(name: String) =
            case.tensor(name).longs().drop(index.toInt() * perStep).take(perStep).map { it.toInt() }.toIntArray()
        val targets = of("targets").map { if (it < 0) Batch.IGNORE else it }.toIntArray()
        return Batch.of(length(), of("tokens"), targets, of("probe"))
    }

    override fun evaluationSets() = listOf<EvaluationSet>(EvaluationSet.Drawn("first", this, 0, Double.NaN))

    override fun spec() = JsonNodeFactory.instance.objectNode()!!.put("kind", "given")!!

    override fun label() = "given"
}

class PublishedRecipeTest :
    FreeSpec({
        "the published language recipe, step by step, is that of an independent program" {
            val model = languageModel(case)
            val training =
                Training(
                        AdamW(
                            number("rate"),
                            number("beta1"),
                            number("beta2"),
                            number("epsilon"),
                            number("decay"),
                            Optimizer.Decay.DECOUPLED,
                        ),
                        Schedule.cutCosine(size("warmup").toLong(), number("floor")),
                        size("steps").toLong(),
                        size("micro_batches") * size("sequences"),
                        number("clip"),
                    )
                    .computed(MicroBatches(size("micro_batches"), true))
                    .weighing("text", Schedule.constant())
                    .weighing(
                        "probe",
                        Schedule.level(number("lambda_early"))
                            .then(number("lambda_late"), size("lambda_from_step") - 1L),
                    )
            val spec = RunSpec(Given, model, training, 1)
            val state = TrainingState.initial(spec)
            languageTheta(case, model).copyInto(state.theta())
            val seen = mutableListOf<Observer.Step>()
            val observer = Observer { _, latest -> seen += latest }
            model.open(ComputeDevice.CPU).use { Trainer(spec, it).train(state, listOf(observer)) { false } }
            val theirs = case.config["training"].toList()
            seen.size shouldBe theirs.size + 1
            for ((step, expected) in theirs.withIndex()) withClue("step ${step + 1}") {
                val (loss, norm) = seen[step + 1].let { it.loss() to it.gradientNorm() }
                loss shouldBe (expected["loss"].asDouble() plusOrMinus 1e-5 * loss)
                norm shouldBe (expected["gradient_norm"].asDouble() plusOrMinus 1e-5 * norm)
            }
            for (block in model.layout().blocks()) withClue(block.name()) {
                val end = state.theta().copyOfRange(block.offset(), block.offset() + block.size())
                Reference.relativeError(
                    DoubleArray(end.size) { end[it].toDouble() },
                    case.tensor("final." + theirName(block)).doubles(),
                ) shouldBeLessThan 1e-5
            }
        }
    })
