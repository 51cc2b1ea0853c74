package holonomy.measure

import holonomy.model.Logits
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.ln

class AccuracyTest :
    FreeSpec({
        "accuracy counts rows whose largest logit is the label, ties by lower index" {
            Logits.accuracy(floatArrayOf(1f, 2f, 3f, 0f, 5f, 5f), intArrayOf(1, 0, 1)) shouldBe
                (2.0 / 3 plusOrMinus 1e-12)
        }
        "cross-entropy of equal logits is ln C, of a sure answer 0, also where exp would overflow" {
            Logits.crossEntropy(FloatArray(8), intArrayOf(0, 3)) shouldBe (ln(4.0) plusOrMinus 1e-12)
            Logits.crossEntropy(floatArrayOf(1000f, 0f), intArrayOf(0)) shouldBe (0.0 plusOrMinus 1e-12)
            Logits.crossEntropy(floatArrayOf(1000f, 0f), intArrayOf(1)) shouldBe (1000.0 plusOrMinus 1e-9)
        }
    })
