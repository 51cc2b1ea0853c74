package holonomy.statistic

import holonomy.statistic.Bounded.Bound
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

class BoundedTest :
    FreeSpec({
        fun difference(one: Bounded, other: Bounded) = one.minus(other).let { it.value() to it.bound() }

        "a run that never gets there is later by at least what is left, a plain run that never does at most" {
            val reached = Bounded.exactly(300.0)
            val never = Bounded(1000.0, Bound.AT_LEAST)
            difference(reached, Bounded.exactly(100.0)) shouldBe (200.0 to Bound.NONE)
            difference(never, reached) shouldBe (700.0 to Bound.AT_LEAST)
            difference(reached, never) shouldBe (-700.0 to Bound.AT_MOST)
            difference(never, never) shouldBe (Double.NaN to Bound.UNKNOWN)
        }
    })
