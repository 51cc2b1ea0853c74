package holonomy.lease

import holonomy.model.ComputeDevice
import holonomy.run.Progress
import holonomy.run.Runner
import holonomy.run.smallSweep
import holonomy.store.Store
import holonomy.store.contents
import holonomy.store.idOf
import holonomy.store.spec
import holonomy.store.summary
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

private const val ID = "abc"
private val EVERY = Duration.ofSeconds(5)

/** A machine that shares a folder with others; its clock moves when it is told to. No beat is given by itself. */
private class Machine(folder: Path, name: String, process: Long = 1, begun: String = "then") {
    var now = 0L
    val leases = Leases(folder, Owner("host-$name", name, "me", process, begun), MissedBeats(EVERY, 3) { now })

    fun take(): RunLock? = leases.tryTake(ID).orElse(null)

    fun later(beats: Double) {
        now += (EVERY.toNanos() * beats).toLong()
    }
}

class LeasesTest :
    FreeSpec({
        "a lease that gives no sign of life runs out by the observer's clock, and its old owner notices" {
            val folder = tempdir().toPath()
            val old = Machine(folder, "a").take()!!
            val other = Machine(folder, "b")
            other.leases.owner(ID).get() shouldMatch Regex("process 1 on host-a since 20.*Z")
            repeat(3) {
                other.take() shouldBe null
                other.later(1.0)
            }
            old.check()
            val taken = other.take()!!
            taken.check()
            shouldThrow<LockLost> { old.check() }.message shouldMatch
                Regex("the lock .*abc was taken over by another process: this one gave no sign of life")
            old.beat()
            old.close()
            taken.check()
            taken.close()
            folder.listDirectoryEntries().shouldBeEmpty()
        }

        "a beat starts the count anew; half a beat is none; a clock that leaps costs one" {
            val folder = tempdir().toPath()
            val old = Machine(folder, "a").take()!!
            val other = Machine(folder, "b")
            repeat(10) {
                other.take() shouldBe null
                other.later(0.4)
                other.take() shouldBe null
                other.later(0.6)
                old.beat()
            }
            other.take() shouldBe null
            other.later(1e6)
            other.take() shouldBe null
            old.check()
        }

        "of many that see a lease run out, one takes it" {
            val pool = Executors.newFixedThreadPool(4)
            repeat(50) {
                val folder = tempdir().toPath()
                Machine(folder, "a").take()!!
                val others = List(4) { Machine(folder, "b$it") }
                others.forEach { other ->
                    repeat(3) {
                        other.take() shouldBe null
                        other.later(1.0)
                    }
                }
                val start = CountDownLatch(1)
                val taken =
                    others
                        .map { pool.submit(Callable { start.await().let { _ -> it.take() } }) }
                        .also { start.countDown() }
                        .mapNotNull { it.get() }
                taken.size shouldBe 1
                taken.single().check()
                folder.listDirectoryEntries().map { it.name } shouldBe listOf(ID)
            }
            pool.shutdown()
        }

        "a lease given up while the one before it is still being cleared away leaves nothing behind" {
            val folder = tempdir().toPath()
            val lock = Machine(folder, "a").take()!!
            val claim = folder.resolve(".$ID.claim")
            claim.writeText(Lease.of(Owner("host-b", "b", "me", 1, "then")).text())
            val closing = Thread { lock.close() }.apply { start() }
            while (closing.isAlive && closing.state != Thread.State.TIMED_WAITING) Thread.onSpinWait()
            folder.resolve(ID).exists() shouldBe true
            Files.delete(claim)
            closing.join()
            folder.listDirectoryEntries().shouldBeEmpty()
        }

        "of many threads that take and give up one lease, the last leaves nothing behind" {
            val folder = tempdir().toPath()
            val leases = Leases(folder)
            val threads = List(4) { Thread { repeat(500) { leases.tryTake(ID).ifPresent(RunLock::close) } } }
            threads.onEach(Thread::start).forEach(Thread::join)
            folder.listDirectoryEntries().shouldBeEmpty()
        }

        "a process that has ended is not waited for, on its own machine" {
            val folder = tempdir().toPath()
            val here = Owner.here()
            Machine(folder, here.machine(), here.process(), "long ago").let { it.leases.tryTake(ID).get() }
            val mine = Leases(folder, here.copy(user = "me"), MissedBeats(EVERY, 3) { 0 })
            mine.owner(ID).isEmpty shouldBe true
            mine.tryTake(ID).get().close()
            Machine(folder, "elsewhere", here.process(), "long ago").take()!!
            mine.tryTake(ID).isEmpty shouldBe true
            Leases(folder, here.copy(user = "you"), MissedBeats(EVERY, 3) { 0 }).tryTake(ID).isEmpty shouldBe true
        }

        "what a crash left while a lease was made or taken away is no obstacle for long" {
            val folder = tempdir().toPath()
            folder.resolve(ID).writeText("")
            folder.resolve(".$ID.claim").writeText(Lease.of(Owner.here().copy(begun = "long ago")).text())
            val machine = Machine(folder, Owner.here().machine())
            machine.leases.owner(ID).get() shouldBe "another process"
            repeat(3) {
                machine.take() shouldBe null
                machine.later(1.0)
            }
            val user = Leases(folder, Owner.here(), MissedBeats(EVERY, 1) { machine.now })
            user.tryTake(ID).isEmpty shouldBe true
            machine.later(1.0)
            user.tryTake(ID).get().close()
            folder.listDirectoryEntries().shouldBeEmpty()
        }

        "a writer whose run was taken over writes nothing more" {
            val store = Store.open(tempdir().toPath())
            val writer = store.write(idOf(1), "run", spec(1))
            writer.putBytes("metrics/one", byteArrayOf(1))
            val thief = steal(store.root().resolve("locks"), idOf(1))
            val before = contents(store.root())
            shouldThrow<LockLost> { writer.putBytes("metrics/two", byteArrayOf(2)) }
            shouldThrow<LockLost> { writer.delete("metrics/one") }
            shouldThrow<LockLost> { writer.complete(summary(1.0)) }
            writer.close()
            contents(store.root()) shouldBe before
            thief.close()
        }

        "a training whose run is taken over stops, waits for the other, and goes on when that one gives up" {
            val alone = tempdir().toPath()
            val request = smallSweep()[0]
            Runner(Store.open(alone), ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request)) { false }
            val store = Store.open(tempdir().toPath())
            val events = mutableListOf<String>()
            var thief: RunLock? = null
            val progress =
                object : Progress by Progress.NONE {
                    override fun started(runId: String, label: String, worker: Int, fromStep: Long, steps: Long) {
                        events += "started"
                    }

                    override fun advanced(runId: String, step: Long, loss: Double) {
                        if (thief == null && step == 200L) thief = steal(store.root().resolve("locks"), runId)
                    }

                    override fun waiting(runId: String, label: String, owner: String) {
                        events += "waiting"
                        thief!!.close()
                    }

                    override fun ended(runId: String, outcome: Progress.Outcome, cause: String) {
                        events += "$outcome $cause".trim()
                    }
                }
            Runner(store, ComputeDevice.CPU, 1, progress).run(listOf(request)) { false }
            events shouldBe
                listOf("started", "INTERRUPTED another process has taken it over", "waiting", "started", "COMPLETE")
            val made = store.find(request.id()).get()
            made.summary()["theta"] shouldBe Store.open(alone).find(request.id()).get().summary()["theta"]
        }
    })

private fun Owner.copy(user: String = user(), begun: String = begun()) =
    Owner(host(), machine(), user, process(), begun)
