package holonomy.store

import holonomy.Nightly
import holonomy.data.AtomicFiles
import holonomy.data.FileSteps
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import kotlin.io.path.fileSize

/** Thrown in the place of SIGKILL: an Error, so that no clean-up for failures runs. */
internal class Killed : Error("killed")

/**
 * Kills at the n-th change of the file system; a file about to be synced is cut in half, as a power cut might leave it.
 */
private class KillAt(private val n: Int) : FileSteps {
    var count = 0

    override fun before(step: FileSteps.Step, path: Path) {
        if (++count == n) {
            if (step == FileSteps.Step.SYNC) {
                Files.newByteChannel(path, StandardOpenOption.WRITE).use { it.truncate(path.fileSize() / 2) }
            }
            throw Killed()
        }
    }
}

/** Does something with the writer of a run; true if it was killed on the way. */
private fun killed(root: Path, steps: FileSteps, seed: Int, work: (RunWriter) -> Unit): Boolean {
    var run: RunWriter? = null
    return try {
        run = Store.open(root, {}, AtomicFiles(steps)).write(idOf(seed), "run", spec(seed))
        work(run)
        run.close()
        false
    } catch (_: Killed) {
        run?.abandon()
        true
    }
}

class StoreCrashTest :
    FreeSpec({
        fun expected(): Map<String, String> =
            tempdir().toPath().let { root -> contents(root.also { train(Store.open(it), 1) }) }

        "killed at every single step of a run, it ends with the same bytes and no litter"
            .config(tags = setOf(Nightly)) {
                val expected = expected()
                val steps = KillAt(-1).also { killed(tempdir().toPath(), it, 1) { run -> trainIn(run, 1) } }.count
                steps shouldBeGreaterThan 40
                for (n in 1..steps) {
                    val root = tempdir().toPath()
                    withClue("killed at step $n of $steps") {
                        killed(root, KillAt(n), 1) { trainIn(it, 1) } shouldBe true
                        val events = mutableListOf<SetAside>()
                        train(Store.open(root) { events += it as SetAside }, 1)
                        events.shouldBeEmpty()
                        Store.open(root).list().size shouldBe 1
                        contents(root) shouldBe expected
                    }
                }
            }

        "killed at every single step of a change to a finished run, nothing finished is lost" {
            fun change(run: RunWriter) {
                run.putTable("metrics/rank.parquet", table(5.0))
                run.putTable("metrics/loss.parquet", table(7.0))
                run.complete(summary(0.7))
            }
            fun begun(): Path = tempdir().toPath().also { train(Store.open(it), 1) }
            val expected = begun().also { killed(it, KillAt(-1), 1, ::change) shouldBe false }.let(::contents)
            val steps = KillAt(-1).also { killed(begun(), it, 1, ::change) }.count
            for (n in 1..steps) {
                val root = begun()
                withClue("killed at step $n of $steps") {
                    killed(root, KillAt(n), 1, ::change) shouldBe true
                    val events = mutableListOf<SetAside>()
                    val store = Store.open(root) { events += it as SetAside }
                    store.find(idOf(1)).ifPresent { it.verify().shouldBeEmpty() }
                    store.write(idOf(1), "run", spec(1)).use(::change)
                    events.shouldBeEmpty()
                    store.list().single().tables() shouldBe listOf("loss", "rank")
                    contents(root) shouldBe expected
                }
            }
        }
    })
