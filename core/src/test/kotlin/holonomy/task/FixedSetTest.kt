package holonomy.task

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

private val marked = MarkedTask(Operation.sum(4), 5, 12, 4, 3, listOf(2), MarkedTask.Placement.PER_SEQUENCE)

class FixedSetTest :
    FreeSpec({
        val set = FixedSet.of(marked, 12).forSeed(3)
        val stream = Stream.of(1, "train")

        "every batch is the whole set, whatever the stream and its number; another seed has another set" {
            val batch = set.batch(stream, 0, 12)
            set.batch(Stream.of(2, "measure"), 7, 12).tokens() shouldBe batch.tokens()
            set.batch(stream, 7, 12).targets() shouldBe batch.targets()
            FixedSet.of(marked, 12).forSeed(4).batch(stream, 0, 12).tokens() shouldNotBe batch.tokens()
            set.forSeed(4) shouldBe set
        }

        "it is evaluated on the set too, and found again by its spec" {
            set.evaluationSets().map { it.name() } shouldBe listOf("training set", "m = 2")
            set.evaluationSets().first().sample(stream, 99).tokens() shouldBe set.batch(stream, 0, 12).tokens()
            Task.fromSpec(set.spec()).spec() shouldBe set.spec()
            Task.fromSpec(FixedSet.of(marked, 12).spec()) shouldBe FixedSet.of(marked, 12)
        }

        "a part of it is refused, and an empty one" {
            shouldThrow<UserError> { set.batch(stream, 0, 8) }.message shouldBe
                "sum modulo 4, m = 2, 12 fixed sequences: expected batches of all 12 sequences, found 8; train with a batch of 12"
            shouldThrow<UserError> { FixedSet.of(marked, 0) }.message shouldBe
                "fixed training set: expected at least 1 sequence, found 0"
        }
    })
