package holonomy.measure

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.checkAll
import kotlin.math.roundToLong

class CadenceTest :
    FreeSpec({
        "the steps due are the rounded even spacing" {
            checkAll(300, Arb.int(2, 60), Arb.int(1, 400)) { count, steps ->
                val due = (0L..steps).filter { Cadence.times(count).due(it, steps.toLong()) }
                due shouldBe (0..<count).map { (it.toDouble() * steps / (count - 1)).roundToLong() }.distinct()
            }
        }
        "one observation lies at the end" { (0L..7L).filter { Cadence.atEnd().due(it, 7) } shouldBe listOf(7L) }
        "a cadence of nothing is an error" {
            shouldThrow<UserError> { Cadence.times(0) }.message shouldBe
                "cadence: expected at least 1 observation per run, found 0"
        }
    })
