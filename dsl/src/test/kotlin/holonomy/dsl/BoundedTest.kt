package holonomy.dsl

import holonomy.figure.Bound
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

class BoundedTest :
    FreeSpec({
        fun difference(one: Bounded, other: Bounded) = (one - other).let { it.value to it.bound }

        "a run that never gets there is later by at least what is left, a plain run that never does at most" {
            val reached = Bounded(300.0)
            val never = Bounded(1000.0, Bound.AT_LEAST)
            difference(reached, Bounded(100.0)) shouldBe (200.0 to Bound.NONE)
            difference(never, reached) shouldBe (700.0 to Bound.AT_LEAST)
            difference(reached, never) shouldBe (-700.0 to Bound.AT_MOST)
            difference(never, never) shouldBe (Double.NaN to Bound.UNKNOWN)
        }
    })
