package holonomy.store

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ArrayNode
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.Nightly
import holonomy.data.CanonicalJson
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.util.Random

private const val INPUTS = 1000

private val extremes =
    listOf(
        "null",
        "-1",
        "0.5",
        "1e999",
        "-0.0",
        "99999999999999999999999999",
        "9223372036854775807",
        "\"\"",
        "\"../../../etc/passwd\"",
        "\"\\u0000\"",
        "[]",
        "{}",
        "[".repeat(3000),
        "{\"a\":".repeat(3000),
        "\"" + "x".repeat(100_000) + "\"",
        "1".repeat(2000),
    )

/** Other bytes: some of the text taken away, doubled, replaced or put in, up to four times. */
private fun mutated(text: ByteArray, random: Random): ByteArray {
    var bytes = text
    repeat(1 + random.nextInt(4)) {
        val from = random.nextInt(bytes.size + 1)
        val to = minOf(bytes.size, from + random.nextInt(40))
        val middle =
            when (random.nextInt(5)) {
                0 -> byteArrayOf()
                1 -> bytes.copyOfRange(from, to) + bytes.copyOfRange(from, to)
                2 -> ByteArray(random.nextInt(8)).also(random::nextBytes)
                3 -> byteArrayOf(-1, -2) + bytes.copyOfRange(from, to)
                else -> extremes[random.nextInt(extremes.size)].toByteArray()
            }
        bytes = bytes.copyOfRange(0, from) + middle + bytes.copyOfRange(to, bytes.size)
        if (random.nextInt(10) == 0) bytes = bytes.copyOf(random.nextInt(bytes.size + 1))
    }
    return bytes
}

private val values =
    listOf("null", "-1", "1e300", "12345678901234567890123", "\"\"", "\"a/../../b\"", "[]", "{}", "true")

/** Another tree: a value somewhere in it replaced or taken away. The tree is modified. */
private fun mutate(tree: JsonNode, random: Random) {
    val places = mutableListOf<JsonNode>()
    fun collect(node: JsonNode) {
        if (node.isContainerNode && node.size() > 0) places.add(node)
        node.forEach(::collect)
    }
    collect(tree)
    val other = ObjectMapper().readTree(values[random.nextInt(values.size)])
    when (val place = places[random.nextInt(places.size)]) {
        is ObjectNode -> {
            val key = place.fieldNames().asSequence().toList().let { it[random.nextInt(it.size)] }
            if (random.nextInt(3) == 0) place.remove(key) else place.set<JsonNode>(key, other)
        }
        is ArrayNode -> place.set(random.nextInt(place.size()), other)
    }
}

/**
 * Whatever stands in a store's small files: it is read, or said to be damaged. What was sealed and is changed is never
 * believed; what somebody forged, seal and all, may be believed, but crashes nothing.
 */
class MutatedStoreTest :
    FreeSpec({
        tags(Nightly)

        val tiny = TinyStore()
        afterSpec { tiny.close() }

        fun inputs(file: String, forge: ((ByteArray, Random) -> ByteArray)?) {
            val random = Random(file.substringAfterLast('/').hashCode().toLong())
            val bytes = Files.readAllBytes(tiny.root.resolve(file))
            val whole = tiny.use(file)
            var errors = 0
            repeat(INPUTS) { i ->
                val forged = forge != null && i % 2 == 1
                val input = if (forged) forge!!(bytes, random) else mutated(bytes, random)
                withClue({ "input $i for $file" }) {
                    val use = tiny.useWith(file, input)
                    val other = use.read.filter { (name, value) -> value != whole.read[name] }.keys
                    withClue({ "other $other; said ${use.said}" }) { (forged || other.isEmpty()) shouldBe true }
                    if (use.said.isNotEmpty()) errors++
                }
            }
            println("$INPUTS inputs for ${file.substringAfterLast('/')}: $errors clear errors, ${INPUTS - errors} read")
        }

        fun sealed(bytes: ByteArray, random: Random): ByteArray {
            val tree = ObjectMapper().readTree(bytes) as ObjectNode
            tree.remove("seal")
            repeat(1 + random.nextInt(3)) { mutate(tree, random) }
            return CanonicalJson.bytes(Seal.sealed(tree))
        }

        "manifests" { inputs("${tiny.finished.id()}/manifest.json", ::sealed) }
        "pointers of checkpoints" { inputs("${tiny.interrupted.id()}/checkpoint/current.json", ::sealed) }
        "specs" { inputs("${tiny.interrupted.id()}/spec.json", null) }
        "lines of the index" { inputs("index.jsonl", null) }
        "leases" { inputs("locks/${tiny.leased}", null) }
    })
