package holonomy.dsl

import holonomy.claim.Claim.ClaimedSet
import holonomy.claim.Judge
import holonomy.claim.Margin
import holonomy.claim.SeedValues
import holonomy.claim.Verdict
import holonomy.data.UserError
import holonomy.inference.Scale
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private fun number(vararg perSeed: Double, scale: Scale = Scale.IDENTITY) =
    plain(SeedValues("x", scale, perSeed.withIndex().associate { (i, x) -> i + 1L to x }.toSortedMap()))

private fun Statement.declared() = claim("text", "ours", "none")

private fun Statement.verdict() = Judge.judge(declared()).verdict()

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

class StatementsTest :
    FreeSpec({
        val low = number(1.0, 1.1, .9)
        val high = number(3.0, 3.3, 2.9)

        "a change is by at least what matters, a factor too, either way" {
            (high isAbove low by .5).declared().claimed() shouldBe ClaimedSet.atLeast(.5)
            (low isBelow high by .5).declared().claimed() shouldBe ClaimedSet.atMost(-.5)
            (low isBelow high by .5).declared().measured().label() shouldBe "x minus x"
            (high isAbove low byFactor 2.0).declared().claimed() shouldBe ClaimedSet.atLeast(2.0)
            (low isBelow high byFactor 2.0).declared().claimed() shouldBe ClaimedSet.atMost(.5)
            (high isAbove 1.0 by .5).declared().claimed() shouldBe ClaimedSet.atLeast(1.5)
            (high isBelow 4.0 byFactor 2.0).declared().claimed() shouldBe ClaimedSet.atMost(2.0)
            listOf(
                    high isAbove low by .5,
                    low isBelow high by .5,
                    high isAbove low byFactor 2.0,
                    high isBelow 5.0 by 1.0,
                )
                .forAll { it.verdict() shouldBe Verdict.REPLICATED }
            (high isAbove low by 5.0).verdict() shouldBe Verdict.NOT_REPLICATED
        }

        "a tie supports nothing, neither above nor below, read on a grid or not" {
            val equal = number(1.0, 1.0, 1.0)
            val read = plain(equal.values.grained(.1))
            for ((one, verdict) in listOf(equal to Verdict.INCONCLUSIVE, read to Verdict.NOT_REPLICATED)) {
                (one isAbove one by .2).verdict() shouldBe verdict
                (one isBelow one by .2).verdict() shouldBe verdict
                (one isAbove 1.0 by .2).verdict() shouldBe verdict
            }
            (read isAbove read by .05).verdict() shouldBe Verdict.INCONCLUSIVE
        }

        "likeness has a margin on both sides" {
            (high isLike low within .5).declared().claimed() shouldBe ClaimedSet(-.5, .5)
            (high isLike 3.0 within .5).declared().claimed() shouldBe ClaimedSet(2.5, 3.5)
            (high isLike low withinFactor 1.25).declared().claimed() shouldBe ClaimedSet(.8, 1.25)
            (high isLike 3.0 within .7).verdict() shouldBe Verdict.REPLICATED
            (high isLike low within .5).verdict() shouldBe Verdict.NOT_REPLICATED
            (low isLike high within .5).verdict() shouldBe Verdict.NOT_REPLICATED
        }

        "a published size is a positive amount whichever way the change goes" {
            (high isAbove low by .5).published(1.0..3.0).declared().size() shouldBe ClaimedSet(1.0, 3.0)
            (low isBelow high by .5).published(1.0..3.0).declared().size() shouldBe ClaimedSet(-3.0, -1.0)
            (low isBelow high byFactor 1.5).published(2.0..4.0).declared().size() shouldBe ClaimedSet(.25, .5)
            (high isAbove 1.0 by .5).published(1.0..3.0).declared().size() shouldBe ClaimedSet(2.0, 4.0)
            (low isBelow high by .5).published(1.0..3.0).verdict() shouldBe Verdict.REPLICATED
            (low isBelow high by .5).published(7.0..8.0).verdict() shouldBe Verdict.DIRECTION_ONLY
        }

        "a null's margin is its own, else the statement's, else the scale's" {
            fun margin(statement: Statement) = statement.declared().nulls().single().margin()
            margin((high isAbove low by .5).above(low)) shouldBe Margin.by(.5)
            margin((high isAbove low byFactor 1.5).above(low)) shouldBe Margin.factor(1.5)
            margin((high isAbove low by .5).above(low, by = .1)) shouldBe Margin.by(.1)
            margin((high isAtLeast 2.0).above(low, byFactor = 1.2)) shouldBe Margin.factor(1.2)
            margin((high isAtLeast 2.0).below(low)) shouldBe Margin.usual()
        }

        "a ratio has a value under the nulls of its numbers" {
            val one = Measured(high.values) { number(2.0, 2.0, 4.0).values }
            val two = Measured(low.values) { number(1.0, 1.0, 1.0).values }
            (one over two).under(uncorrelatedWalk).bySeed() shouldBe sortedMapOf(1L to 2.0, 2L to 2.0, 3L to 4.0)
            (one over two).values.estimate().value() shouldBe (3.0666 plusOrMinus 1e-2)
            (one over two).values.scale() shouldBe Scale.LOG
        }

        "mistakes" {
            val sized = "the smallest change that matters"
            mistake { high isAbove low by 0.0 } shouldBe "claim: by 0.0: expected a number above 0, $sized"
            mistake { high isAbove low byFactor 1.0 } shouldBe "claim: byFactor 1.0: expected a factor above 1, $sized"
            mistake { high isLike low within -.1 } shouldBe
                "claim: within -0.1: expected a number above 0, the largest that doesn't matter"
            mistake { high isAtLeast 0.0 } shouldBe
                "claim '>= 0': a direction without a size, which a tie would support; say what change matters, such as " +
                    "(a isAbove b by 0.05), or another bound than 0.0"
            mistake { (high over low) isAtMost 1.0 } shouldBe
                "claim '<= 1.00': a direction without a size, which a tie would support; say what change matters, such as " +
                    "(a isBelow b byFactor 1.5), or another bound than 1.0"
            mistake { (high isAtLeast 2.0).above(low, by = .1, byFactor = 1.1) } shouldBe
                "claim: by and byFactor are two margins of one null; say one"
            mistake { (high isAtLeast 2.0).above(low, by = 0.0) } shouldBe
                "claim: by 0.0: expected a number above 0, the smallest excess that matters"
        }
    })
