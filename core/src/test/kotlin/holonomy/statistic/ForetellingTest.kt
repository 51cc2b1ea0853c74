package holonomy.statistic

import holonomy.Nightly
import holonomy.claim.Claim
import holonomy.claim.Judge
import holonomy.claim.Margin
import holonomy.claim.SeedValues
import holonomy.claim.Verdict
import holonomy.data.UserError
import holonomy.inference.Auroc
import holonomy.inference.Jackknife
import holonomy.inference.RankInterval
import holonomy.inference.Scale
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import java.util.Random
import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.asin
import kotlin.math.atanh
import kotlin.math.exp
import kotlin.math.sqrt

private const val Z = 1.959963984540054

private fun run(seed: Int, setting: String, x: Double, y: Double, vararg partners: Long) =
    RunPairs.Run(seed.toLong(), setting, partners.toSet(), x, y)

/** One run of each setting, each of a seed of its own. */
private fun apart(x: List<Double>, y: List<Int>) = x.indices.map { run(it, "setting $it", x[it], y[it].toDouble()) }

private fun foretelling(runs: List<RunPairs.Run>, fitted: List<RunPairs.Run> = listOf(), left: String = "") =
    Foretelling("a", "b", runs, fitted, left)

/** V(A) of Newcombe's fifth method. */
private fun variance(a: Double, m: Int, n: Int): Double {
    val c = (m + n) / 2.0 - 1
    return a * (1 - a) / (m * n) * (1 + c * (1 - a) / (2 - a) + c * a / (1 + a))
}

class ForetellingTest :
    FreeSpec({
        val random = Random(23)
        fun normal() = random.nextGaussian()

        /** Two predictors and a latent outcome that share a part of each setting's, and of each run's, own. */
        class Model(val between: Double, vararg val rho: Double) {
            private fun part(): List<Double> {
                val latent = normal()
                return listOf(latent) + rho.map { it * latent + sqrt(1 - it * it) * normal() }
            }

            fun study(
                settings: Int,
                seeds: Int,
                crossed: Boolean = false,
                outcome: (Double) -> Double = { if (it > .2) 1.0 else 0.0 },
            ): List<List<RunPairs.Run>> {
                val of = List(settings) { part() }
                val runs = List(settings * seeds) { part() }
                return rho.indices.map { which ->
                    runs.mapIndexed { i, own ->
                        val (setting, seed) = i / seeds to if (crossed) i % seeds else i
                        fun number(k: Int) = sqrt(between) * of[setting][k] + sqrt(1 - between) * own[k]
                        run(seed, "setting $setting", number(which + 1), outcome(number(0)))
                    }
                }
            }
        }

        /** The AUROC of runs that share nothing. */
        fun truth(rho: Double) =
            Model(0.0, rho).study(60_000, 1).single().let { all ->
                Auroc.of(all.map { it.x() }.toDoubleArray(), all.map { it.y() }.toDoubleArray())
            }

        /** An interval of no width is none: it bears out no claim. */
        fun coverage(studies: Int, study: () -> Pair<SeedValues, Double>): Double {
            val all = (1..studies).map { study().let { (number, truth) -> number.estimate() to truth } }
            val bounded = all.filter { (estimate, _) -> estimate.isDefined && !estimate.isFlat }
            return bounded.count { (estimate, truth) -> truth in estimate.low()..estimate.high() } /
                bounded.size.toDouble()
        }

        fun coverage(truth: Double, studies: Int = 1_000, study: () -> SeedValues) =
            coverage(studies) { study() to truth }

        "AUROC counts pairs, a tie for half" {
            Auroc.of(doubleArrayOf(1.0, 2.0, 2.0, 3.0), doubleArrayOf(0.0, 0.0, 1.0, 1.0)) shouldBe 3.5 / 4
            Auroc.of(doubleArrayOf(1.0, 2.0), doubleArrayOf(1.0, 1.0)).isNaN() shouldBe true
            Auroc.of(doubleArrayOf(1.0, Double.NaN), doubleArrayOf(0.0, 1.0)).isNaN() shouldBe true
        }

        "its interval ends where the value lies z standard errors away, at 1 too" {
            val estimate = Auroc.interval(.8, 7, 9, .95)
            for (end in listOf(estimate.low(), estimate.high())) {
                abs(.8 - end) shouldBe (Z * sqrt(variance(end, 7, 9)) plusOrMinus 1e-9)
            }
            val whole = Auroc.interval(1.0, 4, 4, .95)
            whole.high() shouldBe 1.0
            1 - whole.low() shouldBe (Z * sqrt(variance(whole.low(), 4, 4)) plusOrMinus 1e-9)
            Auroc.interval(0.0, 4, 4, .95).high() shouldBe (1 - whole.low() plusOrMinus 1e-9)
        }

        "independent are the most runs of which no two share a seed, data or a setting" {
            fun grid(seeds: Int, settings: Int) =
                (1..seeds).flatMap { s -> (1..settings).map { run(s, "$it", .0, 1.0) } }
            Independent.of(grid(3, 5)) shouldBe 3
            Independent.of(grid(5, 2)) shouldBe 2
            Independent.of(apart(List(6) { 1.0 }, List(6) { 1 })) shouldBe 6
            Independent.of(listOf(run(1, "a", .0, 1.0, 2), run(2, "b", .0, 1.0), run(3, "c", .0, 1.0, 2))) shouldBe 1
            Independent.of(listOf(run(1, "a", .0, 1.0), run(1, "b", .0, 1.0), run(2, "a", .0, 1.0))) shouldBe 2
        }

        "n is of runs that share nothing, whatever the number of seeds" {
            // Two seeds of their own for each of six settings.
            val pairs = foretelling((1..12).map { run(it, "${it % 6}", it * 5.0 % 7, if (it % 6 < 3) 1.0 else .0) })
            pairs.auroc().estimate().n() shouldBe 6
            pairs.auroc().bySeed().size shouldBe 12
            val scarce =
                Jackknife.crossed(
                    .2,
                    listOf(DoubleArray(12) { it / 60.0 }, DoubleArray(6) { it / 30.0 }),
                    Scale.IDENTITY,
                    .95,
                    "",
                )
            scarce.n() shouldBe 6
        }

        "other runs say which way a number points" {
            val falling = apart(listOf(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), listOf(1, 1, 1, 0, 0, 0))
            val held = apart(listOf(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), listOf(1, 0, 1, 0, 0, 0))
            foretelling(held).auroc().estimate().value() shouldBe 1.0 / 8
            val fitted = foretelling(held, falling, "2 of 8 left out").auroc()
            fitted.estimate().value() shouldBe 7.0 / 8
            fitted.estimate().n() shouldBe 6
            fitted.label() shouldBe
                "AUROC of a for b; the smaller, the more, by 6 other runs; 2 of 6 with it; 2 of 8 left out"
            val rho = foretelling(held, falling).rankCorrelation().estimate()
            rho.value() shouldBe -RunPairs.rho(held)
            rho.low() shouldBe RankInterval.of(-RunPairs.rho(held), 6, .95).low()
        }

        "one outcome, too few runs, an unknown number: undefined, with the reason" {
            val x = listOf(1.0, 2.0, 3.0, 4.0, 5.0)
            val both = apart(x, listOf(0, 1, 0, 1, 1))
            fun reason(numbers: SeedValues): String {
                numbers.estimate().isDefined shouldBe false
                val claim = Claim("a", "ours", "none", numbers, Claim.ClaimedSet.atLeast(.6), null, listOf(), listOf())
                Judge.judge(claim).verdict() shouldBe Verdict.INCONCLUSIVE
                Judge.judge(claim).reason() shouldBe "the value is undefined"
                return numbers.label()
            }
            reason(foretelling(apart(x, List(5) { 1 })).auroc()) shouldEndWith "; undefined: all 5 have one outcome"
            reason(foretelling((1..6).map { run(it, "one", it * 1.0, 0.0) }).auroc()) shouldEndWith
                "; 0 of 6 with it; undefined: all 6 have one outcome"
            reason(foretelling(both, apart(x, List(5) { 0 })).auroc()) shouldEndWith
                "; undefined: of the runs that it is fitted on all 5 have one outcome"
            reason(foretelling(both.drop(1)).auroc()) shouldEndWith "; undefined: 4 runs are left, fewer than 5"
            reason(
                foretelling(apart(x.map { if (it > 4) Double.NaN else it }, listOf(0, 1, 0, 1, 1))).auroc()
            ) shouldEndWith "; undefined: 1 of 5 have no such number"
            val never =
                both.map {
                    RunPairs.Run(it.seed(), it.setting(), setOf(), it.x(), if (it.seed() < 4) Double.NaN else 1.0)
                }
            foretelling(never).ofKnown().rankCorrelation().label() shouldEndWith
                "1 runs; 4 left out, it never comes; undefined: 1 runs are left, fewer than 5"
        }

        "an outcome is 0 or 1; a number of all runs stands beside another one only" {
            shouldThrow<UserError> { foretelling(apart(listOf(1.0), listOf(7))).auroc() }.message shouldBe
                "AUROC of a: expected of each run whether (1) or not (0), found 7.0 as b in a run of seed 0; for how much " +
                    "or when, take rankCorrelation"
            val auroc = foretelling(apart(List(6) { it * 1.0 }, listOf(0, 1, 0, 1, 0, 1))).auroc()
            shouldThrow<UserError> { auroc.minus(SeedValues.of("c", sortedMapOf(0L to 1.0))) }.message shouldBe
                "'${auroc.label()}' is one number of all runs, whatever their seed and setting, so it can't be set beside " +
                    "'c' seed by seed; set it beside another one of the same runs"
        }

        "a planted predictor is found and beats a shuffled one; a shuffled one's interval holds .5" {
            fun verdict(of: SeedValues, control: SeedValues) =
                Judge.judge(
                        Claim(
                            "a foretells b",
                            "ours",
                            "none",
                            of,
                            Claim.ClaimedSet.atLeast(.6),
                            null,
                            listOf(Claim.Null("control", control, Claim.Side.ABOVE, Margin.usual())),
                            listOf(),
                        )
                    )
                    .verdict()
            val (planted, shuffled) = Model(.5, .95, 0.0).study(40, 2)
            val (fit, noFit) = Model(.5, .95, 0.0).study(40, 2)
            val (found, nothing) = foretelling(planted, fit).auroc() to foretelling(shuffled, noFit).auroc()
            verdict(found, nothing) shouldBe Verdict.REPLICATED
            verdict(nothing, found) shouldBeIn listOf(Verdict.INCONCLUSIVE, Verdict.NOT_REPLICATED, Verdict.EXPLAINED)
            (.5 in nothing.estimate().let { it.low()..it.high() }) shouldBe true
            coverage(.5) {
                    foretelling(Model(.5, 0.0).study(12, 2).single(), Model(.5, 0.0).study(12, 2).single()).auroc()
                }
                .shouldBeBetween(.94, 1.0, 0.0)
        }

        "coverage of an AUROC: .93 or more" -
            {
                for (between in listOf(0.0, .6, .9)) for (rho in
                    listOf(.6, .9)) "settings' part $between, correlation $rho" {
                    val truth = truth(rho)
                    val model = Model(between, rho)
                    coverage(truth) { foretelling(model.study(8, 2).single()).auroc() }.shouldBeBetween(.93, 1.0, 0.0)
                    coverage(truth) { foretelling(model.study(16, 2).single()).auroc() }.shouldBeBetween(.93, 1.0, 0.0)
                    coverage(truth, 300) { foretelling(model.study(8, 6, crossed = true).single()).auroc() }
                        .shouldBeBetween(.93, 1.0, 0.0)
                }
            }

        "coverage of the difference of two, over the same runs: .93 or more" {
            for (between in listOf(0.0, .6, .9)) {
                val model = Model(between, .8, .4)
                val truth = truth(.8) - truth(.4)
                coverage(truth, 500) {
                        val (one, other) = model.study(16, 2).map { foretelling(it).auroc() }
                        one.minus(other)
                    }
                    .shouldBeBetween(.93, 1.0, 0.0)
            }
        }

        "coverage of an early rank correlation, and of the difference of two: .95 or more"
            .config(tags = setOf(Nightly)) {
                fun truth(rho: Double) = 6 / PI * asin(rho / 2) // Spearman's, of normal numbers
                for (between in listOf(0.0, .6, .9)) {
                    for (rho in listOf(0.0, .6, .9)) for ((settings, seeds) in listOf(8 to 2, 16 to 2, 8 to 6)) {
                        val model = Model(between, rho)
                        withClue("settings' part $between, correlation $rho, $settings settings, $seeds seeds") {
                            coverage(truth(rho), 500) {
                                    val runs = model.study(settings, seeds, crossed = seeds > 2) { it }
                                    foretelling(runs.single()).rankCorrelation()
                                }
                                .shouldBeBetween(.95, 1.0, 0.0)
                        }
                    }
                    val two = Model(between, .8, .4)
                    coverage(atanh(truth(.8)) - atanh(truth(.4)), 500) {
                            val (one, other) = two.study(16, 2) { it }.map { foretelling(it).rankCorrelation() }
                            one.beside(other)
                        }
                        .shouldBeBetween(.95, 1.0, 0.0)
                }
            }

        // What a lead is in new settings, with the direction and the threshold that the fitted runs gave.
        "coverage of a lead: .93 or more of 16 settings, .9 or more of 8"
            .config(tags = setOf(Nightly)) {
                fun looked(runs: List<RunPairs.Run>) =
                    runs.map { run ->
                        val event = if (run.y() == 1.0) 300 * exp(.6 * abs(normal())) else Double.NaN
                        Alarm.Watched(run, listOf(150L, 210L), listOf(run.x() + .3 * normal(), run.x()), event)
                    }
                fun lead(run: Alarm.Watched, falling: Boolean, threshold: Double): Double {
                    val first = run.x().indexOfFirst { if (falling) -it > threshold else it > threshold }
                    return if (first < 0) 0.0 else 1 - run.steps()[first] / run.event()
                }
                for (rho in listOf(0.0, .6, .9)) {
                    val many = looked(Model(0.0, rho).study(20_000, 1).single()).filter { it.run().y() == 1.0 }
                    for (between in listOf(0.0, .6, .9)) for ((settings, seeds) in
                        listOf(8 to 2, 16 to 2, 36 to 2, 8 to 6)) {
                        val crossed = seeds > 2
                        fun study() = looked(Model(between, rho).study(settings, seeds, crossed).single())
                        withClue("correlation $rho, settings' part $between, $settings settings, $seeds seeds") {
                            coverage(500) {
                                    val (fitted, judged) = study() to study()
                                    val falling = foretelling(fitted.map { it.run() }).auroc().estimate().value() < .5
                                    val without = fitted.filter { it.run().y() == 0.0 }
                                    val most =
                                        without.map { if (falling) -it.x().min() else it.x().max() }.sortedDescending()
                                    val threshold = most.getOrElse(most.size / 10) { Double.NaN }
                                    val truth = many.map { lead(it, falling, threshold) }.average()
                                    Alarm("a", "b", judged, fitted, .1).lead() to truth
                                }
                                .shouldBeBetween(if (settings < 16) .9 else .93, 1.0, 0.0)
                        }
                    }
                }
            }

        "lead: the threshold is what one in ten of the fitted runs without it passes at any look" {
            fun watched(seed: Int, y: Int, event: Double, vararg x: Double) =
                Alarm.Watched(
                    run(seed, "setting $seed", x.last(), y.toDouble()),
                    x.indices.map { 10L * (it + 1) },
                    x.toList(),
                    event,
                )
            val without =
                (1..10).map { watched(it, 0, Double.NaN, it * 1.0, 0.0) } // largest looks 1 .. 10: threshold 9
            val with = (11..15).map { watched(it, 1, 40.0, 11.0, 12.0) }
            val judged =
                listOf(
                    watched(21, 1, 40.0, 9.5, 1.0), // at 10
                    watched(22, 1, 40.0, 9.0, 9.1), // at 20
                    watched(23, 1, 50.0, 1.0, 2.0), // never
                    watched(24, 1, 100.0, 10.0), // at 10
                    watched(25, 1, 20.0, 8.0), // never
                    watched(26, 0, Double.NaN, 9.5, 1.0),
                    watched(27, 0, Double.NaN, 1.0, 1.0),
                )
            val lead = Alarm("a", "b", judged, without + with, .1).lead()
            lead.estimate().value() shouldBe ((.75 + .5 + 0 + .9 + 0) / 5 plusOrMinus 1e-12)
            lead.label() shouldBe
                "lead of a over b at 0.100 false positives; fires in 3 of 5 with it and 1 of 2 without"
            Alarm("a", "b", judged, with, .1).lead().label() shouldEndWith
                "; undefined: of the runs that it is fitted on all 5 have one outcome"
            Alarm("a", "b", judged.drop(1), without + with, .1).lead().label() shouldEndWith
                "; undefined: 4 runs with it are left, fewer than 5"
            shouldThrow<UserError> { Alarm("a", "b", judged, with, 1.0) }.message shouldBe
                "lead of a: expected a share of false positives of at least 0 and below 1, found 1.00"
        }
    })
