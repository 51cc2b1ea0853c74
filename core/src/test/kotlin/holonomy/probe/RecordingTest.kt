package holonomy.probe

import holonomy.data.UserError
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Design
import holonomy.model.Site
import holonomy.model.Weights
import holonomy.task.EvaluationSet
import holonomy.task.MarkedTask
import holonomy.task.Marks
import holonomy.task.Operation
import holonomy.task.PairTask
import holonomy.task.Stream
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe

class RecordingTest :
    FreeSpec({
        val task = MarkedTask(Operation.sum(4), 12, 32, 16, 4, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
        val model = Architecture(32, 12, 4, 2, 2, 16, 0)
        val theta = Weights.initial(model, 7).values()
        val stream = Stream.of(1, "rows")

        fun record(places: Places, count: Int) =
            model.open(ComputeDevice.CPU).use { Recording.of(it, theta, task, stream, Site.residual(0), places, count) }

        "rows are those of a forward pass, with what they belong to" {
            val batch = EvaluationSet.drawn(task).first().task().batch(stream, 0, 128)
            val direct =
                model.open(ComputeDevice.CPU).use {
                    it.trace(theta, batch, setOf(Site.residual(0)), listOf()).at(Site.residual(0))
                }
            record(Places.VALUES, 128).use { recording ->
                val rows = recording.activations().rows(0, 128)
                for (b in 0 until 128) {
                    val t = Marks.of(batch).positions()[b][0] + 1
                    rows.slice(b * 16 until b * 16 + 16) shouldBe
                        direct.slice((b * 12 + t) * 16 until (b * 12 + t) * 16 + 16)
                    recording.labels().position()[b] shouldBe t
                    recording.labels().value()[b] shouldBe batch.tokens()[b * 12 + t]
                    recording.labels().label()[b] shouldBe batch.targets()[b]
                    recording.labels().markers()[b] shouldBe 1
                    recording.labels().index()[b] shouldBe 0
                    recording.labels().sequence()[b] shouldBe b
                }
            }
        }

        "every m in turn, and a longer recording begins with a shorter one" {
            record(Places.LAST, 512).use { long ->
                record(Places.LAST, 100).use { short ->
                    long.activations().rows(0, 100) shouldBe short.activations().rows(0, 100)
                }
                long.labels().markers().average() shouldBe 1.5
                long.labels().position().distinct() shouldBe listOf(11)
            }
            record(Places.ALL, 1_000).use { it.labels().position().take(13) shouldBe (0..11).toList() + 0 }
            record(Places.MARKERS, 300).use { it.labels().index().max() shouldBe 1 }
        }

        "one row per sequence" {
            record(Places.VALUES, 1_000).use { recording ->
                val chosen = Attribution.onePerSequence(recording.labels(), 300, Stream.of(1, "choice").at(0))
                chosen.size shouldBe 300
                recording.labels().at(chosen).sequence().toList() shouldBe (0 until 300).toList()
            }
        }

        "a planted correlation is found, and chance passes the corrected level in at most its share" {
            val n = 400
            val random = Stream.of(5, "labels").at(0)
            var families = 0
            repeat(60) { repeat ->
                val markers = IntArray(n) { 1 + random.nextInt(3) }
                val label = IntArray(n) { random.nextInt(4) }
                val codes = Codes(n, 4)
                for (row in 0 until n) {
                    // Latent 0 speaks of m, latent 1 of one label, the others of nothing.
                    codes.add(0, markers[row] + .5f * random.nextGaussian().toFloat())
                    if (label[row] == 2) codes.add(1, 1f)
                    for (j in 2 until 30) if (random.nextInt(4) == 0) codes.add(j, random.nextDouble().toFloat())
                    codes.endRow()
                }
                val labels = RowLabels(IntArray(n) { it }, IntArray(n), markers, IntArray(n), IntArray(n), label)
                val table = Attribution.table(codes, 31, labels, 200, Stream.of(6, "permutations $repeat"))
                table.rows().map { it.text("attribute") }.distinct() shouldBe listOf("m", "label")
                fun row(attribute: String, latent: Int) =
                    table.rows().single {
                        it.text("attribute") == attribute && it.number("latent") == latent.toDouble()
                    }
                row("m", 0).number("rank") shouldBe 1.0
                row("m", 0).number("p") shouldBe (1 / 201.0 plusOrMinus 1e-12)
                row("m", 0).number("correlation") shouldBe row("m", 0).number("strength")
                row("label", 1).number("strength") shouldBe (1.0 plusOrMinus 1e-6)
                row("label", 30).value("strength") shouldBe null
                val chance = (2 until 30).minOf { row("label", it).number("p") }
                if (chance < .05) families++
            }
            // 60 families at 5 %: more than 8 have a chance below one in a hundred.
            families.toDouble() shouldBeLessThan 9.0
        }

        "errors" -
            {
                "tokens that no sequence has" {
                    val none = Places.VALUES
                    val plain = holonomy.task.Batch.of(3, intArrayOf(1, 2, 3), intArrayOf(0))
                    none.of(plain, 0).size shouldBe 0
                }
                "a last token that is not read out" {
                    val encoder = Architecture(7, 2, 7, 1, 2, 16, 32, Design.ENCODER)
                    val pairs = PairTask.of(Operation.sum(7)).forSeed(1)
                    val weights = Weights.initial(encoder, 1).values()
                    encoder.open(ComputeDevice.CPU).use {
                        shouldThrow<UserError> {
                                Recording.of(it, weights, pairs, stream, Site.residual(0), Places.LAST, 5)
                            }
                            .message shouldBe
                            "recording: the last token of ${encoder.label()} is not read out, but those at [0]; record all tokens"
                    }
                }
                "no row" {
                    shouldThrow<UserError> { record(Places.ALL, 0) }.message shouldBe
                        "recording: expected at least 1 row of the residual stream, found 0 rows at Site[kind=RESIDUAL, layer=0]"
                }
            }
    })
