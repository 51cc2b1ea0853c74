package holonomy.statistic

import holonomy.data.Table
import holonomy.measure.Accuracy
import holonomy.measure.Measure
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

class OwnIntervalsTest :
    FreeSpec({
        "an evaluation's own interval is Wilson's of its right answers" {
            val rows = Table.builder(listOf(Measure.SET, Accuracy.ACCURACY))
            rows.row("asked once", .5)
            rows.row("asked once", 1.0)
            rows.row("asked everywhere", .5)
            val own = OwnIntervals.of(rows.build()) { if (it.text(Measure.SET) == "asked once") 100 else 0 }
            // Published limits for 50 of 100: .4038 and .5962; for 100 of 100 n / (n + z^2): .9630.
            own.rows()[0].number(OwnIntervals.LOWER) shouldBe (.4038 plusOrMinus 5e-5)
            own.rows()[0].number(OwnIntervals.UPPER) shouldBe (.5962 plusOrMinus 5e-5)
            own.rows()[1].number(OwnIntervals.LOWER) shouldBe (.9630 plusOrMinus 5e-5)
            own.rows()[1].number(OwnIntervals.UPPER) shouldBe 1.0
            own.rows()[2].value(OwnIntervals.LOWER) shouldBe null
            own.rows()[2].number(Accuracy.ACCURACY) shouldBe .5
        }
    })
