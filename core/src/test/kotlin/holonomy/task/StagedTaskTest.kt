package holonomy.task

import holonomy.data.UserError
import holonomy.task.MarkedTask.Placement
import holonomy.task.StagedTask.Stage
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

private val mixed = MarkedTask(Operation.sum(4), 12, 32, 16, 3, listOf(1, 2, 3), Placement.PER_BATCH)
private val train = Stream.of(1, "train")

private fun stages(vararg markers: Int, rehearsal: Double = 0.0) =
    StagedTask(mixed, markers.map { Stage(40, listOf(it)) }, rehearsal)

private fun StagedTask.drawn(from: Long, count: Int) =
    (from..<from + count).map { Marks.of(batch(train, it, 1)).counts()[0] }

class StagedTaskTest :
    FreeSpec({
        "every stage has its m, and the last goes on" {
            stages(1, 2, 3).drawn(0, 130) shouldBe List(40) { 1 } + List(40) { 2 } + List(50) { 3 }
            stages(3, 2, 1).drawn(0, 120) shouldBe List(40) { 3 } + List(40) { 2 } + List(40) { 1 }
        }
        "a stage's batch is the batch that its m alone would have" {
            stages(1, 2, 3).batch(train, 50, 6).tokens() shouldBe
                mixed.withMarkers(listOf(2)).batch(train, 50, 6).tokens()
        }
        "the first batch is the same in every schedule that starts with the same m" {
            val alone = stages(1, 2, 3).batch(train, 0, 64)
            stages(1, 2, 3, rehearsal = .3).batch(train, 0, 64).tokens() shouldBe alone.tokens()
            mixed.withMarkers(listOf(1)).batch(train, 0, 64).targets() shouldBe alone.targets()
        }
        "rehearsal takes its share of earlier m, each equally often, and none in the first stage" {
            val long = StagedTask(mixed, listOf(1, 2, 3).map { Stage(4000, listOf(it)) }, .3)
            long.drawn(0, 500).toSet() shouldBe setOf(1)
            val last = long.drawn(8000, 4000).groupingBy { it }.eachCount()
            // 4 standard deviations of a binomial share of 4,000.
            (last.getValue(3) / 4000.0) shouldBe (.7 plusOrMinus .029)
            (last.getValue(1) / 4000.0) shouldBe (.15 plusOrMinus .023)
        }
        "is evaluated on every m on the mixed task's held-out sequences" {
            stages(1, 2, 3).evaluationSets() shouldBe mixed.evaluationSets()
        }
        "comes back from its spec" {
            val task = stages(1, 2, 3, rehearsal = .25)
            Task.fromSpec(task.spec()) shouldBe task
            task.label() shouldBe "sum modulo 4, m 1..3, curriculum, rehearsal 0.25"
            stages(3, 2, 1).label() shouldBe "sum modulo 4, m 1..3, anti-curriculum"
            StagedTask(mixed.withMarkers(listOf(1)), listOf(Stage(9, listOf(1))), .0).schedule() shouldBe "one stage"
        }
        "says what is wrong" {
            shouldThrow<UserError> { stages(1, 2) }.message shouldBe
                "stages of m: the stages hold m = [1, 2], the task m = [1, 2, 3]; give every m of the task a stage"
            shouldThrow<UserError> { StagedTask(mixed, listOf(Stage(0, listOf(1))), .0) }.message shouldBe
                "stages of m: stage 1 has 0 steps, expected at least 1"
            shouldThrow<UserError> { stages(1, 2, 3, rehearsal = 1.0) }.message shouldBe
                "stages of m: rehearsal share is 1.0, expected 0 <= share < 1"
        }
        "the majority class is exact, against counting every tuple of values" {
            for (operation in
                listOf(Operation.sum(8), Operation.product(8), Operation.product(7), Operations.unitProduct(8))) {
                for (m in 1..4) {
                    val c = operation.classes()
                    var tuples = (0..<c).toList()
                    repeat(m - 1) { tuples = tuples.flatMap { a -> (0..<c).map { b -> operation.apply(a, b) } } }
                    val most = tuples.groupingBy { it }.eachCount().values.max()
                    operation.majorityShare(m) shouldBe (most.toDouble() / tuples.size plusOrMinus 1e-12)
                }
            }
        }
        "the product of units is a group: every label equally likely" {
            Operations.unitProduct(8).table().toList() shouldBe listOf(0, 1, 2, 3, 1, 0, 3, 2, 2, 3, 0, 1, 3, 2, 1, 0)
            Operations.unitProduct(5).majorityShare(3) shouldBe (.25 plusOrMinus 1e-12)
            Operations.unitProduct(8).toString() shouldBe "product of units modulo 8"
        }
        "a composite number where a prime is asked for" {
            shouldThrow<UserError> { Operations.prime(9) }.message shouldBe
                "modulus 9 is not a prime; the next prime is 11"
            Operations.prime(7) shouldBe 7
        }
    })
