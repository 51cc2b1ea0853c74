package holonomy.store

import holonomy.data.Parquet
import holonomy.data.Table
import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.math.BigDecimal
import java.nio.file.Files
import java.nio.file.Path
import kotlin.Double.Companion.POSITIVE_INFINITY
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.math.abs
import kotlin.math.pow

private const val LOSS = "metrics/loss.parquet"
private const val EMPTY = "metrics/empty.parquet"

private val gaps =
    Table.builder(listOf(Table.text("word"), Table.whole("n"), Table.quantity("x")))
        .row("a", 1, .1)
        .row(null, null, Double.NaN)
        .row("", Long.MAX_VALUE, -1e-300)
        .build()

private fun stored(store: Store, seed: Int, tables: Map<String, Table>): StoredRun =
    store.write(idOf(seed), "run", spec(seed)).use { run ->
        run.putTensors("trajectory/step-0.safetensors", weights(seed), mapOf())
        tables.forEach { (path, table) -> run.putTable(path, table) }
        run.putJson("metrics/loss.json", json.createObjectNode().put("name", "loss"))
        run.putJson("provenance.json", json.createObjectNode().put("java", "17"))
        run.complete(summary(seed / 10.0))
    }

/** Two published runs, the tables of one a part of the other's, and the runs as they were in the store. */
private class Published(val folder: Path) {
    val runs: List<StoredRun>
    val about = json.createObjectNode().put("experiment", "one")

    init {
        val store = Store.open(folder.resolve("store"))
        val empty = Table.builder(gaps.columns())
        runs =
            listOf(
                stored(store, 1, mapOf(LOSS to table(.5, 1 / 3.0), EMPTY to empty.build())),
                stored(store, 2, mapOf(LOSS to table(Double.NaN), EMPTY to gaps)),
            )
        val parts =
            listOf(Publication.Part("first", runs[0], listOf(LOSS, EMPTY)), Publication.Part.whole("second", runs[1]))
        Publication.write(folder.resolve("data"), about, parts)
    }

    val data: Path = folder.resolve("data")

    fun open(): PublishedTables = PublishedTables.open(data).get()

    fun damage(file: String, change: (ByteArray) -> ByteArray): String? {
        val path = data.resolve(file)
        path.writeBytes(change(path.readBytes()))
        return shouldThrow<UserError> { open() }.message
    }
}

class PublishedTablesTest :
    FreeSpec({
        fun published() = Published(tempdir().toPath())

        "runs are read back with their rows, summaries, specs and provenance, the store gone" {
            val published = published()
            val before = published.runs.map { run -> listOf(run.table(LOSS), run.table(EMPTY), run.spec()) }
            published.folder.resolve("store").toFile().deleteRecursively()
            val tables = published.open()
            tables.runs().keys.toList() shouldBe published.runs.map { it.id() }
            tables.about() shouldBe published.about
            tables.runs().values.forEachIndexed { i, run ->
                listOf(run.table(LOSS), run.table(EMPTY), run.spec()) shouldBe before[i]
                run.summary() shouldBe summary((i + 1) / 10.0)
                run.json("provenance.json") shouldBe json.createObjectNode().put("java", "17")
                run.created() shouldBe published.runs[i].created()
                run.files().keys.toList() shouldBe listOf(EMPTY, LOSS, "provenance.json", "spec.json")
                run.verify() shouldBe listOf<String>()
            }
            Files.exists(published.folder.resolve("store")) shouldBe false
        }

        "there is one file a measure, with the column run in front" {
            val published = published()
            Files.list(published.data).use { files -> files.map { "${it.fileName}" }.sorted().toList() } shouldBe
                listOf("empty.parquet", "loss.parquet", "published.json", "runs.parquet")
            val rows = Parquet.read(published.data.resolve("loss.parquet"))
            rows.columns().map { it.name() } shouldBe listOf("run", "step", "loss")
            rows.rows().map { it.text("run") } shouldBe List(2) { idOf(1) } + idOf(2)
            json
                .readTree(published.data.resolve("published.json").toFile())
                .at("/measures/loss.parquet/name")
                .asText() shouldBe "loss"
        }

        "equal runs are published in equal bytes" {
            val files = List(2) { Published(tempdir().toPath()).data.resolve("empty.parquet").readBytes().toList() }
            files[0] shouldBe files[1]
        }

        "long columns of measured reals are rounded, and nothing else is" {
            val columns = listOf("real", "share", "near one") // the second has few different values
            val rows = Table.builder(columns.map(Table::quantity) + Table.whole("step"))
            val n = 10_002
            for (i in 1..n) rows.row(-1 / (i + .1), (i % 10) / 10.0, 1 - 1e-9 / i, 16_777_217L + i)
            rows.row(null, Double.NaN, 0.0, null)
            val whole = rows.build()
            val folder = tempdir().toPath()
            val run = stored(Store.open(folder.resolve("store")), 1, mapOf(LOSS to whole))
            Publication.write(folder.resolve("data"), json.createObjectNode(), listOf(Publication.Part.whole("a", run)))
            val read = PublishedTables.open(folder.resolve("data")).get().find(run.id()).get().table(LOSS)
            read.size() shouldBe n + 1
            for (i in 0..n) {
                for (name in listOf("share", "step")) read.value(i, name) shouldBe whole.value(i, name)
                for (name in listOf("real", "near one")) {
                    read.value(i, name) shouldBe whole.value(i, name)?.let { Publication.rounded(it as Double) }
                }
            }
            read.value(4, "real") shouldNotBe whole.value(4, "real")
        }

        "rounding keeps eight digits of a number, and of what it lacks to one; twice is once" {
            val limit = 2.0.pow(-28)
            val random = java.util.Random(1)
            val numbers = List(2_000) { random.nextGaussian() * 10.0.pow(random.nextInt(-200, 200)) }
            val shares = List(2_000) { 1 - random.nextDouble() * 10.0.pow(random.nextInt(-9, 0)) }
            for (x in numbers + shares + shares.map { -it }) {
                val rounded = Publication.rounded(x)
                val error = BigDecimal(rounded).subtract(BigDecimal(x)).abs().toDouble()
                error shouldBeLessThanOrEqual limit * minOf(abs(x), abs(1 - abs(x)))
                Publication.rounded(rounded) shouldBe rounded
            }
            listOf(.0, -.0, 1.0, -1.0, .5, 3.0, 4e-324, 1 - 1e-16, 1e5 + 1, Double.MAX_VALUE, POSITIVE_INFINITY)
                .forEach { Publication.rounded(it) shouldBe it }
        }

        "an id that is not there is not found, and a folder without tables has none" {
            published().open().find(idOf(3)).isEmpty shouldBe true
            PublishedTables.open(tempdir().toPath()).isEmpty shouldBe true
        }

        "weights are not there, and that is said" {
            val published = published()
            val run = published.open().find(idOf(1)).get()
            shouldThrow<UserError> { run.tensors("trajectory/step-0.safetensors") }.message shouldBe
                "run ${idOf(1)}: no 'trajectory/step-0.safetensors' of it in ${published.data}, which has empty.parquet, loss.parquet; " +
                    "it was published by another script than this one, or what is asked for are weights, which are not published: " +
                    "run the experiment again"
            shouldThrow<UserError> { run.verified(LOSS) }.message shouldBe
                "run ${idOf(1)}: expected a file of its own for '$LOSS', found published tables in ${published.data}, " +
                    "which hold the rows of many runs"
        }

        "damage is named: every file that is not what was published" {
            val published = published()
            fun said(what: String) =
                "published tables ${published.data}: $what. Take the folder from git again, or run and publish the experiment again"
            val loss = published.data.resolve("loss.parquet").readBytes()
            val message = published.damage("loss.parquet") { bytes -> bytes.also { it[40] = (it[40] + 1).toByte() } }
            message!! shouldContain "published tables ${published.data}: loss.parquet: expected SHA-256 "
            published.damage("loss.parquet") { it.copyOf(it.size - 1) } shouldBe
                said("loss.parquet: expected ${loss.size} bytes, found ${loss.size - 1} bytes")
            Files.delete(published.data.resolve("empty.parquet"))
            published.damage("loss.parquet") { it.copyOf(1) } shouldBe
                said("empty.parquet: missing; loss.parquet: expected ${loss.size} bytes, found 1 bytes")
            published.damage("published.json") { String(it).replace("\"one\"", "\"two\"").toByteArray() } shouldBe
                said("published.json: its contents are not those that were sealed in it")
            published.damage("published.json") { "[]".toByteArray() } shouldBe
                said("published.json: expected a JSON object, found a JSON array")
            published.damage("published.json") { "{}".toByteArray() } shouldBe
                said("published.json: expected a seal, found none")
        }

        "tables of a newer version are not read" {
            val published = published()
            published.damage("published.json") { "{\"format\":2}".toByteArray() } shouldBe
                "published tables ${published.data} were written by a newer Holonomy: expected format 1 at most, found 2. Use that version"
        }
    })
