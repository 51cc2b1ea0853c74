package holonomy.train

import holonomy.measure.GrokRule
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.task.Operation
import holonomy.task.PairTask
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.shouldBe
import java.util.OptionalLong

private val LONG = System.getenv("HOLONOMY_LONG_TESTS") != null

/** arXiv 2602.16746: the model groks. Minutes per seed, so only with HOLONOMY_LONG_TESTS set. */
class GrokkingTest :
    FreeSpec({
        "three rules, three steps; a run that never generalises has none" {
            val steps = longArrayOf(100, 200, 300, 400, 500, 600)
            val accuracy = doubleArrayOf(.1, .91, .98, .97, .98, .99)
            GrokRule.FIRST_AT_90.step(steps, accuracy) shouldBe OptionalLong.of(200)
            GrokRule.FIRST_AT_98.step(steps, accuracy) shouldBe OptionalLong.of(300)
            GrokRule.THREE_AT_98.step(steps, accuracy) shouldBe OptionalLong.empty()
            GrokRule.THREE_AT_98.step(steps + 700L, accuracy + 1.0) shouldBe OptionalLong.of(700)
        }

        listOf(42L, 137L, 2024L).forEach { seed ->
            "add at p = 97 groks between 2,300 and 4,200 steps, seed $seed"
                .config(enabled = LONG) {
                    val task = PairTask.of(Operation.sum(97)).forSeed(seed)
                    val model = Architecture(97, 2, 97, 2, 4, 128, 256, Design.ENCODER)
                    val adam = AdamW(1e-3, .9, .98, 1e-8, 1.0, Optimizer.Decay.DECOUPLED)
                    val spec = RunSpec(task, model, Training(adam, Schedule.constant(), 4_300, 512, 1.0), seed)
                    val steps = mutableListOf<Long>()
                    val accuracies = mutableListOf<Double>()
                    val test = task.all(PairTask.Part.TEST)
                    model.open(ComputeDevice.CPU).use { network ->
                        val observer = Observer { state, _ ->
                            if (state.step() % 100 == 0L) {
                                val logits = network.logits(state.theta(), test)
                                steps += state.step()
                                accuracies +=
                                    test.targets().indices.count { i ->
                                        val best = (0 until 97).maxBy { logits[97 * i + it] }
                                        best == test.targets()[i]
                                    } / test.size().toDouble()
                            }
                        }
                        val begun = System.nanoTime()
                        Trainer(spec, network).train(TrainingState.initial(spec), listOf(observer)) {
                            GrokRule.THREE_AT_98.step(steps.toLongArray(), accuracies.toDoubleArray()).isPresent
                        }
                        val rate = steps.last() / ((System.nanoTime() - begun) / 1e9)
                        val found = GrokRule.THREE_AT_98.step(steps.toLongArray(), accuracies.toDoubleArray())
                        println("seed $seed: $found, $rate steps/s; last accuracy ${accuracies.last()}")
                        withClue("$accuracies") { found.orElse(-1) shouldBeInRange 2_300L..4_200L }
                    }
                }
        }
    })
