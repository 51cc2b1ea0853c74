package holonomy.bench

import holonomy.Nightly
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlin.math.pow

class MeasuredTest :
    FreeSpec({
        val line = Measured.of("x", "ms", doubleArrayOf(4.0, 1.0, 2.0, 3.0))

        "median and quartiles, in any order" {
            listOf(line.low(), line.median(), line.high()) shouldBe listOf(1.75, 2.5, 3.25)
        }
        "a limit holds up to its margin and no further" {
            val upper = line.over("floor", 2.4).atMost(2.0)
            upper.holds(0.0) shouldBe false
            upper.holds(.25) shouldBe true
            upper.over("floor", 2.6).holds(.25) shouldBe false
            val lower = line.over("floor", 1.5).atLeast(1.6)
            lower.holds(0.0) shouldBe false
            lower.holds(.25) shouldBe true
            line.holds(0.0) shouldBe true
        }
        "slope of a power law is its exponent" {
            val sizes = intArrayOf(50, 100, 200)
            SpectraBench.slope(sizes, DoubleArray(3) { 3 * sizes[it].toDouble().pow(1.7) }) shouldBe
                (1.7 plusOrMinus 1e-12)
        }
        "a void line has no verdict, and a machine is busy when its load is above processors and what is ours" {
            val void = line.over("floor", 9.0).atMost(2.0).voidFor(Busy.reason(3.0, 2, 0))
            void.holds(0.0) shouldBe true
            void.voided() shouldBe "load 3.0 on 2 processors"
            Busy.reason(3.0, 2, 2) shouldBe null
            Busy.reason(2.0, 2, 0) shouldBe null
            Busy.reason(-1.0, 2, 0) shouldBe null
            line.over("floor", 9.0).atMost(2.0).voidFor(null).holds(0.0) shouldBe false
        }
        "the published training step takes no longer than by autograd, with a margin of a quarter for noise"
            .config(tags = setOf(Nightly)) { StepBench.published(20)[3].ratio() shouldBeLessThan 1.25 }
    })
