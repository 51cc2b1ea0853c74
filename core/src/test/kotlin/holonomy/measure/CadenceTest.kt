package holonomy.measure

import holonomy.data.Fields
import holonomy.data.UserError
import holonomy.model.WeightGroup
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
        "windows add their steps, as far as the run goes, and each step is due once" {
            val cadence = Cadence.times(3, Cadence.Window(10, 120, 400), Cadence.Window(7, 395, 500))
            val steps = cadence.steps(410).toList()
            steps shouldBe
                (listOf(0L, 205L, 410L) + (120L..400L step 10) + listOf(395L, 402L, 409L)).distinct().sorted()
            (0L..410L).filter { cadence.due(it, 410) } shouldBe steps
            Cadence.times(1, Cadence.Window(3, 0, 7)).steps(5).toList() shouldBe listOf(0L, 3L, 5L)
        }
        "as data: a number without windows, as ever, and read back as it was" {
            val plain = SnapshotPlan.of(WeightGroup.ATTENTION, 21)
            plain.spec().toString() shouldBe """{"group":"ATTENTION","count":21}"""
            plain.folder() shouldBe "trajectory/attention-21"
            val dense = SnapshotPlan(WeightGroup.ATTENTION, Cadence.times(21, Cadence.Window(10, 120, 400)))
            dense.folder() shouldBe "trajectory/attention-21+10in120-400"
            SnapshotPlan.fromSpec(Fields("plan", dense.spec())) shouldBe dense
            val measure = Accuracy(Cadence.times(5, Cadence.Window(1, 2, 3)), 64)
            Measures.fromSpec(measure.spec()).get() shouldBe measure
        }
        "a window that ends before it begins, or has no steps between, is an error" {
            shouldThrow<UserError> { Cadence.Window(10, 400, 120) }.message shouldBe
                "cadence: expected a window of at least every step, from 0 or later to no earlier, found every 10 in 400..120"
            shouldThrow<UserError> { Cadence.Window(0, 1, 2) }
        }
        "a cadence of nothing is an error" {
            shouldThrow<UserError> { Cadence.times(0) }.message shouldBe
                "cadence: expected at least 1 observation per run, found 0"
        }
    })
