package holonomy.geometry

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random

private const val WEIGHTS = 20_000

private fun gaussian(seed: Long) =
    Random(seed).let { random -> FloatArray(WEIGHTS) { random.nextGaussian().toFloat() } }

private val start = gaussian(1)

/** From [start] by [keeps] a step, [pull] along one direction and noise of the seed. */
private fun path(seed: Long, keeps: Float = .97f, pull: Float = 0f): Trajectory {
    val random = Random(seed)
    val towards = gaussian(2)
    val w = start.clone()
    val snapshots =
        Array(11) { t ->
            if (t > 0)
                for (d in w.indices) w[d] = keeps * w[d] + pull * towards[d] + .1f * random.nextGaussian().toFloat()
            w.clone()
        }
    return ArrayTrajectory.of("W", snapshots)
}

private fun twins(one: Trajectory, other: Trajectory) = Twins.of("trunk", one, other, listOf("W"))

class TwinsTest :
    FreeSpec({
        "two walks from one start share nothing but decay along w_0, which is taken out" {
            val twins = twins(path(5), path(6))
            twins.cosineOfBackbones() shouldBe (0.0 plusOrMinus .03)
            twins.shared().drop(1).forEach { it shouldBe (0.0 plusOrMinus .03) }
            twins.shared()[0].isNaN() shouldBe true
        }

        "a common pull is shared, the more the further it has gone beside the noise" {
            val twins = twins(path(5, pull = .1f), path(6, pull = .1f))
            val shared = twins.shared().drop(1)
            shared shouldBe shared.sorted()
            // after t steps the pull has gone .1 t, the noise .1 sqrt(t): t / (t + 1) without decay
            shared.last() shouldBe (10.0 / 11 plusOrMinus .02)
            (twins.cosineOfBackbones() > .8) shouldBe true
        }

        "twice the same run shares everything" {
            val twins = twins(path(5), path(5))
            twins.cosineOfBackbones() shouldBe (1.0 plusOrMinus 1e-9)
            twins.shared().last() shouldBe (1.0 plusOrMinus 1e-9)
        }

        "other initial values, other snapshots: errors that say what to do" {
            val elsewhere =
                ArrayTrajectory.of("W", Array(11) { FloatArray(WEIGHTS) { if (it == 0) 3f else start[it] } })
            val apart = kotlin.math.abs(3.0 - start[0])
            shouldThrow<UserError> { twins(path(5), elsewhere) }.message shouldBe
                "twins: expected the same weights in both first snapshots, found them $apart apart; twins have one seed of the initial values and two of the data"
            shouldThrow<UserError> { twins(path(5), ArrayTrajectory.of("W", arrayOf(start, start))) }.message shouldBe
                "twins: expected snapshots of the same steps, found 11 up to step 10 and 2 up to step 1; train both by one recipe with one number of snapshots"
        }
    })
