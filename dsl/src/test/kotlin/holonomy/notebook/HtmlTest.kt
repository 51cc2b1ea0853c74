package holonomy.notebook

import holonomy.claim.Claim
import holonomy.claim.Family
import holonomy.claim.Judge
import holonomy.claim.Margin
import holonomy.claim.SeedValues
import holonomy.dsl.Declarations
import holonomy.dsl.Invocation
import holonomy.dsl.experiment
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.JudgedClaim
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe

/** What stands under a notebook's cell. */
class HtmlTest :
    FreeSpec({
        fun values(vararg perSeed: Double) =
            SeedValues.of("x", perSeed.withIndex().associate { (i, value) -> i + 1L to value }.toSortedMap())

        fun claims(vararg nulls: Claim.Null): String {
            val range = Claim.ClaimedSet(2.0, 8.0)
            val judgement =
                Judge.judge(
                    Claim("a < b", "ours", "none", values(4.0, 5.0, 6.0), range, null, nulls.toList(), listOf())
                )
            val place = Family.of(listOf(Family.Member("s", judgement.verdict(), 0.0))).single()
            val experiment = Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?") {} }
            val judged = listOf(JudgedClaim(judgement, null, place))
            return Html.of(ExperimentOutcome(experiment, listOf(), judged, 0.0, listOf(), mapOf(), listOf()))
        }

        "a claim stands beside its nulls, and each says whether it was beaten" {
            val beaten = Claim.Null("walk", values(3.0, 4.0, 5.1), Claim.Side.ABOVE, Margin.by(0.0))
            val explains = Claim.Null("chance", values(6.0, 7.0, 8.1), Claim.Side.ABOVE, Margin.by(0.0))
            claims(beaten, explains) shouldBe
                "<table><thead><tr><th>claim</th><th>measured</th><th>published</th><th>nulls</th><th>verdict</th></tr></thead>" +
                    "<tbody><tr><td>a &lt; b</td><td>5.00 [2.52, 7.48]</td><td>none</td>" +
                    "<td>walk 4.03 (beaten); chance 7.03 (explains)</td>" +
                    "<td>explained by a null: the interval lies in 2.00 to 8.00, but explained by the null: chance</td></tr></tbody></table>"
        }

        "a claim without a null has none" { ("<td>none</td><td></td><td>replicated: " in claims()) shouldBe true }
    })
