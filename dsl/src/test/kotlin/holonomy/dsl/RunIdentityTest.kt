package holonomy.dsl

import holonomy.data.UserError
import holonomy.measure.GrokRule
import holonomy.model.ComputeDevice
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.statistic.AccuracyNumbers
import holonomy.store.Store
import holonomy.study.grokking.encoder
import holonomy.study.grokking.finalTrainAccuracy
import holonomy.study.grokking.grokStep
import holonomy.study.grokking.grokked
import holonomy.study.grokking.modulus
import holonomy.study.grokking.pairAccuracy
import holonomy.study.grokking.pairs
import holonomy.study.markers.attentionOnly
import holonomy.study.markers.heldOut
import holonomy.study.markers.mainTask
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

private val learning =
    tinyPairs.copy(learningRate = 3e-2, weightDecay = .1, evaluations = 11, snapshots = 6, seeds = listOf(1, 2))
private val easy = pairs("a", learning.modulus) { a, _ -> a }
private val pairAccuracy = pairAccuracy(learning.evaluations)
private val markers = tiny.copy(task = tiny.task.copy(heldOut = 16), steps = 8, evaluations = 3, seeds = listOf(1, 2))
private val accuracy = accuracy(markers.evaluations, markers.heldOut)

private fun declared(block: ExperimentScope.() -> Unit) =
    Declarations.collecting(Declarations(Invocation())) { experiment("one", "Why?", study = "a study", block = block) }

private fun mistake(block: () -> Unit) = shouldThrow<UserError>(block).message

/** Runs are told apart by their ids: labels, arms and seeds that agree never make two runs one. */
class RunIdentityTest :
    FreeSpec({
        val store = tempdir().toPath()

        fun <T : Any> trained(block: ExperimentScope.() -> T): T {
            lateinit var result: T
            val experiment = declared { result = block() }
            val results =
                Runner(Store.open(store), ComputeDevice.CPU, 1, Progress.NONE).run(experiment.requests) { false }
            experiment.archive.fill(results.associate { it.request().id() to it.run().get() })
            return result
        }

        // Two arms on one task: one learns the label at once, the other's rate is too small to move.
        val fast = learning.encoder.copy(name = "fast")
        val still = learning.copy(learningRate = 1e-9).encoder.copy(name = "still")
        val both by lazy {
            trained { train(listOf(fast, still), on = listOf(easy), seeds = learning.seeds) { measure(pairAccuracy) } }
        }

        "every long table says in `run` which run a row is of" {
            val rows = both.table(pairAccuracy).rows().groupBy { it.text("run") }
            rows.keys shouldBe both.ids.toSet()
            rows.values.map { it.size }.distinct() shouldBe listOf(2 * learning.evaluations)
        }

        "the evaluations of two arms are not interleaved: one that never generalises keeps the condition from holding" {
            both.of(fast).grokStep(pairAccuracy, GrokRule.THREE_AT_98).values.values().all { it.isFinite() } shouldBe
                true
            val condition = grokked(both, pairAccuracy)
            condition.holds() shouldBe false
            condition.found() shouldBe "2 of 4"
            grokked(both.of(fast), pairAccuracy).holds() shouldBe true
        }

        "two runs of one seed become one number only by a named reduction" {
            mistake { both.finalTrainAccuracy(pairAccuracy) } shouldBe
                "accuracy on all training pairs at the end: expected one run per seed, found two of seed 1: " +
                    "'fast, a modulo 7, seed 1' and 'still, a modulo 7, seed 1'; choose one with of(...), or say how " +
                    "they become one number with perSeed(Reduction.MEAN), MEDIAN, LEAST or MOST"
            fun end(runs: Runs) = runs.finalTrainAccuracy(pairAccuracy).values.bySeed()
            val (high, low) = end(both.of(fast)) to end(both.of(still))
            high.forEach { (seed, value) -> value shouldBeGreaterThan low.getValue(seed) }
            end(both.perSeed(Reduction.LEAST)) shouldBe low
            end(both.perSeed(Reduction.MOST)) shouldBe high
            end(both.perSeed(Reduction.MEAN)) shouldBe
                high.mapValues { (seed, value) -> (value + low.getValue(seed)) / 2 }
            both.perSeed(Reduction.LEAST).finalTrainAccuracy(pairAccuracy).values.label() shouldBe
                "accuracy on all training pairs at the end, least over runs"
        }

        "it is known before anything trains" {
            val experiment = declared {
                val runs = train(listOf(fast, still), listOf(easy), learning.seeds) { measure(pairAccuracy) }
                claim("They end alike", source = "ours", published = "nothing") {
                    runs.finalTrainAccuracy(pairAccuracy) isAtLeast .5
                }
            }
            mistake { experiment.archive.rehearse { experiment.claims.single().evaluate() } } shouldContain
                "expected one run per seed, found two of seed 1: "
        }

        "a reduction stays with the runs it was said of" {
            val chosen = both.perSeed(Reduction.LEAST)
            chosen.of(easy).finalTrainAccuracy(pairAccuracy).values.bySeed() shouldBe
                both.of(still).finalTrainAccuracy(pairAccuracy).values.bySeed()
            (both.of(fast) + both.of(still).perSeed(Reduction.LEAST))
                .finalTrainAccuracy(pairAccuracy)
                .values
                .bySeed() shouldBe both.of(still).finalTrainAccuracy(pairAccuracy).values.bySeed()
        }

        "runs of one arm, task and seed that differ in their data alone are two runs to the condition 'trained'" {
            val (own, crossed) =
                trained {
                    val own =
                        train(markers.attentionOnly, listOf(markers.mainTask), markers.seeds) { measure(accuracy) }
                    own to
                        train(markers.attentionOnly, listOf(markers.mainTask), markers.seeds, data = nextSeed) {
                            measure(accuracy)
                        }
                }
            val each = (own + crossed).points.map { point -> (own + crossed).only("run") { it === point } }
            val lowest = each.minOf { AccuracyNumbers.lowestAtTheEnd(it.table(accuracy)) }
            AccuracyNumbers.lowestAtTheEnd((own + crossed).table(accuracy)) shouldBe lowest
        }

        "one label for two different runs is refused, with what tells them apart" {
            mistake {
                declared {
                    train(learning.encoder, listOf(easy), learning.seeds) { measure(pairAccuracy) }
                    train(learning.copy(width = 32).encoder, listOf(easy), learning.seeds) { measure(pairAccuracy) }
                }
            } shouldBe
                "experiment 'one': two different runs are called 'weight decay, a modulo 7, seed 1'; they differ in " +
                    "spec.model.hidden (32 and 64). Give one arm another name, copy(name = ...), or sweep over it"
        }

        "pair tasks that differ have labels that differ" {
            val tasks = listOf(easy, easy.withoutZero(), easy.trainedOn(.6), easy.withoutZero().trainedOn(.6))
            tasks.map { it.label() } shouldBe
                listOf(
                    "a modulo 7",
                    "a modulo 7, without 0",
                    "a modulo 7, share 0.6",
                    "a modulo 7, without 0, share 0.6",
                )
        }

        "overlaps compare one run of each task, seed and data" {
            val message = mistake {
                declared {
                    val longer = markers.copy(steps = 9).attentionOnly.copy(name = "longer")
                    val arms = listOf(markers.attentionOnly, longer)
                    overlaps(train(arms, listOf(markers.mainTask), markers.seeds) { snapshot(attention, 6) }, 6)
                }
            }
            message shouldContain "expected one run for each task, seed and data, found "
        }
    })
