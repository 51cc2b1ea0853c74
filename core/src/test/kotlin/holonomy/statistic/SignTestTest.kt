package holonomy.statistic

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith

class SignTestTest :
    FreeSpec({
        "a sign-flip test says the number of seeds and the smallest p it can give" {
            SignTest.words(doubleArrayOf(1.0, 2.0, 3.0)) shouldBe "exact sign-flip p 0.250 of 3 seeds, floor 0.250"
            SignTest.words(doubleArrayOf(1.0, Double.NaN)) shouldEndWith "a value is missing"
        }
    })
