package holonomy.laboratory

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.Nightly
import holonomy.claim.Claim
import holonomy.data.UserError
import holonomy.dsl.Declarations
import holonomy.dsl.Experiment
import holonomy.dsl.ExperimentScope
import holonomy.dsl.Invocation
import holonomy.dsl.Runs
import holonomy.dsl.accuracy
import holonomy.dsl.experiment
import holonomy.dsl.plain
import holonomy.dsl.tiny
import holonomy.inference.Scale
import holonomy.store.Store
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.mainTask
import holonomy.study.markers.publishedSize
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldNotContain
import java.io.PrintWriter
import java.io.StringWriter
import java.nio.file.Path
import kotlin.io.path.readBytes

private val seen = accuracy(3, 16)
private val small = tiny.copy(steps = 6, batch = 4)
private val first = small.attentionOnly
private val second = first.copy(name = "another", layers = 1)

/** A number that only the seed of a finished run says: what claims do with it is known beforehand. */
private fun Runs.told(scale: Scale = Scale.IDENTITY, number: (Long) -> Double) =
    plain(perSeed("told", scale) { number(it.seed()) })

/** 1 -+ .8 over the first three seeds, 1 from then on: above 0 with six, not with three. */
private fun slowly(seed: Long) = if (seed > 3) 1.0 else .2 + .8 * (seed - 1)

class UntilDecidedTest :
    FreeSpec({
        fun declared(seeds: List<Long>, block: ExperimentScope.(List<Long>) -> Unit): Experiment =
            Declarations.collecting(Declarations(Invocation())) {
                experiment("one", "Why?", study = "until decided") { block(seeds) }
            }

        class Ended(val code: Int, val said: String, val folder: Path) {
            val claims
                get() = ObjectMapper().readTree(folder.resolve("out/quick/one/until-decided.json").toFile())["claims"]

            fun trained() = Store.open(folder.resolve("runs")).list().map { it.summary()["label"].asText() }.sorted()
        }

        fun carryOut(
            folder: Path,
            budget: Double? = null,
            dryRun: Boolean = false,
            untilDecided: Boolean = true,
            clock: () -> Double = { 0.0 },
            block: ExperimentScope.(List<Long>) -> Unit,
        ): Ended {
            val said = StringWriter()
            val display = SilentDisplay(PrintWriter(said, true), quiet = true)
            val options =
                RunOptions(Invocation(), 2, folder.resolve("runs"), folder.resolve("out"), null, dryRun, display) { it }
                    .copy(until = Until(budget, clock) { listOf(declared(it, block)) }.takeIf { untilDecided })
            val code = Laboratory().execute(listOf(declared(listOf(1, 2, 3), block)), options)
            return Ended(code, said.toString(), folder)
        }

        fun ExperimentScope.two(seeds: List<Long>) {
            val one = train(first, listOf(small.mainTask), seeds) { measure(seen) }
            val other = train(second, listOf(small.mainTask), seeds) { measure(seen) }
            claim("slow", "ours", "none") { one.told(number = ::slowly) isAtLeast .001 }
            claim("clear", "ours", "none") { other.told { 5 + it / 100.0 } isAtLeast 1.0 }
            claim("half", "ours", "none") { one.told(Scale.OUTCOME) { 1.0 } isAtLeast .5 }
            claim("elsewhere", "ours", "none") {
                (one.told(number = ::slowly) isAtLeast .001).provided(small.publishedSize)
            }
        }

        val folder = tempdir().toPath()

        "before anything trains" -
            {
                "a plan says which claims no seeds make testable, and which outcomes are too few to decide" {
                    val plan = carryOut(folder, dryRun = true, untilDecided = false) { two(it) }
                    plan.said shouldContain
                        "can't be tested here: 'elsewhere' (one) needs 5 layers, width 128, 16 tokens, 8 classes, found "
                    plan.said shouldContain
                        "can't be decided with 3 seeds, whatever comes out: 'half' (one), a share of runs of >= 0.500; " +
                            "3 of 3 would say 0.439 to 1; from 4 seeds on it can be"
                    plan.said shouldNotContain "open:"
                }
                "and for seeds until decided what the looks can do, and what they cost"
                    .config(tags = setOf(Nightly)) {
                        val plan = carryOut(folder, dryRun = true) { two(it) }
                        plan.said shouldContain "3 of 3 would say 0.325 to 1; from 7 seeds on it can be"
                        plan.said shouldContain "open: 'slow' (one): no spread known yet: it may be decided at 3 seeds"
                        plan.said shouldContain
                            "open: 'half' (one): no spread known yet, not before 10 seeds: 10 runs, about "
                        plan.trained() shouldBe listOf()
                    }
                "a budget that is too small" {
                    val error = shouldThrow<UserError> { carryOut(folder, budget = 1e-9) { two(it) } }
                    error.message!! shouldMatch
                        Regex(
                            "--budget 0s: the 6 runs of the first look that are not in the store take about .*; give more, or train them with `holonomy run`"
                        )
                }
                "no claim that can hold at this profile" {
                    shouldThrow<UserError> {
                            carryOut(folder) { seeds ->
                                val runs = train(first, listOf(small.mainTask), seeds) { measure(seen) }
                                claim("elsewhere", "ours", "none") {
                                    (runs.told { 1.0 } isAtLeast .001).provided(
                                        Claim.Condition.beforehand("x", false, "y")
                                    )
                                }
                            }
                        }
                        .message shouldBe
                        "--until-decided: no claim can be tested at the quick profile, however many seeds: 'elsewhere' needs x, found y; choose another --profile"
                }
                "no claim at all" {
                    shouldThrow<UserError> {
                            carryOut(folder) { seeds -> train(first, listOf(small.mainTask), seeds) { measure(seen) } }
                        }
                        .message shouldBe "--until-decided: expected a claim to decide, found none; leave it out"
                }
            }

        "seeds are added to the runs of open claims only, look after look" {
            val ended = carryOut(folder) { two(it) }
            ended.code shouldBe ExitCode.DONE
            val labels = ended.trained().groupingBy { it.substringBefore(",") }.eachCount()
            labels shouldBe mapOf("another" to 3, "attention-only" to 10)
            ended.claims.map { it["claim"].asText() to (it["verdict"].asText() to it["look"].asInt()) } shouldBe
                listOf(
                    "slow" to ("replicated" to 2),
                    "clear" to ("replicated" to 1),
                    "half" to ("replicated" to 3),
                    "elsewhere" to ("null" to 1),
                )
            ended.claims[0]["level"].asDouble() shouldBe .9875
            ended.claims[0]["seeds"].map { it.asLong() } shouldBe (1L..6L).toList()
            ended.said shouldContain "2 open claims: 3 runs with more seeds, for the next look"
            ended.said shouldContain "replicated: the interval lies in >= 0.00100 (look 2 of 4, intervals of 0.988)"
            val before = folder.resolve("out/quick/one/until-decided.json").readBytes()
            val again = carryOut(folder) { two(it) }
            again.trained() shouldBe ended.trained()
            folder.resolve("out/quick/one/until-decided.json").readBytes() shouldBe before
        }

        "a budget that is spent leaves claims open, and loses nothing: the same command goes on"
            .config(tags = setOf(Nightly)) {
                val there = tempdir().toPath()
                // over as soon as the declared seeds are there
                val clock = { if (Store.open(there.resolve("runs")).list().size < 6) 0.0 else 1e6 }
                val ended = carryOut(there, budget = 1e6, clock = clock) { two(it) }
                ended.code shouldBe ExitCode.DONE
                ended.trained().size shouldBe 6
                ended.said shouldContain "2 claims left open by --budget; go on with: the same script"
                ended.claims.map { it["open"].asBoolean() } shouldBe listOf(true, false, true, false)
                carryOut(there, budget = 1e6) { two(it) }.trained().size shouldBe 13
                // the time is over while the first look trains
                var asked = 0
                val none = tempdir().toPath()
                val stopped = carryOut(none, budget = 1e6, clock = { if (asked++ > 1) 2e6 else 0.0 }) { two(it) }
                stopped.code shouldBe ExitCode.DONE
                stopped.said shouldContain "--budget is spent before the first look; go on with: the same script"
            }

        "with values there, a plan says how many seeds an open claim likely needs"
            .config(tags = setOf(Nightly)) {
                val there = tempdir().toPath()
                carryOut(there, untilDecided = false) { two(it) }
                val plan = carryOut(there, dryRun = true) { two(it) }
                plan.said shouldContain "1 of 4 claims decided at the first look"
                plan.said shouldContain "open: 'slow' (one): likely 10 seeds: 7 runs, about "
                plan.said shouldNotContain "open: 'clear'"
                val error = shouldThrow<UserError> { carryOut(there, budget = 1e-9) { two(it) } }
                error.message!! shouldMatch
                    Regex("--budget 0s: too small for one run more, which takes about .*; give more")
            }

        "a claim whose block reads more runs once it has values waits for all of them"
            .config(tags = setOf(Nightly)) {
                val other = tempdir().toPath()
                val ended =
                    carryOut(other) { seeds ->
                        val one = train(first, listOf(small.mainTask), seeds) { measure(seen) }
                        val two = train(second, listOf(small.mainTask), seeds) { measure(seen) }
                        claim("late", "ours", "none") {
                            val number = one.told(number = ::slowly)
                            (if (number.values.values().isEmpty()) number else number - two.told { 0.0 }) isAtLeast .001
                        }
                    }
                ended.claims.single()["verdict"].asText() shouldBe "replicated"
                ended.claims.single()["look"].asInt() shouldBe 2
                ended.trained().groupingBy { it.substringBefore(",") }.eachCount() shouldBe
                    mapOf("another" to 6, "attention-only" to 6)
            }

        "what a look without data leaves in a script's variables doesn't reach the judge" {
            val other = tempdir().toPath()
            val ended =
                carryOut(other) { seeds ->
                    val one = train(first, listOf(small.mainTask), seeds) { measure(seen) }
                    train(second, listOf(small.mainTask), seeds) { measure(seen) }
                    val kept by lazy { one.told(number = ::slowly) }
                    claim("kept", "ours", "none") { kept isAtLeast .001 }
                }
            ended.claims.single()["verdict"].asText() shouldBe "replicated"
            ended.claims.single()["look"].asInt() shouldBe 2
            ended.trained().groupingBy { it.substringBefore(",") }.eachCount() shouldBe
                mapOf("another" to 3, "attention-only" to 6)
        }

        "runs that have seeds of their own stay as they are" {
            val other = tempdir().toPath()
            val ended =
                carryOut(other) {
                    val one = train(first, listOf(small.mainTask), listOf(7, 8, 9)) { measure(seen) }
                    claim("fixed", "ours", "none") { one.told { it - 7.0 } isAtLeast .001 }
                }
            ended.trained().size shouldBe 3
            ended.claims.single()["reason"].asText() shouldBe "its runs have seeds of their own, which are not added to"
        }
    })
