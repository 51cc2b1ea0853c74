package holonomy.store

import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** A pipe that nobody writes to: to open it waits for ever. */
private fun pipe(path: Path) {
    Files.deleteIfExists(path)
    ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor() shouldBe 0
}

/** Two finished runs, 1 and 2, one unfinished, 3, and an experiment. */
private fun filled(root: Path): Path {
    val store = Store.open(root)
    train(store, 1)
    train(store, 2)
    store.write(idOf(3), "run", spec(3)).use { it.putBytes("checkpoint/a", byteArrayOf(1)) }
    store.experimentRuns().add("sweep", listOf(ExperimentRun("sweep", idOf(1), "seed 1", mapOf())))
    return root
}

class BadEntriesTest :
    FreeSpec({
        /** Makes an entry bad, lists everything, and compares what is said; the path of the store is left out. */
        fun bad(
            what: String,
            said: String,
            finished: List<Int> = listOf(1, 2),
            unfinished: List<Int> = listOf(3),
            asked: Boolean = true,
            harm: (Path) -> Unit,
        ) = what {
            val root = filled(tempdir().toPath())
            harm(root)
            val heard = mutableListOf<String>()
            val store = Store.open(root) { heard += it.message().replace("$root/", "") }
            repeat(2) {
                store.list().map { it.id() } shouldBe finished.map(::idOf).sorted()
                store.unfinished(store.list()).map { it.id() } shouldBe unfinished.map(::idOf)
                store.experimentRuns().byRun().containsKey(idOf(1)) shouldBe asked
                store.garbage()
            }
            heard.single() shouldMatch Regex(said)
            finished.forEach { store.find(idOf(it)).get().verify().shouldBeEmpty() }
            train(store, 4)
            store.list().size shouldBe finished.size + 1
        }

        fun Path.run(seed: Int) = resolve(idOf(seed))

        bad(
            "an empty folder",
            "left out: deadbeef/spec.json: expected the spec of this id, found no file; `holonomy rm deadbeef` deletes the run",
        ) {
            Files.createDirectory(it.resolve("deadbeef"))
        }
        bad(
            "a broken spec",
            "left out: ${idOf(3)}/spec.json: expected the spec of this id, found another text; `holonomy rm ${idOf(3)}` deletes the run",
            unfinished = listOf(),
        ) {
            it.run(3).resolve("spec.json").writeText("{")
        }
        bad(
            "a broken checkpoint",
            "left out: ${idOf(3)}/checkpoint/current.json: not valid JSON \\(Unexpected end-of-input.*; `holonomy rm ${idOf(3)}` deletes the run",
            unfinished = listOf(),
        ) {
            it.run(3).resolve("checkpoint/current.json").writeText("{\"step\":")
        }
        bad(
            "a manifest of another format",
            "left out: ${idOf(2)}/manifest.json: was written by a newer Holonomy: expected format 1 at most, found 99. Use that version, or another folder with --store DIR",
            finished = listOf(1),
        ) {
            val manifest = it.run(2).resolve("manifest.json")
            manifest.writeText(manifest.readText().replace("\"format\":1", "\"format\":99"))
        }
        bad(
            "a manifest that leads out of the run",
            "left out: ${idOf(2)}/manifest.json: file name 'metrics/../../../x' cannot be stored in a run: .*",
            finished = listOf(1),
        ) {
            val manifest = it.run(2).resolve("manifest.json")
            val text = manifest.readText().replace("metrics/loss.parquet", "metrics/../../../x")
            manifest.writeText(text.replace(Regex("\"seal\":\"[0-9a-f]*\","), ""))
        }
        bad(
            "an index that is a folder",
            "left out: index.jsonl: expected a file, found a folder; it is only a cache of the manifests: delete it, and it is made again",
        ) {
            it.resolve("index.jsonl").deleteExisting()
            Files.createDirectories(it.resolve("index.jsonl/x"))
        }
        bad(
            "text that is no UTF-8",
            "left out: experiments/sweep.json: not valid JSON \\(Invalid UTF-8 .*\\); the experiment's next run writes it anew",
            asked = false,
        ) {
            it.resolve("experiments/sweep.json")
                .writeBytes("{\"experiment\":\"".toByteArray() + byteArrayOf(-1, -2) + "\"}".toByteArray())
        }
        bad(
            "a file in the place of a run",
            "left out: deadbeef/manifest.json: expected a folder with it, found a file; `holonomy rm deadbeef` deletes the run",
        ) {
            it.resolve("deadbeef").writeText("")
        }
        mapOf(
                "deadbeef" to
                    "deadbeef/manifest.json: expected a folder with it, found a pipe or a device; `holonomy rm deadbeef` deletes the run",
                "index.jsonl" to
                    "index.jsonl: expected a file, found a pipe or a device; it is only a cache of the manifests: delete it, and it is made again",
                "experiments/other.json" to
                    "experiments/other.json: expected a file, found a pipe or a device; the experiment's next run writes it anew",
                "deadbeef01/spec.json" to "deadbeef01/spec.json: .*; `holonomy rm deadbeef01` deletes the run",
                "deadbeef01/manifest.json" to
                    "deadbeef01/manifest.json: expected a file, found a pipe or a device; `holonomy rm deadbeef01` deletes the run",
                "locks/deadbeef01" to
                    "locks/deadbeef01: cannot be read \\(java.io.IOException: lock locks/deadbeef01: expected a file, found a pipe or a device; delete it\\)",
            )
            .forEach { (path, said) ->
                bad("a pipe as $path", "left out: $said") {
                    Files.createDirectories(it.resolve(path).parent)
                    pipe(it.resolve(path))
                }
            }
        bad(
            "a pipe in the place of a checkpoint",
            "left out: .*/current.json: expected a file, found a pipe or a device; .*",
            unfinished = listOf(),
        ) {
            pipe(it.run(3).resolve("checkpoint/current.json"))
        }

        "a pipe in the place of a table is damage of its run; one in the place of the store's own file is said" {
            val root = filled(tempdir().toPath())
            pipe(root.run(1).resolve("metrics/loss.parquet"))
            val heard = mutableListOf<String>()
            Store.open(root) { heard += it.message() }.find(idOf(1)).isEmpty shouldBe true
            heard.single() shouldStartWith "run ${idOf(1)} is damaged (metrics/loss.parquet: missing); kept as "
            pipe(root.resolve("store.json"))
            shouldThrow<UserError> { Store.open(root) }.message shouldBe
                "the store's file $root/store.json cannot be read: expected a file, found a pipe or a device. If $root is a store of yours, delete this file: it is made again"
        }

        "bytes that are no text in a lock: somebody else's, until it has been silent for long enough" {
            val root = filled(tempdir().toPath())
            Files.createDirectories(root.resolve("locks"))
            root.resolve("locks/${idOf(1)}").writeBytes(byteArrayOf(-1, -2))
            root.resolve("locks/${idOf(3)}").writeBytes(byteArrayOf(-1, -2))
            val heard = mutableListOf<Notice>()
            val store = Store.open(root) { heard += it }
            store.list().size shouldBe 2
            store.find(idOf(1)).get().verify().shouldBeEmpty()
            store.unfinished().single().owner().get() shouldBe "another process"
            store.garbage().shouldBeEmpty()
            store.tryWrite(idOf(3), "run", spec(3)).isEmpty shouldBe true
            heard.shouldBeEmpty()
        }

        "a run that is a symbolic link is a run; a folder in it may be one too" {
            val root = filled(tempdir().toPath())
            val elsewhere = tempdir().toPath()
            fun moveOut(path: Path) {
                Files.move(path, elsewhere.resolve(path.fileName))
                Files.createSymbolicLink(path, elsewhere.resolve(path.fileName))
            }
            moveOut(root.run(1))
            moveOut(root.run(2).resolve("trajectory"))
            val heard = mutableListOf<Notice>()
            val store = Store.open(root) { heard += it }
            listOf(1, 2).forEach { store.find(idOf(it)).get().verify().shouldBeEmpty() }
            store.list().size shouldBe 2
            store.write(idOf(1), "run", spec(1)).use {
                it.wasComplete() shouldBe true
                it.putTable("metrics/rank.parquet", table(1.0))
                it.complete(summary(0.1))
            }
            store.find(idOf(1)).get().verify().shouldBeEmpty()
            heard.shouldBeEmpty()
            listOf(1, 2).forEach { store.delete(idOf(it)) }
            store.list().shouldBeEmpty()
            elsewhere.resolve("${idOf(1)}/manifest.json").exists() shouldBe true
            elsewhere.resolve("trajectory/step-0.safetensors").exists() shouldBe true
        }

        "a store that can't be written is read, by everybody" {
            // Root may write everywhere; but nobody makes a lock where `locks` is a file, and without one nothing is
            // changed.
            val root = filled(tempdir().toPath())
            root.resolve("locks").also(Files::deleteIfExists).writeText("")
            root.resolve("index.jsonl").deleteExisting()
            val before = contents(root)
            val heard = mutableListOf<Notice>()
            val store = Store.open(root) { heard += it }
            store.list().size shouldBe 2
            store.unfinished(store.list()).single().id() shouldBe idOf(3)
            store.findWithTables(idOf(1)).get().table("metrics/loss.parquet").size() shouldBe 2
            store.garbage().shouldBeEmpty()
            store.experimentRuns().add("sweep", listOf(ExperimentRun("sweep", idOf(2), "seed 2", mapOf())))
            store.experimentRuns().byRun().keys shouldContainExactly setOf(idOf(1))
            heard.shouldBeEmpty()
            shouldThrow<UserError> { store.write(idOf(4), "run", spec(4)) }.message shouldStartWith
                "no writable store at $root: cannot begin run ${idOf(4)}: "
            contents(root) shouldBe before
        }

        "an empty folder is offered to be deleted, and deleted only if it is still empty" {
            val store = Store.open(filled(tempdir().toPath())) {}
            listOf("deadbeef", "deadbeef01").forEach { Files.createDirectory(store.root().resolve(it)) }
            val garbage = store.garbage()
            garbage.map { it.path().fileName.toString() to it.why() } shouldContain
                ("deadbeef" to "empty folder of a run that was not begun")
            store.root().resolve("deadbeef01/spec.json").writeText("{}")
            store.delete(garbage)
            store.root().resolve("deadbeef").exists() shouldBe false
            store.root().resolve("deadbeef01/spec.json").exists() shouldBe true
        }
    })
