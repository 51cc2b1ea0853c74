package holonomy.task

import holonomy.data.Sha256
import holonomy.data.UserError
import holonomy.task.PairTask.Part
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldNotContainAnyOf
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import java.util.OptionalLong

/** One published split: the list the generator gives, arXiv 2602.16746. */
private class Split(val zero: Boolean, val seed: Long, val train: String, val sha256: String, val mirrored: Int)

private val PUBLISHED =
    listOf(
        Split(
            true,
            42,
            "73,93;15,74;75,47;89,93",
            "adaf88f36c4500fed792ca898c67cae8abd1de1ee87c1d5869f4c742aa760225",
            2341,
        ),
        Split(
            true,
            137,
            "46,37;20,44;4,30;12,85",
            "35899c2fb9f417f871a0f9668d4c6b3a67ed91811739bf5a6b132c43b50e5a48",
            2282,
        ),
        Split(
            true,
            2024,
            "28,82;21,35;23,66;47,29",
            "355563338a883df966bd06a4cb8f745321d3bfc899282290c60e317e287e8d85",
            2313,
        ),
        Split(
            false,
            42,
            "96,29;15,17;1,71;14,69",
            "1cc2b63913fd22eb58bbd0fae4fdb73ec2ed563bc253c7320008ba7fbb7e6383",
            2278,
        ),
        Split(
            false,
            137,
            "42,70;79,96;72,26;25,96",
            "99e62d4b2642fd7200fe2743bab1018635964833eb17e6610ef3a6fc635d24d7",
            2300,
        ),
        Split(
            false,
            2024,
            "83,19;46,8;96,2;61,46",
            "567bacde0b91d5455802aafd101b093e8ed71f993dbef276506cc7390dcf554b",
            2275,
        ),
    )

class PairTaskTest :
    FreeSpec({
        fun PairTask.pairs(part: Part) = all(part).tokens().toList().chunked(2)

        "the published splits, pair by pair" {
            for (split in PUBLISHED) {
                val op = if (split.zero) Operation.sum(97) else Operation.product(97)
                val task = PairTask.of(op).let { if (split.zero) it else it.withoutZero() }.forSeed(split.seed)
                withClue("$op, seed ${split.seed}") {
                    val train = task.pairs(Part.TRAIN)
                    val text = train.joinToString(";") { (a, b) -> "$a,$b" }
                    text.take(split.train.length) shouldBe split.train
                    Sha256.of(text.toByteArray()) shouldBe split.sha256
                    val test = task.pairs(Part.TEST)
                    test.size shouldBe (if (split.zero) 4705 else 4608)
                    val known = train.toSet()
                    test.count { it.reversed() in known } shouldBe split.mirrored
                }
            }
        }

        "the two sets are all pairs, each once, with their labels" {
            val task = PairTask.of(Operation.of("a^2 + ab + b^2", 11) { a, b -> a * a + a * b + b * b }).forSeed(3)
            val both = Part.entries.flatMap { task.pairs(it) }
            both.toSet().size shouldBe 121
            both.size shouldBe 121
            val batch = task.all(Part.TEST)
            for (i in 0 until batch.size()) {
                val (a, b) = batch.tokens()[2 * i] to batch.tokens()[2 * i + 1]
                batch.targets()[i] shouldBe (a * a + a * b + b * b) % 11
            }
        }

        "training batches hold training pairs only, and every one of them in time" {
            val task = PairTask.of(Operation.sum(7)).forSeed(1)
            val train = task.pairs(Part.TRAIN).toSet()
            val drawn = (0L until 20).flatMap { task.batch(Stream.of(1, "train"), it, 32).tokens().toList().chunked(2) }
            drawn.toSet() shouldBe train
            task.trainingSequences().asLong shouldBe train.size
        }

        "a split by orbit leaves no mirror image of a test pair in training" {
            val sum = PairTask.of(Operation.sum(13)).splitBy(PairSplit.BY_ORBIT).forSeed(42)
            val train = sum.pairs(Part.TRAIN)
            train.size shouldBeInRange 80..84
            sum.pairs(Part.TEST).map { it.reversed() } shouldNotContainAnyOf train
            val squares = PairTask.of(Operation.of("squares", 13) { a, b -> a * a + b * b }).splitBy(PairSplit.BY_ORBIT)
            val known = squares.forSeed(42).pairs(Part.TRAIN).toSet()
            for ((a, b) in squares.forSeed(42).pairs(Part.TEST)) {
                val (c, d) = (13 - a) % 13 to (13 - b) % 13
                val twins = listOf(b to a, c to b, a to d, c to d, d to a, b to c, d to c).map { it.toList() }
                twins.filter { it in known } shouldBe listOf()
            }
        }

        "orbits follow from the operation's own values" {
            val all = IntArray(25) { it }
            PairSplit.orbits(Operation.of("first", 5) { a, _ -> a }, all).size shouldBe 5 * 3 // b and -b
            PairSplit.orbits(Operation.of("neither", 5) { a, b -> a + 2 * b + a * a * b * b * b }, all).size shouldBe 25
        }

        "stored specs come back" {
            val task = PairTask.of(Operation.product(7)).withoutZero().splitBy(PairSplit.BY_ORBIT).forSeed(5)
            Task.fromSpec(task.spec()) shouldBe task
            Task.fromSpec(PairTask.of(Operation.sum(5)).spec()) shouldBe PairTask.of(Operation.sum(5))
            task.forSeed(9) shouldBe task
        }

        "bad input" {
            shouldThrow<UserError> { PairTask.of(Operation.product(9)).withoutZero() }.message shouldBe
                "pairs, product modulo 9: the residues 1..8 form a group under multiplication only when p is prime, " +
                    "found p = 9; use p = 11, or keep 0 among the arguments"
            shouldThrow<UserError> { PairTask.of(Operation.sum(3)).trainedOn(.05) }.message shouldBe
                "pairs, sum modulo 3: a training share of 0.05 of 9 pairs leaves the training set empty; expected a " +
                    "share above 0 and below 1, for instance 0.5"
            shouldThrow<UserError> { PairTask.of(Operation.sum(3)).trainedOn(1.0) }.message shouldBe
                "pairs, sum modulo 3: a training share of 1.0 of 9 pairs leaves the test set empty; expected a share " +
                    "above 0 and below 1, for instance 0.5"
            shouldThrow<UserError> { Operation.exact("a + b", 5) { a, b -> a + b } }.message shouldBe
                "operation 'a + b': the value of (1, 4) is 5, expected 0..4; take the result modulo 5"
            shouldThrow<UserError> { PairTask(Operation.sum(3), false, .5, PairSplit.BY_PAIR, OptionalLong.of(-1)) }
                .message shouldBe "pairs, sum modulo 3: split seed expected 0..4294967295, found -1"
        }
    })
