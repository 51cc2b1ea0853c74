package holonomy.run

import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.store.spec
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.train.AdamW
import holonomy.train.RunSpec
import holonomy.train.Training
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.ints.shouldBeExactly
import io.kotest.matchers.shouldBe
import java.util.function.LongSupplier

private const val MILLISECOND = 1_000_000L

/** A clock on which the spells take these milliseconds, the last one ever after; it is asked before and after each. */
private class Spells(private vararg val milliseconds: Long) : LongSupplier {
    private var now = 0L
    private var asked = 0
    val begun
        get() = asked / 2

    override fun getAsLong(): Long {
        if (asked > 0 && asked % 2 == 0) {
            now += milliseconds[minOf(asked / 2 - 1, milliseconds.size - 1)] * MILLISECOND
        }
        asked++
        return now
    }
}

class WorkTest :
    FreeSpec({
        val task = MarkedTask(Operation.sum(4), 8, 16, 8, 2, listOf(1), MarkedTask.Placement.PER_BATCH)
        fun spec(steps: Long) = RunSpec(task, Architecture(16, 8, 4, 1, 1, 4, 0), Training(AdamW.of(1e-3), steps, 2), 1)

        "the first spells, which pay for compilation, don't count" {
            val clock = Spells(5000, 2000, 50, 60)
            Work.stepsPerSecond(spec(100), ComputeDevice.CPU, clock) shouldBe 100.0
            clock.begun shouldBeExactly 3
        }
        "a quick training is timed until three seconds have passed" {
            val clock = Spells(100, 10)
            Work.stepsPerSecond(spec(100), ComputeDevice.CPU, clock) shouldBe 500.0
            clock.begun shouldBeExactly 291
        }
        "a training of fewer steps than a spell is timed whole" {
            Work.stepsPerSecond(spec(2), ComputeDevice.CPU, Spells(1000)) shouldBe 2.0
        }
    })
