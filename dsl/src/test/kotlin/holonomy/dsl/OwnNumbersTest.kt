package holonomy.dsl

import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.statistic.Reduction
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.PrintWriter
import java.io.StringWriter
import kotlin.math.exp
import kotlin.math.ln

/** Numbers of a user's own, and how two numbers go together over runs. */
class OwnNumbersTest :
    FreeSpec({
        val width = axis("width", 8, 16)
        val small = tiny.copy(steps = 8, batch = 4)
        val accuracy = accuracy(3, 16)
        val spectrum = trajectorySpectrum(snapshots = 5, windows = 3, shuffledWindows = 1)
        val seen = linkedMapOf<String, Measured>()
        val mistakes = linkedMapOf<String, String?>()
        val figures = linkedMapOf<String, holonomy.figure.Figure>()
        var weights = floatArrayOf()
        val said = StringWriter()

        fun ExperimentScope.runs(seeds: IntRange) =
            train(sweep(width), { small.copy(width = it[width]).attentionOnly }, { small.mainTask }, seeds(seeds)) {
                measure(accuracy, spectrum)
            }

        fun declared(block: ExperimentScope.() -> Unit) =
            Declarations.collecting(Declarations(Invocation())) {
                experiment("one", question = "Why?", study = "own numbers", block = block)
            }

        fun Runs.width() = measured("width of the run") { it[width].toDouble() }

        fun rehearsed(number: Runs.() -> Measured, seeds: IntRange = 1..3) =
            shouldThrow<UserError> {
                    declared { runs(seeds).let { runs -> claim("a", "ours", "none") { runs.number() isAtMost 1e9 } } }
                        .rehearse()
                }
                .message

        val code by lazy {
            val experiment = declared {
                val all = runs(1..3)
                val one = all.of(width, 8)
                fun number(name: String, of: () -> Measured) =
                    claim(name, "ours", "none") { of().also { seen[name] = it } isAtMost 1e9 }
                number("own") { one.measured("seed squared") { run -> (run.seed * run.seed).toDouble() } }
                number("reduced") { all.perSeed(Reduction.MEAN).measured("width of the run") { it[width].toDouble() } }
                number("rows") { one.measured("rows", grain = 2.0) { it.table(accuracy).rows().size.toDouble() } }
                number("weights") { all.of(width, 16).weights() }
                number("exponent") {
                    all.exponent({ measured("seed times width") { it.seed * 1.0 * it[width] } }, { weights() })
                }
                number("rate") {
                    all.exponentialRate({ measured("e to the width") { exp(.1 * it.seed * it[width]) } }, { width() })
                }
                number("mediated") {
                    shareMediated(one.measured("effect") { it.seed * 2.0 }, one.measured("left of it") { it.seed * .5 })
                }
                number("correlation") { all.rankCorrelation({ weights() }, { mean(spectrum.r90Interpolated) }) }
                number("called") { one.mean(spectrum.r90Interpolated) called "dimension" }
                claim("against", "ours", "none") {
                    val rho =
                        all.rankCorrelation(
                            { mean(spectrum.r90Interpolated) },
                            { measured("s") { it.seed + .01 * it[width] } },
                        )
                    seen["alone"] = plain(rho.under(settingsAlone))
                    seen["walk"] = plain(rho.under(uncorrelatedWalk))
                    mistakes["infinite"] =
                        shouldThrow<UserError> { one.measured("x") { Double.POSITIVE_INFINITY } }.message
                    one.measured("first") { run ->
                        weights = run.weights(run.blocks.first())
                        mistakes.getOrPut("block") { shouldThrow<UserError> { run.weights("layers.0.W_q") }.message }
                        1.0 * weights.size
                    }
                    figures["against"] =
                        numberAgainst(
                            all,
                            { weights() },
                            { mean(spectrum.r90Interpolated) },
                            width,
                            uncorrelatedWalk,
                            log = true,
                        )
                    figures["every"] =
                        everyRun(all, { mean(spectrum.r90Interpolated) }, { measured("s") { it.seed * 1.0 } }, width)
                    rho isAtMost .9
                }
            }
            val display = SilentDisplay(PrintWriter(said, true), quiet = false)
            val out = tempdir().toPath()
            val options = RunOptions(Invocation(), 2, out.resolve("runs"), out, null, false, display) { it }
            Laboratory().execute(listOf(experiment), options)
        }

        fun values(name: String) = seen.getValue(name).values

        "a number of one's own is one per run, and by a named reduction one per seed" {
            code shouldBe ExitCode.DONE
            values("own").bySeed() shouldBe mapOf(1L to 1.0, 2L to 4.0, 3L to 9.0)
            values("own").label() shouldBe "seed squared"
            values("reduced").bySeed() shouldBe mapOf(1L to 12.0, 2L to 12.0, 3L to 12.0)
            values("reduced").label() shouldBe "width of the run, mean over runs"
            values("rows").let { it.bySeed().getValue(1L) to it.grain() } shouldBe (6.0 to 2.0)
        }

        "a number may be called by a short name, and keeps its nulls" {
            code shouldBe ExitCode.DONE
            values("called").label() shouldBe "dimension"
            seen.getValue("called").under(uncorrelatedWalk).bySeed().keys shouldBe setOf(1L, 2L, 3L)
        }

        "it reads weights by their name" {
            code shouldBe ExitCode.DONE
            weights.size shouldBe 32 * 8
            weights.any { it != 0f } shouldBe true
            mistakes["block"] shouldStartWith
                "run 'attention-only, width 8, seed 1' has no weights 'layers.0.W_q'; expected one of "
            mistakes["block"] shouldContain "Did you mean 'layers.0.W_Q'?"
        }

        "an exponent is each seed's own" {
            code shouldBe ExitCode.DONE
            val sizes = listOf(8, 16).map { small.copy(width = it).attentionOnly.weights(small.mainTask).toDouble() }
            val expected = ln(2.0) / ln(sizes[1] / sizes[0])
            values("weights").bySeed().getValue(2L) shouldBe sizes[1]
            values("exponent").values().forEach { it shouldBe (expected plusOrMinus 1e-12) }
            values("exponent").label() shouldBe "exponent of seed times width on number of weights"
        }

        "a rate is each seed's own, of an exponential law" {
            code shouldBe ExitCode.DONE
            values("rate").bySeed().forEach { (seed, rate) -> rate shouldBe (.1 * seed plusOrMinus 1e-12) }
            values("rate").label() shouldBe "exponential rate of e to the width in width of the run"
        }

        "the share mediated is of the means over seeds" {
            code shouldBe ExitCode.DONE
            values("mediated").estimate().value() shouldBe (.75 plusOrMinus 1e-12)
            values("mediated").label() shouldBe "share mediated, 1 - left of it over effect"
        }

        "a rank correlation goes over runs that share seeds, beside settings alone and beside a walk" {
            code shouldBe ExitCode.DONE
            values("correlation").label() shouldStartWith
                "rank correlation of number of weights and mean r90 interpolated; permutation p "
            values("correlation").scale() shouldBe Scale.CORRELATION
            values("correlation").estimate().n() shouldBe 3
            values("alone").label() shouldBe "rank correlation of mean r90 interpolated and s by settings alone"
            values("walk").label() shouldStartWith
                "rank correlation of mean r90 interpolated of: uncorrelated walk and s; permutation p "
        }

        "figures show every run, and one line per value of an axis beside the null" {
            code shouldBe ExitCode.DONE
            val against = figures.getValue("against")
            against.title shouldBe "Mean r90 interpolated against number of weights"
            against.layers.map { it.role } shouldContainExactly
                listOf("null band", "null", "joined", "spread", "mean", "seeds")
            figures.getValue("every").layers.single().table.size() shouldBe 6
        }

        "mistakes that are known before anything trains" {
            rehearsed({ rankCorrelation({ weights() }, { stepsTo(accuracy) }) }, 1..2) shouldBe
                "rank correlation of number of weights and steps to an accuracy of 0.950 on every m: expected at least 5 " +
                    "runs, found 4: four runs fall into one order by chance once in 24, so a correlation of so few says " +
                    "nothing; add seeds, or values of an axis"
            rehearsed({ of(width, 8).measured("a; b") { 1.0 } }) shouldBe
                "measured: expected a label that says what the number is, without a semicolon, found 'a; b'"
            rehearsed({ of(width, 8).measured("loss") { it.table(trainingCurve(3)).rows().size * 1.0 } }) shouldContain
                "is read, but these runs never measure it"
            rehearsed({ measured("two per seed") { 1.0 } }) shouldStartWith "two per seed: expected one run per seed"
        }

        "a number that is infinite is refused" {
            code shouldBe ExitCode.DONE
            mistakes["infinite"] shouldBe
                "measured: 'x' of run 'attention-only, width 8, seed 1' is Infinity; expected a number, or NaN where it is undefined"
        }
    })
