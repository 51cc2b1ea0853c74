package holonomy.dsl

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.claim.Sampling
import holonomy.inference.Scale
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Laboratory
import holonomy.laboratory.RunOptions
import holonomy.laboratory.SilentDisplay
import holonomy.study.grokking.pairs
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.PrintWriter
import java.io.StringWriter

/** Which numbers of runs are independent, and what their intervals are made of. */
class SharedSeedsTest :
    FreeSpec({
        val seeds = listOf(1L, 2L, 3L)
        val small = tiny.copy(steps = 8, batch = 4)
        val numbers = linkedMapOf<String, Measured>()
        val said = StringWriter()
        val out = tempdir().toPath()

        fun told(runs: Runs) = plain(runs.perSeed("told", Scale.IDENTITY) { it.seed().toDouble() })

        val code by lazy {
            val experiment =
                Declarations.collecting(Declarations(Invocation())) {
                    experiment("one", question = "Why?", study = "shared seeds") {
                        val pairs = commutators(4, 4, pairs = 3, variantPairs = 1, directions = 1)
                        val spectrum = trajectorySpectrum(snapshots = 4, windows = 2, shuffledWindows = 1)
                        val own = train(small.attentionOnly, listOf(small.mainTask), seeds) { measure(pairs, spectrum) }
                        val crossed = train(small.attentionOnly, listOf(small.mainTask), seeds, data = nextSeed) {}
                        fun held(whose: PathOf, name: String) =
                            intervene(own, listOf(suppressOutside(own.pathDirections(4, 1, whose = whose), 1.0, 2))) {}
                                .also { runs -> claim(name, "ours", "none") { kept(numbers, name, told(runs)) } }
                        held(PathOf.SAME_SEED, "same")
                        held(PathOf.NEXT_SEED, "next")
                        val others = otherSeeds(own, pairs)
                        val between = seedOverlaps(own, spectrum, k = 1)
                        claim("own", "ours", "none") { kept(numbers, "own", told(own)) }
                        claim("crossed", "ours", "none") { kept(numbers, "crossed", told(crossed)) }
                        claim("others", "ours", "none") { kept(numbers, "others", others.otherShare()) }
                        claim("less", "ours", "none") { kept(numbers, "less", others.ownShare() - others.otherShare()) }
                        claim("overlap", "ours", "none") { kept(numbers, "overlap", between.overChance()) }
                        claim("stable", "ours", "none") {
                            kept(numbers, "stable", own.deviationOverSeeds(spectrum.r90Interpolated))
                        }
                        claim("grows", "ours", "none") {
                            kept(numbers, "grows", own.defect(pairs) over own.defect(pairs, over = firstFifth))
                        }
                    }
                }
            val display = SilentDisplay(PrintWriter(said, true), quiet = true)
            val options = RunOptions(Invocation(), 2, out.resolve("runs"), out, null, false, display) { it }
            Laboratory().execute(listOf(experiment), options)
        }

        fun sampling(name: String) = numbers.getValue(name).values.sampling()

        "a seed's own run is independent; crossed runs and runs in another seed's path are not" {
            code shouldBe ExitCode.DONE
            sampling("own") shouldBe Sampling.INDEPENDENT
            sampling("same") shouldBe Sampling.INDEPENDENT
            for (name in listOf("crossed", "next")) {
                // Without seed 1 the value of seed 2 (with 3) is left, as seed 3 has a part of 1.
                sampling(name) shouldBe Sampling.Shared(2.0, sortedMapOf(1L to 2.0, 2L to 3.0, 3L to 1.0))
            }
        }

        "numbers of pairs of seeds know that they share them, and so do their differences" {
            for (name in listOf("others", "less", "overlap")) {
                (sampling(name) as Sampling.Shared).without().keys shouldBe seeds.toSet()
            }
            val estimate = numbers.getValue("less").values.estimate()
            estimate.method() shouldContain "jackknife over seeds"
            numbers.getValue("others").values.seeds() shouldBe seeds
        }

        "how far seeds differ is one number with chi-square limits" {
            val estimate = numbers.getValue("stable").values.estimate()
            estimate.method() shouldContain "coefficient of variation"
            (estimate.low() < estimate.value() && estimate.value() < estimate.high()) shouldBe true
        }

        "a defect's spread is shown between seeds and within a run" {
            code shouldBe ExitCode.DONE
            val claims = ObjectMapper().readTree(out.resolve("quick/one/claims.json").toFile())["claims"]
            val spread = claims.single { it["claim"].asText() == "grows" }["spread"]
            spread["of"].asText() shouldBe "the logarithm"
            spread["repeats"].asDouble() shouldBe 3.0
            spread["between_seeds"].size() shouldBe 3
            (spread["within_a_run"][0].asDouble() > 0) shouldBe true
            claims.count { it.has("spread") } shouldBe 1
            said.toString() shouldContain "spread    standard deviations of the logarithm: between seeds "
        }
    })

private fun kept(numbers: MutableMap<String, Measured>, name: String, number: Measured): Statement {
    numbers[name] = number
    return number isAtMost 1e9
}
