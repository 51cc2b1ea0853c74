package holonomy.task

import holonomy.data.UserError
import holonomy.task.MarkedTask.Placement
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.property.Arb
import io.kotest.property.arbitrary.arbitrary
import io.kotest.property.arbitrary.enum
import io.kotest.property.arbitrary.int
import io.kotest.property.checkAll

private fun published(counts: List<Int> = listOf(1, 2, 3, 4), placement: Placement = Placement.PER_BATCH) =
    MarkedTask(Operation.sum(8), 16, 256, 100, 8, counts, placement)

/** Every admissible configuration is as likely as we care. */
private val tasks = arbitrary {
    val length = Arb.int(5, 24).bind()
    val most = (length - 1) / 2
    val classes = Arb.int(2, 9).bind()
    val reserved = Arb.int(most, most + 3).bind()
    val first = classes + Arb.int(0, 4).bind()
    val counts = (1..Arb.int(1, most).bind()).toList()
    val vocabulary = first + reserved + Arb.int(1, 9).bind()
    MarkedTask(Operation.sum(classes), length, vocabulary, first, reserved, counts, Arb.enum<Placement>().bind())
}

class MarkedTaskTest :
    FreeSpec({
        "every sequence has its markers in order, values after them, distractors elsewhere, and the right label" {
            checkAll(200, tasks) { task ->
                val batch = task.batch(Stream.of(9, "test"), 3, 7)
                val reserved = task.firstMarker()..<task.firstMarker() + task.reserved()
                for (b in 0..<batch.size()) {
                    val sequence = batch.tokens().slice(b * task.length()..<(b + 1) * task.length())
                    val positions = Marks.of(batch).positions()[b]
                    positions.size shouldBe Marks.of(batch).counts()[b]
                    Marks.of(batch).counts()[b] shouldBeIn task.markerCounts()
                    positions.all { it in 1..task.length() - 2 } shouldBe true
                    positions.toList().zipWithNext().all { (p, q) -> q - p >= 2 } shouldBe true
                    val values =
                        positions.mapIndexed { i, p ->
                            sequence[p] shouldBe task.firstMarker() + i
                            sequence[p + 1]
                        }
                    values.all { it in 0..<task.classes() } shouldBe true
                    batch.targets()[b] shouldBe values.sum() % task.classes()
                    sequence.indices
                        .filter { t -> positions.none { it == t || it + 1 == t } }
                        .forEach { t ->
                            (sequence[t] in task.classes()..<task.vocabulary() && sequence[t] !in reserved) shouldBe
                                true
                        }
                }
            }
        }

        "any batch can be made again, in any order; another index is another batch" {
            val stream = Stream.of(1, "train")
            val fifth = published().batch(stream, 5, 32)
            published().batch(stream, 4, 32).tokens() shouldNotBe fifth.tokens()
            published().batch(stream, 5, 32).tokens() shouldBe fifth.tokens()
        }

        "position sets are uniform over all admissible ones" {
            val task = MarkedTask(Operation.sum(2), 8, 16, 4, 3, listOf(2), Placement.PER_SEQUENCE)
            val batch = task.batch(Stream.of(2, "positions"), 0, 30_000)
            val counts = Marks.of(batch).positions().groupingBy { it.toList() }.eachCount()
            val admissible = (1..6).flatMap { p -> (p + 2..6).map { listOf(p, it) } }
            counts.keys shouldBe admissible.toSet()
            val expected = 30_000.0 / admissible.size
            val chiSquare = counts.values.sumOf { (it - expected) * (it - expected) / expected }
            (chiSquare < 27.88) shouldBe true // 99.9 % point at 9 degrees of freedom
        }

        "placement says what a batch shares" {
            val stream = Stream.of(3, "placement")
            Marks.of(published().batch(stream, 0, 64)).positions().map { it.toList() }.toSet().size shouldBe 1
            val positions = published(placement = Placement.POSITIONS_PER_SEQUENCE).batch(stream, 0, 64)
            Marks.of(positions).counts().toSet().size shouldBe 1
            (Marks.of(positions).positions().map { it.toList() }.toSet().size > 1) shouldBe true
            Marks.of(published(placement = Placement.PER_SEQUENCE).batch(stream, 0, 64)).counts().toSet() shouldBe
                setOf(1, 2, 3, 4)
        }

        "the stored spec rebuilds the task" { checkAll(50, tasks) { task -> Task.fromSpec(task.spec()) shouldBe task } }

        "label distribution and majority share agree with enumeration" {
            val product = Operation.product(8)
            val counts = IntArray(8)
            for (a in 0..7) for (b in 0..7) for (c in 0..7) counts[a * b * c % 8]++
            product.labelDistribution(3).forEachIndexed { label, share ->
                share shouldBe (counts[label] / 512.0 plusOrMinus 1e-12)
            }
            product.majorityShare(3) shouldBe (counts.max() / 512.0 plusOrMinus 1e-12)
            Operation.sum(8).majorityShare(4) shouldBe (.125 plusOrMinus 1e-12)
        }

        "errors" -
            {
                "more markers than fit" {
                    shouldThrow<UserError> { published(listOf(8)) }.message shouldBe
                        "marked task: m = 8 markers don't fit into T = 16 tokens: expected 2m <= T - 1, found 16 > 15;" +
                            " use T of at least 17 or m up to 7"
                }
                "values and markers overlapping" {
                    shouldThrow<UserError> {
                            MarkedTask(Operation.sum(8), 16, 256, 6, 4, listOf(1), Placement.PER_BATCH)
                        }
                        .message shouldBe
                        "marked task: values 0..7 and markers 6..9 overlap; start the markers at 8 or later"
                }
                "no distractor left" {
                    shouldThrow<UserError> { MarkedTask(Operation.sum(4), 12, 8, 4, 4, listOf(1), Placement.PER_BATCH) }
                        .message shouldBe
                        "marked task: no distractor is left: 8 tokens hold 4 values and 4 markers; use a vocabulary of at least 9"
                }
                "an operation whose value is no class" {
                    shouldThrow<UserError> { Operation("odd", 2, intArrayOf(0, 1, 2, 0)) }.message shouldBe
                        "operation 'odd': the value of (1, 0) is 2, expected 0..1; take the result modulo 2"
                }
                "a marker count of zero" {
                    shouldThrow<UserError> { published(listOf(0)) }.message shouldBe
                        "marked task: marker count m expected at least 1, found 0"
                }
            }
    })
