package holonomy.store

import holonomy.data.AtomicFiles
import holonomy.data.FileSteps
import holonomy.data.Parquet
import holonomy.data.Query
import holonomy.data.Tensor
import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.io.IOException
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

class StoreTest :
    FreeSpec({
        fun folder(): Path = tempdir().toPath()
        fun Store.folder(id: String): Path = root().resolve(id)

        "a finished run is found, with all that was put" {
            val root = folder().resolve("deep/store")
            val store = Store.open(root)
            store.find(idOf(1)).isEmpty shouldBe true
            root.exists() shouldBe false
            train(store, 1)
            val run = Store.open(root).find(idOf(1)).get()
            run.id() shouldBe idOf(1)
            run.kind() shouldBe "run"
            run.spec() shouldBe spec(1)
            run.summary() shouldBe summary(0.1)
            run.table("metrics/loss.parquet") shouldBe table(1.0, 1.0)
            run.json("provenance.json")["java"].asText() shouldBe "17"
            run.tensors("trajectory/step-2.safetensors").use {
                it.tensor("W_Q") shouldBe Tensor.of(3f, 0.5f)
                it.metadata()["step"] shouldBe "2"
            }
            run.has("checkpoint/state.safetensors") shouldBe false
            run.verify().shouldBeEmpty()
            run.bytes() shouldBe run.files().keys.sumOf { Files.size(run.verified(it)) }
            contents(root).keys shouldBe
                listOf("index.jsonl")
                    .plus(run.files().keys.plus("manifest.json").map { "${idOf(1)}/$it" })
                    .plus("store.json")
                    .toSortedSet()
            shouldThrow<UserError> { run.table("metrics/no.parquet") }.message shouldStartWith
                "run ${idOf(1)} has no file 'metrics/no.parquet'; it has metrics/loss.parquet, provenance.json, spec.json, "
        }

        "without a manifest a run is unfinished, and is gone on with" {
            val store = Store.open(folder())
            store.write(idOf(1), "run", spec(1)).use { it.putBytes("checkpoint/a", byteArrayOf(1)) }
            store.find(idOf(1)).isEmpty shouldBe true
            store.list().shouldBeEmpty()
            val unfinished = store.unfinished().single()
            unfinished.id() shouldBe idOf(1)
            unfinished.spec().get() shouldBe spec(1)
            unfinished.files() shouldBe
                mapOf("checkpoint/a" to 1L, "spec.json" to Files.size(store.folder(idOf(1)).resolve("spec.json")))
            unfinished.owner().isEmpty shouldBe true
            store.write(idOf(1), "run", spec(1)).use {
                it.wasComplete() shouldBe false
                it.exists("checkpoint/a") shouldBe true
                it.files().keys shouldBe setOf("checkpoint/a", "spec.json")
                trainIn(it, 1)
            }
            store.unfinished().shouldBeEmpty()
            store.find(idOf(1)).get().verify().shouldBeEmpty()
        }

        "a measure is added to a finished run" {
            val store = Store.open(folder())
            train(store, 1)
            val before = store.find(idOf(1)).get()
            store.write(idOf(1), "run", spec(1)).use {
                it.wasComplete() shouldBe true
                it.putTable("metrics/rank.parquet", table(5.0))
                store.find(idOf(1)).get().has("metrics/rank.parquet") shouldBe false
                it.complete(summary(0.9))
            }
            val after = store.find(idOf(1)).get()
            after.files().keys shouldBe before.files().keys + "metrics/rank.parquet"
            after.created() shouldBe before.created()
            after.summary() shouldBe summary(0.9)
            after.verify().shouldBeEmpty()
            store.list().single().tables() shouldBe listOf("loss", "rank")
        }

        "a finished run whose files change is unfinished until it is complete again" {
            val store = Store.open(folder())
            train(store, 1)
            store.write(idOf(1), "run", spec(1)).use {
                it.putTable("metrics/loss.parquet", table(7.0))
                store.find(idOf(1)).isEmpty shouldBe true
                it.delete("provenance.json")
                it.complete(summary(0.2))
            }
            val run = store.find(idOf(1)).get()
            run.table("metrics/loss.parquet") shouldBe table(7.0)
            run.has("provenance.json") shouldBe false
            run.verify().shouldBeEmpty()
        }

        "a damaged run is named, set aside and made again" -
            {
                suspend fun damaged(what: String, problem: String, change: (Path) -> Unit) = what {
                    val events = mutableListOf<SetAside>()
                    val store = Store.open(folder()) { events += it as SetAside }
                    train(store, 1)
                    val whole = contents(store.folder(idOf(1)))
                    change(store.folder(idOf(1)))
                    store.find(idOf(1)).isEmpty shouldBe true
                    val aside = store.root().resolve("corrupt-${idOf(1)}-1")
                    val event = events.single()
                    event.message() shouldBe
                        "run ${idOf(1)} is damaged ($problem); kept as $aside, it will be made again when it is needed"
                    aside.resolve("spec.json").exists() shouldBe true
                    train(store, 1)
                    contents(store.folder(idOf(1))) shouldBe whole
                    change(store.folder(idOf(1)))
                    store.write(idOf(1), "run", spec(1)).use { it.wasComplete() shouldBe false }
                    events[1].movedTo() shouldBe store.root().resolve("corrupt-${idOf(1)}-2")
                    store.list().shouldBeEmpty()
                }
                val table = "metrics/loss.parquet"
                val size = folder().resolve("x").also { Parquet.write(table(1.0, 1.0), it) }.let(Files::size)
                damaged("a truncated file", "$table: expected $size bytes, found 3 bytes") {
                    it.resolve(table).writeText("abc")
                }
                damaged("a missing file", "provenance.json: missing") { Files.delete(it.resolve("provenance.json")) }
                damaged("a manifest of another run", "manifest.json: expected id ${idOf(1)}, found 'x'") {
                    it.resolve("manifest.json").writeText("""{"format":1,"id":"x"}""")
                }
                damaged("a manifest without a time", "manifest.json: expected a time in 'created', found ''") {
                    it.resolve("manifest.json").writeText("""{"format":1,"id":"${idOf(1)}"}""")
                }
            }

        "a torn manifest and a changed spec are set aside too" {
            val events = mutableListOf<SetAside>()
            val store = Store.open(folder()) { events += it as SetAside }
            train(store, 1)
            store.folder(idOf(1)).resolve("manifest.json").let { it.writeText(it.readText().dropLast(9)) }
            store.find(idOf(1)).isEmpty shouldBe true
            events.single().problems().single() shouldStartWith "manifest.json: not valid JSON ("
            train(store, 1)
            store.folder(idOf(1)).resolve("spec.json").let { it.writeText(it.readText().replace('1', '2')) }
            store.write(idOf(1), "run", spec(1)).close()
            events[1].problems() shouldBe listOf("spec.json: expected the spec of this id, found another text")
        }

        "verify finds a changed byte, which set aside by hand is kept" {
            val events = mutableListOf<SetAside>()
            val store = Store.open(folder()) { events += it as SetAside }
            train(store, 1)
            val file = store.folder(idOf(1)).resolve("provenance.json")
            file.writeText(file.readText().replace("17", "18"))
            val problems = store.find(idOf(1)).get().verify()
            problems.single() shouldMatch Regex("provenance.json: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}")
            store.setAside(idOf(1), problems).movedTo() shouldBe store.root().resolve("corrupt-${idOf(1)}-1")
            store.find(idOf(1)).isEmpty shouldBe true
            events.size shouldBe 1
        }

        "leftovers of a crash in a finished run are tidied when it is found" {
            val store = Store.open(folder())
            train(store, 1)
            val whole = contents(store.root())
            val run = store.folder(idOf(1))
            Files.createDirectories(run.resolve("checkpoint/deep"))
            run.resolve("checkpoint/deep/state").writeText("x")
            run.resolve("metrics/.loss.parquet.1-2.tmp").writeText("x")
            store.find(idOf(1)).isPresent shouldBe true
            contents(store.root()) shouldBe whole
            run.resolve("checkpoint").exists() shouldBe false
        }

        "a newer version's store or run is refused" {
            val root = folder()
            train(Store.open(root), 1)
            val rest =
                "was written by a newer Holonomy: expected format 1 at most, found 2. Use that version, or another folder with --store DIR"
            val manifest = root.resolve("${idOf(1)}/manifest.json")
            manifest.writeText(manifest.readText().replace("\"format\":1", "\"format\":2"))
            shouldThrow<UserError> { Store.open(root).find(idOf(1)) }.message shouldBe "$manifest $rest"
            shouldThrow<UserError> { Store.open(root).write(idOf(1), "run", spec(1)) }.message shouldBe
                "$manifest $rest"
            root.resolve("store.json").writeText("""{"format":2}""")
            shouldThrow<UserError> { Store.open(root) }.message shouldBe "${root.resolve("store.json")} $rest"
        }

        "names never lead out of the run" {
            val store = Store.open(folder())
            store.write(idOf(1), "run", spec(1)).use { run ->
                listOf("../x", "a/../../x", "/tmp/x", "a\"b", "it's").forEach { name ->
                    shouldThrow<UserError> { run.putBytes(name, byteArrayOf()) }.message shouldStartWith
                        "file name '$name' cannot be stored in a run: "
                }
                shouldThrow<IllegalArgumentException> { run.putBytes("manifest.json", byteArrayOf()) }
                shouldThrow<IllegalArgumentException> { run.delete("spec.json") }
            }
            listOf("..", "../../etc", "ABCDEF0123").forEach { id ->
                shouldThrow<UserError> { store.find(id) }
                shouldThrow<UserError> { store.write(id, "run", spec(1)) }
                shouldThrow<UserError> { store.delete(id) }
            }
            contents(store.root()).keys shouldBe setOf("${idOf(1)}/spec.json", "store.json")
        }

        "a full disk, no permission" {
            val root = folder()
            train(Store.open(root), 1)
            val before = contents(root)
            var failure: IOException? = null
            val store =
                Store.open(
                    root,
                    {},
                    AtomicFiles { step, _ -> if (step == FileSteps.Step.SYNC) failure?.let { throw it } },
                )
            store.write(idOf(1), "run", spec(1)).use { run ->
                failure = IOException("No space left on device")
                shouldThrow<UserError> { run.putTensors("trajectory/x.safetensors", weights(1), mapOf()) }
                    .message shouldMatch
                    Regex(
                        "no writable store at .*: cannot write trajectory/x.safetensors of run ${idOf(1)}: the disk is full " +
                            """\(8 bytes are needed, \d+ bytes are free\)\. Everything stored before is intact\. """ +
                            "Free some space or choose another folder"
                    )
                failure = AccessDeniedException("x")
                shouldThrow<UserError> { run.putTable("metrics/x.parquet", table(1.0)) }.message shouldBe
                    "no writable store at $root: cannot write metrics/x.parquet of run ${idOf(1)}: permission denied. " +
                        "Choose a folder that you may write to"
                shouldThrow<UserError> { run.complete(summary(1.0)) }
            }
            contents(root) shouldBe before
            store.find(idOf(1)).get().verify().shouldBeEmpty()
        }

        "a store that cannot be written to can be read" {
            val root = folder()
            train(Store.open(root), 1)
            Files.delete(root.resolve("index.jsonl"))
            val events = mutableListOf<SetAside>()
            val store =
                Store.open(
                    root,
                    { events += it as SetAside },
                    AtomicFiles { _, _ -> throw AccessDeniedException("read-only") },
                )
            store.find(idOf(1)).get().table("metrics/loss.parquet").size() shouldBe 2
            store.list().map { it.id() } shouldBe listOf(idOf(1))
            shouldThrow<UserError> { store.write(idOf(2), "run", spec(2)) }.message shouldBe
                "no writable store at $root: cannot begin run ${idOf(2)}: permission denied. Choose a folder that you may write to"
            store.owner(idOf(2)).isEmpty shouldBe true
            Files.delete(root.resolve("${idOf(1)}/provenance.json"))
            store.find(idOf(1)).isEmpty shouldBe true
            events.single().message() shouldBe
                "run ${idOf(1)} is damaged (provenance.json: missing); it could not be moved and is ignored, " +
                    "it will be made again when it is needed"
        }

        "a place where no store can be" {
            val file = folder().resolve("file").apply { writeText("") }
            shouldThrow<UserError> { Store.open(file.resolve("store")).write(idOf(1), "run", spec(1)) }
                .message shouldStartWith "no writable store at $file/store: cannot begin run ${idOf(1)}: "
        }

        "ids by their first digits" {
            val store = Store.open(folder())
            val ids = listOf("aa00000011", "aa00000022", "bb00000033")
            ids.forEach { store.write(it, "run", spec(1)).close() }
            store.resolve("b") shouldBe "bb00000033"
            store.resolve("aa00000022") shouldBe "aa00000022"
            shouldThrow<UserError> { store.resolve("aa") }.message shouldBe
                "'aa' is not one run in ${store.root()}: expected the beginning of one id, found 2: aa00000011, aa00000022; give more digits"
            shouldThrow<UserError> { store.resolve("c") }.message shouldBe
                "no run 'c' in ${store.root()}; `holonomy runs` lists what is there"
        }

        "a deleted run is gone" {
            val store = Store.open(folder())
            train(store, 1)
            train(store, 2)
            store.delete(idOf(1))
            store.find(idOf(1)).isEmpty shouldBe true
            store.folder(idOf(1)).exists() shouldBe false
            store.list().map { it.id() } shouldBe listOf(idOf(2))
        }

        "tables of many runs are queried together" {
            val store = Store.open(folder())
            (1..3).forEach { train(store, it) }
            val result =
                Query.run(store.tables(), "SELECT run, max(loss) AS worst FROM loss GROUP BY run ORDER BY worst")
            result.rows().map { it.text("run") to it.number("worst") } shouldBe (1..3).map { idOf(it) to it.toDouble() }
        }

        "a closed writer writes no more" {
            val run = Store.open(folder()).write(idOf(1), "run", spec(1))
            run.close()
            shouldThrow<IllegalStateException> { run.putBytes("a", byteArrayOf()) }.message shouldBe
                "the writer of run ${idOf(1)} is closed"
            run.close()
        }
    })
