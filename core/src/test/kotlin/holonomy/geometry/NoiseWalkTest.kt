package holonomy.geometry

import holonomy.data.UserError
import holonomy.inference.PowerLaw
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.abs
import kotlin.math.sqrt

private const val TENTH = .05

private val null1 = PublishedBackbone.numbers["nullModel"]["main10k"]["kappa1"]

private val rates = doubleArrayOf(.1, .2, .3, .3)

/** Walks drawn by the definition: [draws] of them in [dimension] dimensions, mean of their Gram matrices. */
private fun drawn(decay: Double, start: FloatArray, steps: List<Int>, draws: Int): Array<DoubleArray> {
    val random = Random(4)
    val mean = Array(steps.size) { DoubleArray(steps.size) }
    repeat(draws) {
        val w = DoubleArray(start.size) { start[it].toDouble() }
        val path = mutableListOf(w.clone())
        for (rate in rates) {
            for (d in w.indices) w[d] += -decay * rate * w[d] + rate * random.nextGaussian()
            path += w.clone()
        }
        for ((i, s) in steps.withIndex()) for ((j, t) in steps.withIndex()) {
            mean[i][j] +=
                w.indices.sumOf { (path[s][it] - path[steps[0]][it]) * (path[t][it] - path[steps[0]][it]) } / draws
        }
    }
    return mean
}

class NoiseWalkTest :
    FreeSpec({
        "it is the mean of walks drawn by its definition" {
            val start = FloatArray(40) { .3f * (it % 5 - 2) }
            val norm = sqrt(start.sumOf { (it * it).toDouble() })
            val expected = NoiseWalk.of(rates, .4).path("w", 40, norm, longArrayOf(0, 1, 3, 4)).path()
            val mean = drawn(.4, start, listOf(0, 1, 3, 4), 20_000)
            for (i in 0..3) for (j in 0..3) withClue("$i, $j") {
                mean[i][j] shouldBe (expected.get(i, j) plusOrMinus .02 * (.05 + abs(expected.get(i, j))))
            }
        }

        "the first snapshot may come late: what was before it has no part" {
            val late = NoiseWalk.of(rates, .4).path("w", 40, 2.0, longArrayOf(2, 4))
            val q = (1 - .4 * .3) * (1 - .4 * .3)
            late.along()[1] shouldBe (2 * (q - 1) plusOrMinus 1e-12)
            late.path().get(1, 1) shouldBe
                (4 * (q - 1) * (q - 1) + 40 * .09 * (1 + (1 - .4 * .3) * (1 - .4 * .3)) plusOrMinus 1e-12)
        }

        "the published null: dimension of the path (section 5.1)" {
            val walk = PublishedBackbone.walk()
            val normalised = Spectrum.of(walk.path(), Centring.ROW_NORMALISED)
            100 * normalised.pc1Share() shouldBe (63.5 plusOrMinus TENTH)
            100 * normalised.varianceShare()[1] shouldBe (12.0 plusOrMinus TENTH)
            normalised.r95() shouldBe 10.0
            normalised.total() shouldBe (50.0 plusOrMinus 1e-9)
            100 * Spectrum.of(walk.path(), Centring.FROM_START).pc1Share() shouldBe (72.5 plusOrMinus TENTH)
            val backbone = Backbone.of(walk.path(), Centring.ROW_NORMALISED)
            -backbone.direction().cosineToInitial(walk) shouldBe (.639 plusOrMinus 5e-4)
            backbone.share()[50] shouldBe (.891 plusOrMinus 5e-4)

            val nearer = PublishedBackbone.walk(kappa = .88)
            val shares = Spectrum.of(nearer.path(), Centring.ROW_NORMALISED)
            100 * shares.pc1Share() shouldBe (65.0 plusOrMinus TENTH)
            100 * Spectrum.of(nearer.path(), Centring.FROM_START).pc1Share() shouldBe (74.6 plusOrMinus TENTH)
            100 * Spectrum.of(PublishedBackbone.walk(decay = 0.0).path(), Centring.FROM_START).pc1Share() shouldBe
                (89.9 plusOrMinus TENTH)
        }

        "the published null: a, r, drift, update cosine and coherence (5.2)" {
            val walk = PublishedBackbone.walk()
            val path = walk.path()
            val backbone = Backbone.of(path, Centring.ROW_NORMALISED)
            val curves = mapOf("a" to backbone.along(), "r" to backbone.across(), "driftNorm" to backbone.drift())
            for ((name, curve) in curves) for ((step, value) in null1[name].properties()) withClue("$name at $step") {
                curve[path.at(step.toLong())] shouldBe (value.asDouble() plusOrMinus TENTH + 1e-9)
            }
            val coherence = Backbone.coherence(path)
            for ((step, value) in null1["coherenceRatio"].properties()) {
                coherence[path.at(step.toLong())] shouldBe (value.asDouble() plusOrMinus .005)
            }
            val updates = (1..50).map { backbone.direction().cosine(it - 1, it) }
            updates.map { abs(it) }.average() shouldBe (.085 plusOrMinus 5e-4)
            updates.take(10).average() shouldBe (.144 plusOrMinus 5e-4)
            path.steps()[1 + updates.indexOfFirst { it < 0 }] shouldBe 5_800L
        }

        "the published null: rotation, phases and handoff (5.3)" {
            val path = PublishedBackbone.walk().path()
            val rotation = Rotation.rolling(path, 1, 10)
            rotation.windows().size shouldBe 41
            rotation.cosines().average() shouldBe (.768 plusOrMinus 5e-4)
            rotation.cosines().min() shouldBe (.735 plusOrMinus 5e-4)
            rotation.cosines().max() shouldBe (.932 plusOrMinus 5e-4)
            val phases = Phases.at(path, 4_000)
            100 * phases.earlyShare() shouldBe (50.4 plusOrMinus TENTH)
            100 * phases.lateShare() shouldBe (82.5 plusOrMinus TENTH)
            phases.cosine() shouldBe (-.341 plusOrMinus 5e-4)
            for (row in null1["handoff"]) {
                val window = rotation.windows().single { it.centre() == row[0].asDouble() }
                withClue("centre ${row[0]}") {
                    abs(phases.early().cosine(window.direction())) shouldBe (row[1].asDouble() plusOrMinus .005 + 1e-9)
                    abs(phases.late().cosine(window.direction())) shouldBe (row[2].asDouble() plusOrMinus .005 + 1e-9)
                }
            }
            val fromStart = Rotation.anchored(path, 0, 1, 10, Centring.FROM_START)
            fromStart.cosines().average() shouldBe (.9964 plusOrMinus 5e-5)
        }

        "the published null: power laws (5.4) and switching directions (5.8)" {
            val path = PublishedBackbone.walk().path()
            val backbone = Backbone.of(path, Centring.ROW_NORMALISED)
            val steps = path.steps().map { it.toDouble() }.toDoubleArray()
            for ((regime, exponents) in null1["powerLaw"].properties()) withClue(regime) {
                val (after, upTo) = regime.split("-").map { it.toDouble() }
                PowerLaw.of(steps, backbone.along(), after, upTo).exponent() shouldBe
                    (exponents[0].asDouble() plusOrMinus .0051)
                PowerLaw.of(steps, backbone.across(), after, upTo).exponent() shouldBe
                    (exponents[1].asDouble() plusOrMinus .0051)
            }
            for ((pair, cosine) in null1["switchCos"].properties()) {
                val (to, from) = pair.split("-").map { path.at(it.toLong()) }
                PathDirection.between(path, from, to).cosine(backbone.direction()) shouldBe
                    (cosine.asDouble() plusOrMinus 6e-4)
            }
        }

        "the published null of 4,000 steps: whole path, and the window from step 600 to 2000 (5.5, 5.6)" {
            val at = longArrayOf(1, 200, 400) + LongArray(29) { 600L + 50 * it } + LongArray(20) { 2_100L + 100 * it }
            val path = PublishedBackbone.walk(at = at, steps = 4_000).path()
            path.snapshots() shouldBe 52
            100 * Spectrum.of(path, Centring.ROW_NORMALISED).pc1Share() shouldBe (57.9 plusOrMinus TENTH)
            100 * Spectrum.of(path, Centring.FROM_START).pc1Share() shouldBe (75.3 plusOrMinus TENTH)
            val early = UpdateAlignment.ofTrunk(path, 200)
            early.map { it.cosine }.map { abs(it) }.average() shouldBe (.193 plusOrMinus 5e-4)
            early.filter { it.step <= 2_000 }.map { it.cosine }.average() shouldBe (.284 plusOrMinus 5e-4)
            val window = path.from(path.at(600), path.at(600) + 1, path.at(2_000) + 1)
            val spectrum = Spectrum.of(window, Centring.ROW_NORMALISED)
            100 * spectrum.pc1Share() shouldBe (57.1 plusOrMinus TENTH)
            spectrum.r95() shouldBe 9.0
            spectrum.r99() shouldBe 20.0
            Backbone.of(window, Centring.ROW_NORMALISED).drift().last() shouldBe (129.2 plusOrMinus TENTH)
            val third = UpdateAlignment.ofWindow(path, 600, 2_000, 200, listOf(1_000L, 2_200L, 3_000L))
            third.map { it.step } shouldBe listOf(1_000.0, 2_200.0, 3_000.0)
            third[0].cosine shouldBe
                (PathDirection.principal(
                        path,
                        path.at(600),
                        path.at(600) + 1,
                        path.at(2_000) + 1,
                        Centring.ROW_NORMALISED,
                    )
                    .cosine(path.at(1_000), path.at(1_200)) plusOrMinus 1e-12)
        }

        "it depends on decay x rate x steps and rate x sqrt(steps) / deviation alone: a fifth of the steps, the same" {
            val at = LongArray(51) { 40L * it }
            val short = NoiseWalk.of(PublishedBackbone.rates(2_000, 300, 2.236e-3), 1.118)
            val path = short.path("mini", 98_304, .02 * sqrt(98_304.0), at).path()
            100 * Spectrum.of(path, Centring.ROW_NORMALISED).pc1Share() shouldBe (63.5 plusOrMinus TENTH)
            100 * Spectrum.of(path, Centring.FROM_START).pc1Share() shouldBe (72.5 plusOrMinus TENTH)
            Phases.at(path, 800).cosine() shouldBe (-.341 plusOrMinus 1.5e-3)
        }

        "the published distances ask for a kappa of .88 to .89" {
            val drift = PublishedBackbone.numbers["series"]["42"]["norm_delta_t"].numbers()
            val steps = PublishedBackbone.checkpoints
            val walk = PublishedBackbone.walk()
            val asLong = SymmetricMatrix.of(51) { i, j -> if (i == j) drift[i] * drift[i] else 0.0 }
            val measured =
                InitialDirection.of(Gram.of("trunk", PublishedBackbone.TRUNK, steps, asLong), walk.norm(), walk.along())
            NoiseWalk.of(PublishedBackbone.rates(10_000), .5).fittedKappa(measured) shouldBe (.888 plusOrMinus 5e-4)
            NoiseWalk.of(PublishedBackbone.rates(10_000), .5).fittedKappa(PublishedBackbone.walk(.7)) shouldBe
                (.7 plusOrMinus 1e-9)
        }

        "decay alone is a straight line along -w_0, of any optimiser" {
            val measured = NoiseWalk.of(rates, .4).path("w", 40, 2.0, longArrayOf(1, 2, 4))
            val decay = NoiseWalk.decayOnly(measured, Shrinkage { from, to -> 1 - .1 * (to - from) })
            decay.along()[2] shouldBe (2 * (.6 / .9 - 1) plusOrMinus 1e-12)
            Spectrum.of(decay.path(), Centring.FROM_START).pc1Share() shouldBe (1.0 plusOrMinus 1e-12)
            Backbone.of(decay.path(), Centring.ROW_NORMALISED).direction().cosineToInitial(decay) shouldBe
                (-1.0 plusOrMinus 1e-9)
            decay.removed().displacements().trace() shouldBe (0.0 plusOrMinus 1e-12)
        }

        "no schedule, one of another length than the run, rates that can't be: errors that say what to do" {
            shouldThrow<UserError> { NoiseWalk.of(doubleArrayOf(), .5) }.message shouldBe
                "noise walk: expected the learning rate of every step, found no schedule; without one it is not known how far noise goes"
            shouldThrow<UserError> { NoiseWalk.of(rates, .5).path("W", 9, 1.0, longArrayOf(0, 3)) }.message shouldBe
                "noise walk of 'W': expected a learning rate for each of the run's 3 steps, found 4; give the schedule that the run was trained by, cut or continued to the step of its last snapshot"
            shouldThrow<UserError> { NoiseWalk.of(rates, 5.0) }.message shouldBe
                "noise walk: expected a rate of at least 0 and rate x decay in [0, 1), found rate 0.2 at step 2 and decay 5.0"
        }
    })
