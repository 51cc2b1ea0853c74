package holonomy.dsl

import holonomy.claim.SeedValues
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import java.util.TreeMap

class MeasuredTest :
    FreeSpec({
        fun measured(label: String, value: Double, vararg traits: String) =
            plain(SeedValues.of(label, TreeMap(mapOf(1L to value, 2L to 2 * value))), setOf(*traits))
        val slow = measured("largest D", 6.0, "weight decay", "a + b", "learning rate 0.0005")
        val fast = measured("largest D", 2.0, "weight decay", "a + b", "learning rate 0.001")

        "a difference of one number in two sets of runs says in what they differ, and only that" {
            (slow - fast).values.label() shouldBe "largest D: learning rate 0.0005 minus learning rate 0.001"
            (slow - fast).values.bySeed() shouldBe mapOf(1L to 4.0, 2L to 8.0)
            (slow over fast).values.label() shouldBe "largest D: learning rate 0.0005 over learning rate 0.001"
            (slow over fast).values.bySeed() shouldBe mapOf(1L to 3.0, 2L to 3.0)
        }

        "two numbers of the same runs are told apart by their own labels" {
            val first = measured("D at step 0", 1.0, "weight decay", "a + b", "learning rate 0.0005")
            (slow - first).values.label() shouldBe "largest D minus D at step 0"
        }

        "where both differ, both are said" {
            val other = measured("D at step 0", 1.0, "weight decay", "ab", "learning rate 0.0005")
            (slow - other).values.label() shouldBe "largest D (a + b) minus D at step 0 (ab)"
        }

        "a number without runs is left as it is" {
            (slow - measured("chance", 1.0)).values.label() shouldBe "largest D minus chance"
        }

        "a difference of differences keeps what they share" {
            ((slow - fast) - (slow - fast)).values.bySeed() shouldBe mapOf(1L to 0.0, 2L to 0.0)
            (slow - fast).traits shouldBe setOf("weight decay", "a + b")
        }

        "the least of several, seed by seed; undefined where one of them is" {
            least(listOf(slow, fast)).values.let { it.label() to it.bySeed() } shouldBe
                ("largest D, least of 2" to mapOf(1L to 2.0, 2L to 4.0))
            most(listOf(slow, fast)).values.label() shouldBe "largest D, most of 2"
            most(listOf(slow, fast)).values.bySeed() shouldBe
                slow.values.bySeed().mapValues { (seed, value) -> maxOf(value, fast.values.bySeed().getValue(seed)) }
            least(listOf(slow)).values shouldBe slow.values
            least(listOf(slow, measured("lead", Double.NaN))).values.bySeed().getValue(1L).isNaN() shouldBe true
            least(listOf(slow, fast)).traits shouldBe setOf("weight decay", "a + b")
        }

        "values of an axis are said without an exponent" {
            listOf(5e-4, 1e-3, 0.006 / 1.5, 100.0, 3).map { spoken(it) } shouldBe
                listOf("0.0005", "0.001", "0.004", "100", "3")
        }
    })
