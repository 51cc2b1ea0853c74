package holonomy.store

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.io.path.exists

/**
 * A process that shares a sweep: `work ROOT N` makes each run of N seeds that nobody makes, and prints which it made;
 * `hold ROOT` begins run 1, says so, and waits for its input to end.
 */
object StoreProcess {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val store = Store.open(Path.of(arguments[1]))
        if (arguments[0] == "hold") {
            store.write(idOf(1), "run", spec(1)).use {
                it.putBytes("checkpoint/state", byteArrayOf(1, 2, 3))
                println("holding")
                System.`in`.read()
            }
        } else {
            println("ready")
            System.`in`.read()
            println(share(store, arguments[2].toInt()).joinToString(" "))
        }
    }

    /** Makes the runs that are not made and that no one else is making, until all are; returns the seeds made here. */
    fun share(store: Store, seeds: Int): List<Int> {
        val made = mutableListOf<Int>()
        val left = (0 until seeds).toMutableList()
        while (left.isNotEmpty()) {
            left.removeIf { seed -> store.find(idOf(seed)).isPresent || make(store, seed, made) }
            Thread.onSpinWait()
        }
        return made
    }

    private fun make(store: Store, seed: Int, made: MutableList<Int>): Boolean {
        val run = store.tryWrite(idOf(seed), "run", spec(seed)).orElse(null) ?: return false
        run.use {
            if (!it.wasComplete()) {
                trainIn(it, seed)
                made += seed
            }
        }
        return true
    }
}

private fun start(vararg arguments: String): Process {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    return ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), StoreProcess::class.java.name, *arguments)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
}

/** The next line that is not a log line. */
private fun Process.line(): String = inputReader().lineSequence().first { !Regex("\\d\\d:\\d\\d:.*").matches(it) }

class StoreConcurrencyTest :
    FreeSpec({
        "of many threads one has a run at a time" {
            val store = Store.open(tempdir().toPath())
            val threads = 8
            val pool = Executors.newFixedThreadPool(threads)
            val start = CountDownLatch(1)
            val shares =
                (0 until threads)
                    .map {
                        pool.submit(Callable { start.await().let { StoreProcess.share(Store.open(store.root()), 12) } })
                    }
                    .also { start.countDown() }
                    .map { it.get() }
            pool.shutdown()
            shares.flatten() shouldContainExactlyInAnyOrder (0 until 12).toList()
            val alone = Store.open(tempdir().toPath())
            (0 until 12).forEach { train(alone, it) }
            store.list().size shouldBe 12
            (contents(store.root()) - "index.jsonl") shouldBe (contents(alone.root()) - "index.jsonl")
            contents(store.root()).keys shouldBe contents(alone.root()).keys
        }

        "two processes share a sweep and make nothing twice" {
            val store = Store.open(tempdir().toPath())
            val processes = List(2) { start("work", store.root().toString(), "20") }
            processes.forEach { it.line() shouldBe "ready" }
            processes.forEach { it.outputStream.close() }
            val made = processes.flatMap { it.line().split(" ").filter(String::isNotEmpty).map(String::toInt) }
            processes.forEach { it.waitFor() shouldBe 0 }
            made shouldContainExactlyInAnyOrder (0 until 20).toList()
            store.list().size shouldBe 20
            store.list().forEach { store.find(it.id()).get().verify().shouldBeEmpty() }
        }

        "a run held by a process is refused with its number, and free when the process is killed" {
            val store = Store.open(tempdir().toPath())
            val process = start("hold", store.root().toString())
            try {
                process.line() shouldBe "holding"
                store.tryWrite(idOf(1), "run", spec(1)).isEmpty shouldBe true
                store.owner(idOf(1)).get() shouldMatch Regex("process ${process.pid()} since 20.*Z")
                shouldThrow<UserError> { store.write(idOf(1), "run", spec(1)) }.message shouldMatch
                    Regex(
                        "run ${idOf(1)} in .* is being written by process ${process.pid()} since .*; wait for it or stop it"
                    )
                shouldThrow<UserError> { store.delete(idOf(1)) }.message shouldMatch Regex(".*; it is left as it is")
                store.unfinished().single().owner().isPresent shouldBe true
            } finally {
                process.destroyForcibly().waitFor()
            }
            store.owner(idOf(1)).isEmpty shouldBe true
            store.write(idOf(1), "run", spec(1)).use {
                it.exists("checkpoint/state") shouldBe true
                trainIn(it, 1)
            }
            store.root().resolve("locks/${idOf(1)}").exists() shouldBe false
        }
    })
