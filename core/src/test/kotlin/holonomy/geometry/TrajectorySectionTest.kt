package holonomy.geometry

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private val steps = longArrayOf(0, 100, 200, 300, 400)

/** Snapshot i of two weights: (i^2, -i). */
private val whole =
    ArrayTrajectory.of(mapOf("W" to Array(5) { floatArrayOf((it * it).toFloat(), -it.toFloat()) }), steps)

private fun between(first: Long, last: Long) = TrajectorySection.between(whole, first, last)

/** Squared lengths, exact in integers. */
private fun lengths(section: Trajectory) =
    Increments.of(Gram.of(section, "W")).let { d -> List(d.size()) { d.get(it, it) } }

class TrajectorySectionTest :
    FreeSpec({
        "a stage's path starts with the weights that the stage before left" {
            between(0, 200).steps().toList() shouldBe listOf(0L, 100L, 200L)
            between(200, 400).steps().toList() shouldBe listOf(200L, 300L, 400L)
        }
        "its increments are those within the stage: together all of the whole path's, none twice" {
            val all = lengths(whole)
            (lengths(between(0, 200)) + lengths(between(200, 400))).zip(all).forEach { (one, other) ->
                one shouldBe (other plusOrMinus 1e-9)
            }
            lengths(between(200, 400)) shouldBe listOf(26.0, 50.0)
        }
        "an increment across a boundary between two snapshots belongs to neither stage" {
            between(0, 250).steps().toList() shouldBe listOf(0L, 100L, 200L)
            between(250, 400).steps().toList() shouldBe listOf(300L, 400L)
            lengths(between(0, 250)) + lengths(between(250, 400)) shouldBe listOf(2.0, 10.0, 50.0)
        }
        "reads the whole's weights" {
            val values = FloatArray(2)
            between(200, 400).read(1, "W", 0, values, 2)
            values.toList() shouldBe listOf(9f, -3f)
        }
        "a range without a snapshot" {
            shouldThrow<IllegalArgumentException> { between(210, 290) }.message shouldBe
                "snapshots 3..2 of a trajectory with 5: expected a range within it"
        }
    })
