package holonomy.train

import holonomy.data.UserError
import holonomy.measure.Accuracy
import holonomy.measure.Cadence
import holonomy.model.Architecture
import holonomy.model.Design
import holonomy.run.RunRequest
import holonomy.task.MarkedTask
import holonomy.task.Operation
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

private fun spec(batch: Int = 4, width: Int = 8, layers: Int = 2): RunSpec {
    val task = MarkedTask(Operation.sum(3), 16, 9, 4, 3, listOf(1, 2), MarkedTask.Placement.PER_BATCH)
    val model = Architecture(9, 16, 3, layers, 2, width, 0)
    return RunSpec(task, model, Training(AdamW.of(1e-3), 5, batch), 1)
}

class FootprintTest :
    FreeSpec({
        "sizes that fit into no array are refused before anything trains, with the memory they would take" {
            shouldThrow<UserError> { spec(batch = 2_000_000_000) }.message shouldBe
                "run: a batch of 2000000000 sequences of 16 tokens has 32000000000 tokens, expected at most 2147483647; " +
                    "it would take at least 6.3 TB of memory; use at most 134217727 sequences"
            shouldThrow<UserError> { spec(width = 200_000_000) }.message shouldBe
                "run: a model of 2 layers, width 200000000, vocabulary 9 and 3 classes has 3.20e+17 weights, " +
                    "expected at most 2147483647; its training would take at least 5.1 EB of memory; use smaller sizes"
            shouldThrow<UserError> { spec(layers = 2_000_000_000) }.message shouldBe
                "run: a model of 2000000000 layers, width 8, vocabulary 9 and 3 classes has 6.08e+11 weights, " +
                    "expected at most 2147483647; its training would take at least 18 TB of memory; use smaller sizes"
            shouldThrow<UserError> {
                    RunRequest(spec(), "a label", setOf(), listOf(Accuracy(Cadence.times(2), 2_000_000_000)))
                }
                .message shouldBe
                "measure 'accuracy': a batch of 2000000000 sequences of 16 tokens has 32000000000 tokens, " +
                    "expected at most 2147483647; it would take at least 128 GB of memory; use at most 134217727 sequences"
            shouldThrow<UserError> { Operation.sum(2_000_000_000) }.message shouldBe
                "operation 'sum': expected at most 4096 classes, found 2000000000; its table would take 16 EB"
        }

        "the weights counted are those laid out" {
            for (form in listOf(Design.DECODER, Design.ENCODER)) for (hidden in listOf(0, 5)) {
                val model = Architecture(9, 16, 3, 3, 2, 8, hidden, form)
                model.weightCount() shouldBe model.layout().size().toDouble()
            }
        }

        "memory grows with the batch, and is at least the arrays of weights, gradient and moments" {
            Footprint.least(spec(batch = 8)) shouldBeGreaterThan Footprint.least(spec(batch = 4))
            Footprint.least(spec()) shouldBeGreaterThan 16.0 * spec().model().layout().size()
        }

        "more observations than steps are one per step" {
            Cadence.times(2_000_000_000).steps(5).toList() shouldBe listOf(0L, 1L, 2L, 3L, 4L, 5L)
            Cadence.times(6).steps(5).toList() shouldBe listOf(0L, 1L, 2L, 3L, 4L, 5L)
            Cadence.times(7).steps(5).toList() shouldBe listOf(0L, 1L, 2L, 3L, 4L, 5L)
        }
    })
