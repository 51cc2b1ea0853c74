package holonomy.statistic

import holonomy.data.UserError
import holonomy.inference.Scale
import holonomy.statistic.RunValues.Entry
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

private fun values(vararg entries: Entry) = RunValues("r90", Scale.LOG, entries.toList())

private val narrow = Entry("aaaa", "width 32, seed 1", 1, 2.0)
private val wide = Entry("bbbb", "width 64, seed 1", 1, 5.0)
private val other = Entry("cccc", "width 32, seed 2", 2, 3.0)

class RunValuesTest :
    FreeSpec({
        "one run per seed needs no reduction, and keeps label and scale" {
            val bySeed = values(other, narrow).perSeed()
            bySeed.bySeed() shouldBe sortedMapOf(1L to 2.0, 2L to 3.0)
            bySeed.label() shouldBe "r90"
            bySeed.scale() shouldBe Scale.LOG
        }
        "two runs of one seed without one are an error that names both" {
            shouldThrow<UserError> { values(narrow, other, wide).perSeed() }.message shouldBe
                "r90: expected one run per seed, found two of seed 1: 'width 32, seed 1' and 'width 64, seed 1'; " +
                    "choose one with of(...), or say how they become one number with " +
                    "perSeed(Reduction.MEAN), MEDIAN, LEAST or MOST"
        }
        "a named reduction makes one number of them and is said in the label" {
            fun by(reduction: Reduction) = values(narrow, other, wide).perSeed(reduction)
            Reduction.entries.map { by(it).bySeed().getValue(1L) } shouldBe listOf(3.5, 3.5, 2.0, 5.0)
            by(Reduction.MEAN).bySeed().getValue(2L) shouldBe 3.0
            by(Reduction.LEAST).label() shouldBe "r90, least over runs"
            values(narrow, other).perSeed(Reduction.LEAST).label() shouldBe "r90"
        }
        "an undefined number stays undefined under every reduction" {
            val undefined = wide.copy(value = Double.NaN)
            for (reduction in Reduction.entries) {
                values(narrow, undefined).perSeed(reduction).bySeed().getValue(1L).isNaN() shouldBe true
            }
        }
        "the median is not the mean" {
            val third = Entry("dddd", "width 128, seed 1", 1, 50.0)
            values(narrow, wide, third).perSeed(Reduction.MEDIAN).bySeed() shouldBe sortedMapOf(1L to 5.0)
            values(narrow, wide, third).perSeed(Reduction.MEAN).bySeed() shouldBe sortedMapOf(1L to 19.0)
        }
        "a run is counted once" {
            shouldThrow<IllegalArgumentException> { values(narrow, narrow) }.message shouldBe
                "r90: run aaaa has two numbers"
        }
    })

private fun Entry.copy(value: Double) = Entry(run(), name(), seed(), value)
