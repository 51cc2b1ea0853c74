package holonomy.measure

import holonomy.model.Answers
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Weights
import holonomy.task.Batch
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.math.ln
import kotlin.random.Random

class AccuracyTest :
    FreeSpec({
        "accuracy counts rows whose largest logit is the label, ties by lower index" {
            Answers.of(floatArrayOf(1f, 2f, 3f, 0f, 5f, 5f), intArrayOf(1, 0, 1)).accuracy() shouldBe
                (2.0 / 3 plusOrMinus 1e-12)
        }
        "ignored targets count nowhere; where nothing is asked both are missing" {
            val logits = floatArrayOf(1f, 2f, 9f, 0f, 5f, 5f)
            Answers.of(logits, intArrayOf(1, Batch.IGNORE, 1)).accuracy() shouldBe .5
            Answers.of(logits, intArrayOf(Batch.IGNORE, Batch.IGNORE, 0)).crossEntropy() shouldBe
                (ln(2.0) plusOrMinus 1e-12)
            val none = Answers.of(logits, IntArray(3) { Batch.IGNORE })
            none.accuracy().isNaN() && none.crossEntropy().isNaN() shouldBe true
        }
        "a network's answers to a batch are the same however few sequences are looked at at a time" {
            val model = Architecture(60_000, 20, 60_000, 1, 1, 16, 0, Design.LANGUAGE) // three sequences at a time
            val random = Random(3)
            val tokens = IntArray(4 * 20) { random.nextInt(60_000) }
            val batch = Batch.of(20, tokens, IntArray(tokens.size) { if (it % 3 == 0) Batch.IGNORE else tokens[it] })
            val theta = Weights.initial(model, 1).values()
            model.open(ComputeDevice.CPU).use { network ->
                val whole = Answers.of(network.logits(theta, batch), batch.targets())
                whole.accuracy() shouldBeGreaterThan 0.0
                Answers.of(network, theta, batch).accuracy() shouldBe whole.accuracy()
                Answers.of(network, theta, batch).crossEntropy() shouldBe (whole.crossEntropy() plusOrMinus 1e-6)
            }
        }
        "cross-entropy of equal logits is ln C, of a sure answer 0, also where exp would overflow" {
            Answers.of(FloatArray(8), intArrayOf(0, 3)).crossEntropy() shouldBe (ln(4.0) plusOrMinus 1e-12)
            Answers.of(floatArrayOf(1000f, 0f), intArrayOf(0)).crossEntropy() shouldBe (0.0 plusOrMinus 1e-12)
            Answers.of(floatArrayOf(1000f, 0f), intArrayOf(1)).crossEntropy() shouldBe (1000.0 plusOrMinus 1e-9)
        }
    })
