package holonomy.store

import holonomy.measure.SnapshotPlan
import holonomy.measure.TrajectorySpectrum
import holonomy.model.ComputeDevice
import holonomy.model.WeightGroup
import holonomy.run.DerivedRunner
import holonomy.run.Progress
import holonomy.run.Progress.Outcome
import holonomy.run.RunRequest
import holonomy.run.Runner
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.nio.file.Files
import java.nio.file.Path
import kotlin.experimental.xor
import kotlin.io.path.exists

private val never = java.util.function.BooleanSupplier { false }

/** Flips a bit in the middle of a file, whose time stays. */
private fun flip(file: Path) {
    val time = Files.getLastModifiedTime(file)
    Files.write(file, Files.readAllBytes(file).also { it[it.size / 2] = it[it.size / 2] xor 4 })
    Files.setLastModifiedTime(file, time)
}

class DamageTest :
    FreeSpec({
        val request = tinyRequest(1)
        val wholeRoot = tempdir().toPath()
        Runner(Store.open(wholeRoot), ComputeDevice.CPU, 1, Progress.NONE).run(listOf(request), never)
        val whole = Store.open(wholeRoot).find(request.id()).get()
        val snapshot = whole.files().keys.first { it.startsWith("trajectory/") }
        val accuracy = request.measures()[0].file()

        fun copy(): Path =
            tempdir().toPath().also { root ->
                root.toFile().deleteRecursively()
                wholeRoot.toFile().copyRecursively(root.toFile())
            }

        fun said(file: String, root: Path) =
            Regex(
                "run ${request.id()} is damaged \\($file: expected SHA-256 ${whole.files()[file]!!.sha256()}, found [0-9a-f]{64}\\); " +
                    "kept as $root/corrupt-${request.id()}-1, it will be made again when it is needed"
            )

        mapOf<String, (StoredRun) -> Unit>(
                accuracy to { it.table(accuracy) },
                snapshot to { trajectory(it, request) },
                WeightsFile.FINAL to { it.end(request.spec()) },
                "provenance.json" to { it.json("provenance.json") },
                Store.SPEC to { it.spec() },
            )
            .forEach { (file, use) ->
                "one bit of $file: it is not used, and the run set aside" {
                    val root = copy()
                    flip(root.resolve("${request.id()}/$file"))
                    val heard = mutableListOf<String>()
                    val store = Store.open(root) { heard += it.message() }
                    val run = store.find(request.id()).get()
                    shouldThrow<DamagedRun> { use(run) }.message!! shouldMatch said(file, root)
                    heard.single() shouldMatch said(file, root)
                    store.find(request.id()).isEmpty shouldBe true
                    root.resolve("corrupt-${request.id()}-1/$file").exists() shouldBe true
                }
            }

        "a runner finds a damaged table before it trains, says so, and makes the same again" {
            val root = copy()
            flip(root.resolve("${request.id()}/$accuracy"))
            val heard = mutableListOf<String>()
            val runner = Runner(Store.open(root) { heard += it.message() }, ComputeDevice.CPU, 1, Progress.NONE)
            runner.present(listOf(request)) shouldBe 0
            heard.single() shouldMatch said(accuracy, root)
            val made = runner.run(listOf(request), never).single().run().get()
            made.files().filterKeys { it != "provenance.json" } shouldBe
                whole.files().filterKeys { it != "provenance.json" }
        }

        "a measure added later is never computed from a damaged snapshot" {
            val root = copy()
            flip(root.resolve("${request.id()}/$snapshot"))
            val plan = SnapshotPlan.of(WeightGroup.ATTENTION, 3)
            val more =
                RunRequest(request.spec(), "more", setOf(), request.measures() + TrajectorySpectrum(plan, 2, 1, 20))
            fun add(into: Path, hears: (Notice) -> Unit = {}) =
                Runner(Store.open(into, hears), ComputeDevice.CPU, 1, Progress.NONE).run(listOf(more), never).single()
            val heard = mutableListOf<String>()
            val added = add(root) { heard += it.message() }
            added.outcome() shouldBe Outcome.COMPLETE
            heard.single() shouldMatch said(snapshot, root)
            val table = more.measures().last().file()
            added.run().get().table(table) shouldBe add(copy()).run().get().table(table)
        }

        "something derived is never computed from a damaged snapshot, and is found damaged itself" {
            val root = copy()
            val store = Store.open(root) {}
            val run = store.find(request.id()).get()
            val sums = SnapshotSums(run, request)
            flip(root.resolve("${request.id()}/$snapshot"))
            val failed = DerivedRunner(store, 1, Progress.NONE).run(listOf(sums), never).single()
            failed.outcome() shouldBe Outcome.FAILED
            failed.cause() shouldMatch said(snapshot, root)
            store.find(sums.id()).isEmpty shouldBe true

            val again = Store.open(copy()) {}
            val sound = SnapshotSums(again.find(request.id()).get(), request)
            DerivedRunner(again, 1, Progress.NONE).run(listOf(sound), never).single().outcome() shouldBe
                Outcome.COMPLETE
            val table = again.folder(sound.id()).resolve("metrics/sums.parquet")
            val before = Files.readAllBytes(table)
            flip(table)
            val reopened = Store.open(again.root()) {}
            DerivedRunner(reopened, 1, Progress.NONE).run(listOf(sound), never).single().outcome() shouldBe
                Outcome.COMPLETE
            Files.readAllBytes(table) shouldBe before
        }

        "a file is hashed once, and again when it has changed" {
            val root = copy()
            val file = root.resolve("${request.id()}/$accuracy")
            val run = Store.open(root).find(request.id()).get()
            run.table(accuracy)
            flip(file) // the time stays: not looked at again
            run.verified(accuracy) shouldBe file
            run.verify().single() shouldMatch Regex("$accuracy: expected SHA-256 .*")
            Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(0))
            shouldThrow<DamagedRun> { run.verified(accuracy) }
        }

        "a manifest and the lines of the index vouch for themselves; those of older versions are taken as they are" {
            val root = copy()
            val manifest = root.resolve("${request.id()}/manifest.json")
            val text = Files.readString(manifest)
            val other = text.replace("\"step\":8", "\"step\":9")
            Files.writeString(manifest, other)
            val heard = mutableListOf<String>()
            Store.open(root) { heard += it.message() }.find(request.id()).isEmpty shouldBe true
            heard.single() shouldMatch
                Regex(
                    "run ${request.id()} is damaged \\(manifest.json: its contents are not those that were sealed in it\\); kept as .*"
                )
            val older = copy()
            val unsealed = text.replace(Regex("\"seal\":\"[0-9a-f]*\","), "")
            Files.writeString(older.resolve("${request.id()}/manifest.json"), unsealed)
            Store.open(older).find(request.id()).get().verify().shouldBeEmpty()

            val index = copy().resolve("index.jsonl")
            val listed = Store.open(index.parent).list()
            val line = Files.readString(index)
            val time = Files.getLastModifiedTime(index)
            Files.writeString(index, line.replace("\"step\":8", "\"step\":9"))
            Files.setLastModifiedTime(index, time)
            Store.open(index.parent).list() shouldBe listed
            Files.readString(index) shouldBe line
        }
    })
