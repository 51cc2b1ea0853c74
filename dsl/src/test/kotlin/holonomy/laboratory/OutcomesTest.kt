package holonomy.laboratory

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.dsl.Declarations
import holonomy.dsl.Experiment
import holonomy.dsl.ExperimentScope
import holonomy.dsl.Invocation
import holonomy.dsl.MeasureHandle
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.accuracyOverSteps
import holonomy.dsl.curvature
import holonomy.dsl.deviationOverSeeds
import holonomy.dsl.experiment
import holonomy.dsl.finalAccuracy
import holonomy.dsl.intervene
import holonomy.dsl.mean
import holonomy.dsl.suppressStepOutside
import holonomy.dsl.tiny
import holonomy.dsl.topOfHessian
import holonomy.dsl.trajectorySpectrum
import holonomy.measure.Cadence
import holonomy.measure.Measure
import holonomy.measure.Moment
import holonomy.measure.TrainingCurve
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import holonomy.study.markers.markedSum
import holonomy.train.Sgd
import holonomy.train.Training
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.PrintWriter
import java.io.StringWriter
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.io.path.exists

/** A measure that a run of seed 2 does not survive. */
private class Failing(private val base: Measure = TrainingCurve(Cadence.times(2))) : Measure by base {
    override fun name() = "failing"

    override fun measure(moment: Moment, rows: Table.Builder) {
        check(moment.run().initSeed() != 2L) { "seed 2 is not liked" }
    }
}

class OutcomesTest :
    FreeSpec({
        val seen = accuracy(3, 16)
        val small = tiny.copy(steps = 6, batch = 4)
        val folder = tempdir().toPath()

        fun declared(block: ExperimentScope.() -> Unit): Experiment =
            Declarations.collecting(Declarations(Invocation())) {
                experiment("one", "Why?", study = "a study", block = block)
            }

        class Ended(val code: Int, val said: String, val claims: JsonNode)

        fun carryOut(experiment: Experiment, dryRun: Boolean = false): Ended {
            val said = StringWriter()
            val display = SilentDisplay(PrintWriter(said, true), quiet = true)
            val options =
                RunOptions(Invocation(), 2, folder.resolve("runs"), folder.resolve("out"), null, dryRun, display) { it }
            val code = Laboratory().execute(listOf(experiment), options)
            val claims = folder.resolve("out/quick/one/claims.json").toFile()
            return Ended(code, said.toString(), ObjectMapper().readTree(claims)["claims"])
        }

        fun ExperimentScope.runs(seeds: List<Long> = listOf(1, 2)): Runs =
            train(small.attentionOnly, listOf(small.mainTask), seeds) { measure(seen) }

        "an Error in a figure or a claim loses nothing of the others" {
            fun deep(n: Int): Int = deep(n + 1) + 1
            val ended =
                carryOut(
                    declared {
                        val runs = runs()
                        figure("undone") { TODO() }
                        figure("drawn") { accuracyOverSteps(runs, seen) }
                        figure("unlinked") { throw NoClassDefFoundError("gone") }
                        claim("too deep", "ours", "none") { runs.finalAccuracy(seen) isAtLeast deep(0).toDouble() }
                        claim("judged", "ours", "none") { runs.finalAccuracy(seen) isAtLeast -99.0 }
                    }
                )
            ended.code shouldBe ExitCode.RUN_FAILED
            ended.said shouldContain
                "one: figure 'undone': kotlin.NotImplementedError: An operation is not implemented."
            ended.said shouldContain "one: figure 'unlinked': java.lang.NoClassDefFoundError: gone"
            ended.said shouldContain "  ERR  too deep\n       verdict   failed: java.lang.StackOverflowError\n"
            ended.said shouldContain "  1 replicated; 1 failed"
            folder.resolve("out/quick/one/drawn.svg").exists() shouldBe true
            ended.claims.map { it["claim"].textValue() to it["verdict"].textValue() } shouldBe
                listOf("judged" to "replicated", "too deep" to "failed")
            ended.claims[1]["reason"].textValue() shouldBe "java.lang.StackOverflowError"
        }

        "a claim over runs of which one diverged is not replicated on the others alone" {
            val recipe = Training(Sgd.of(1e30), small.steps, small.batch)
            val wild = small.attentionOnly.trainedBy(recipe, name = "wild")
            val ended =
                carryOut(
                    declared {
                        val good = runs()
                        val all = good + train(wild, listOf(small.mainTask), listOf(3)) { measure(seen) }
                        claim("all", "ours", "none") { all.finalAccuracy(seen) isAtLeast -99.0 }
                        claim("the good ones", "ours", "none") { good.finalAccuracy(seen) isAtLeast -99.0 }
                    }
                )
            ended.code shouldBe ExitCode.RUN_FAILED
            val reason = ended.claims[0]["reason"].textValue()
            reason shouldContain
                "needs: every run that the claim speaks of complete; found 1 of 3 runs not: wild, sum modulo 4, m 1..2, seed 3 ["
            reason shouldContain "] diverged: the loss stopped being finite after step "
            ended.claims.map { it["verdict"].textValue() } shouldBe listOf("inconclusive", "replicated")
            ended.said shouldContain "       verdict   inconclusive: $reason\n"
            ended.said shouldContain "A run that diverged does so again; change its recipe"
            ended.said shouldNotContain "again with"
        }

        "a claim over runs of which one failed neither, and the failed one may be tried again" {
            val ended =
                carryOut(
                    declared {
                        val runs =
                            train(small.attentionOnly, listOf(small.mainTask), listOf(1, 2, 4)) {
                                measure(seen, MeasureHandle(Failing()))
                            }
                        claim("all", "ours", "none") { runs.finalAccuracy(seen) isAtLeast -99.0 }
                    }
                )
            ended.code shouldBe ExitCode.RUN_FAILED
            ended.claims[0]["verdict"].textValue() shouldBe "inconclusive"
            ended.claims[0]["reason"].textValue() shouldContain
                "found 1 of 3 runs not: attention-only, sum modulo 4, m 1..2, seed 2 ["
            ended.claims[0]["reason"].textValue() shouldContain "] failed: IllegalStateException: seed 2 is not liked"
            ended.said shouldContain "try the failed ones again with: "
        }

        "where no run is complete, every claim is marked failed" {
            val ended =
                carryOut(
                    declared {
                        val runs =
                            train(small.attentionOnly, listOf(small.markedSum(1..1)), listOf(2)) {
                                measure(seen, MeasureHandle(Failing()))
                            }
                        claim("none", "ours", "none") { runs.finalAccuracy(seen) isAtLeast -99.0 }
                    }
                )
            ended.code shouldBe ExitCode.RUN_FAILED
            ended.claims.single()["verdict"].textValue() shouldBe "failed"
            ended.claims.single()["reason"].textValue() shouldBe "no run is complete, nothing can be drawn or judged"
        }

        "sizes that this machine can't hold are said before anything trains" {
            val large = small.copy(batch = 100_000_000)
            shouldThrow<UserError> {
                    carryOut(
                        declared { train(large.attentionOnly, listOf(large.mainTask), listOf(1)) { measure(seen) } }
                    )
                }
                .message!! shouldMatch
                Regex(
                    "run 'attention-only, sum modulo 4, m 1\\.\\.2, seed 1': its training takes at least 466 GB of memory, " +
                        "this machine has [0-9.]+ .B; use a smaller batch or model"
                )
        }

        "vectors of curvature that this machine can't hold are said by a dry run" {
            val vectors = 2_000_000_000
            fun said(declare: ExperimentScope.() -> Unit) =
                shouldThrow<UserError> { carryOut(declared(declare), dryRun = true) }.message
            said {
                train(small.attentionOnly, listOf(small.mainTask), listOf(1)) {
                    measure(curvature(2, eigenvalues = 1, products = vectors))
                }
            } shouldStartWith "curvature: "
            val sharpest = topOfHessian(2, every = 1, products = vectors)
            said {
                val apart = listOf(suppressStepOutside(sharpest, 1.0, from = 0))
                intervene(runs(), apart) { measure(seen) }
            } shouldStartWith "top of the Hessian: "
        }

        "one seed is inconclusive and no failure" {
            val spectrum = trajectorySpectrum(snapshots = 6, windows = 3, shuffledWindows = 1)
            val ended =
                carryOut(
                    declared {
                        val runs =
                            train(small.attentionOnly, listOf(small.mainTask), listOf(1)) { measure(seen, spectrum) }
                        claim("rank", "ours", "none") { runs.mean(spectrum.r90Interpolated) isAtLeast -99.0 }
                        claim("over seeds", "ours", "none") { runs.deviationOverSeeds(spectrum.r90) isAtMost .1 }
                    }
                )
            ended.code shouldBe ExitCode.DONE
            ended.claims.map { it["verdict"].textValue() to it["reason"].textValue() } shouldBe
                List(2) { "inconclusive" to "1 seed: no interval over seeds" }
            ended.claims.all { it["low"].isNull && it["high"].isNull } shouldBe true
            ended.said shouldContain " [\u2014], 1 seed: mean "
            ended.said shouldContain "measured  undefined, 1 seed: deviation"
            ended.said shouldNotContain "inf"
        }

        "a control character in a figure's title leaves the picture well-formed" {
            carryOut(
                    declared {
                        val runs = runs()
                        figure("bell") { accuracyOverSteps(runs, seen).with(title = "ding\u0007 dong") }
                    }
                )
                .code shouldBe ExitCode.DONE
            val svg = folder.resolve("out/quick/one/bell.svg").toFile()
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg).documentElement.tagName shouldBe "svg"
            svg.readText() shouldContain "ding\uFFFD dong"
        }
    })
