package holonomy.probe

import holonomy.data.UserError
import holonomy.model.Answers
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Network
import holonomy.model.Patch
import holonomy.model.Site
import holonomy.model.Weights
import holonomy.probe.Ablation.Form
import holonomy.task.MarkedTask
import holonomy.task.Marks
import holonomy.task.Operation
import holonomy.task.Stream
import holonomy.train.AdamW
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.util.function.LongConsumer
import kotlin.math.abs

private val SILENT = LongConsumer {}

class AblationTest :
    FreeSpec({
        val task = MarkedTask(Operation.sum(4), 12, 32, 16, 4, listOf(1, 2), MarkedTask.Placement.PER_SEQUENCE)
        val model = Architecture(32, 12, 4, 3, 2, 16, 0)
        val theta = Weights.initial(model, 7).values()
        val batch = task.batch(Stream.of(1, "test"), 0, 200)

        fun <R> network(block: (Network) -> R): R = model.open(ComputeDevice.CPU).use(block)

        fun probe(network: Network, layer: Int, places: Places): FittedProbe =
            Recording.of(network, theta, task, Stream.of(1, "rows"), Site.residual(layer), places, 2_000).use {
                val recipe = ProbeTraining(Sparsity.TopK(4), 24, AdamW.of(3e-3), 200, 64)
                ProbeFit.fit(it.activations(), recipe, 1, SILENT)
            }

        "ablating nothing, error added back, leaves the logits exactly as they are" {
            network { network ->
                for (layer in -1..2) for (places in Places.entries) {
                    val fitted = probe(network, layer, places)
                    val means = Latents.of(fitted.latents()).mean()
                    val ablation = Ablation(network, theta, fitted.probe(), means, Site.residual(layer), places, batch)
                    ablation.of(intArrayOf(), Form.KEEP_ERROR) shouldBe ablation.none()
                    ablation.none().changed() shouldBe 0.0
                }
            }
        }

        "at the published place (last layer, value tokens) only sequences that end in a value can change" {
            network { network ->
                val site = Site.residual(2)
                val fitted = probe(network, 2, Places.VALUES)
                val plain = network.trace(theta, batch, setOf(site), listOf())
                val values = plain.at(site).clone()
                val width = model.width()
                for (b in 0 until batch.size()) for (t in Places.VALUES.of(batch, b)) {
                    for (i in 0 until width) values[(b * 12 + t) * width + i] = 0f // the strongest edit there is
                }
                val edited = network.trace(theta, batch, setOf(), listOf(Patch.Replace(site, values)))
                var endInValue = 0
                for (b in 0 until batch.size()) {
                    val before = plain.logits().slice(b * 4 until b * 4 + 4)
                    val after = edited.logits().slice(b * 4 until b * 4 + 4)
                    if (Marks.of(batch).positions()[b].contains(10)) {
                        endInValue++
                        after shouldNotBe before
                    } else {
                        after shouldBe before
                    }
                }
                val means = Latents.of(fitted.latents()).mean()
                val ablation = Ablation(network, theta, fitted.probe(), means, site, Places.VALUES, batch)
                ablation.able() shouldBe endInValue / 200.0
                val all = ablation.of(IntArray(24) { it }, Form.KEEP_ERROR)
                all.changed() shouldBe ablation.able()
                // The same edit one layer earlier reaches every sequence.
                val earlier = probe(network, 1, Places.VALUES)
                val acting = Ablation(network, theta, earlier.probe(), means, Site.residual(1), Places.VALUES, batch)
                acting.able() shouldBe 1.0
                acting.of(IntArray(24) { it }, Form.KEEP_ERROR).changed() shouldBe 1.0
            }
        }

        "the three forms are what their formulas say" {
            network { network ->
                val fitted = probe(network, 0, Places.VALUES)
                val means = Latents.of(fitted.latents()).mean()
                val ablation = Ablation(network, theta, fitted.probe(), means, Site.residual(0), Places.VALUES, batch)
                val all = IntArray(24) { it }
                val kept = ablation.of(all, Form.KEEP_ERROR)
                ablation.of(all, Form.MEAN) shouldNotBe kept
                ablation.of(all, Form.DROP_ERROR) shouldNotBe kept
                // Without the error, dropping all latents leaves the output bias: the same vector at every value token.
                val site = Site.residual(0)
                val values = network.trace(theta, batch, setOf(site), listOf()).at(site).clone()
                val bias = fitted.probe().outputBias()
                for (b in 0 until batch.size()) for (t in Places.VALUES.of(batch, b)) {
                    for (i in bias.indices) values[(b * 12 + t) * 16 + i] = bias[i] / fitted.probe().scale()
                }
                val byHand = network.trace(theta, batch, setOf(), listOf(Patch.Replace(site, values)))
                ablation.of(all, Form.DROP_ERROR).loss() shouldBe
                    Answers.of(byHand.logits(), batch.targets()).crossEntropy()
            }
        }

        "a computation planted in one direction drops to chance when the latents there are ablated" {
            val planted = PlantedNetwork()
            planted.model.open(ComputeDevice.CPU).use { network ->
                val site = Site.residual(0)
                val fitted =
                    Recording.of(network, planted.theta, planted.task, Stream.of(2, "rows"), site, Places.VALUES, 8_000)
                        .use {
                            val recipe = ProbeTraining(Sparsity.TopK(2), 12, AdamW.of(3e-3), 1_500, 128)
                            ProbeFit.fit(it.activations(), recipe, 1, SILENT)
                        }
                val test = planted.task.batch(Stream.of(3, "test"), 0, 2_000)
                val latents = Latents.of(fitted.latents())
                val ablation =
                    Ablation(network, planted.theta, fitted.probe(), latents.mean(), site, Places.VALUES, test)
                val there = (0 until 12).filter { abs(planted.cosine(fitted.probe(), it)) > .5 }
                there.shouldNotBeEmpty()
                val elsewhere =
                    LatentSets(latents, planted.noAttribution)
                        .randomLike(there.toIntArray(), Stream.of(4, "random").at(0))
                elsewhere.size shouldBe there.size
                ablation.none().accuracy() shouldBeGreaterThan .97
                ablation.of(there.toIntArray(), Form.KEEP_ERROR).accuracy() shouldBe (.5 plusOrMinus .05)
                ablation.of(elsewhere, Form.KEEP_ERROR).accuracy() shouldBeGreaterThan .97
            }
        }

        "random latents lie outside the set and fire about as often; too few alive give none" {
            val firing = DoubleArray(40) { if (it < 30) (it + 1) / 30.0 else 0.0 }
            val latents = Latents(firing, DoubleArray(40), DoubleArray(40) { it.toDouble() })
            val sets = LatentSets(latents, PlantedNetwork().noAttribution)
            sets.mostVariable(3) shouldBe intArrayOf(39, 38, 37)
            val set = intArrayOf(10, 20)
            repeat(20) { draw ->
                val random = sets.randomLike(set, Stream.of(1, "r").at(draw.toLong()))
                random.toSet().size shouldBe 2
                random.none { it in set || firing[it] == 0.0 } shouldBe true
                (sets.meanFiring(random) - sets.meanFiring(set)) shouldBe (0.0 plusOrMinus .15)
            }
            sets.randomLike(IntArray(20) { it }, Stream.of(1, "r").at(0)).size shouldBe 0
        }

        "errors" -
            {
                "a site that doesn't exist" {
                    network { network ->
                        shouldThrow<UserError> {
                                Recording.of(
                                    network,
                                    theta,
                                    task,
                                    Stream.of(1, "rows"),
                                    Site.residual(3),
                                    Places.ALL,
                                    10,
                                )
                            }
                            .message shouldBe "site: the model has no residual at layer 3; expected -1..2"
                    }
                }
            }
    })
