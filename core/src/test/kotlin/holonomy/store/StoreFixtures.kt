package holonomy.store

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import holonomy.data.Identity
import holonomy.data.Table
import holonomy.data.Tensor
import java.nio.file.Files
import java.nio.file.Path
import java.util.TreeMap
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isRegularFile
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo

val json = ObjectMapper()

fun spec(seed: Int): ObjectNode = json.createObjectNode().put("kind", "run").put("seed", seed)

fun summary(accuracy: Double): JsonNode = json.createObjectNode().put("accuracy", accuracy)

fun idOf(seed: Int): String = Identity.of(spec(seed))

fun table(vararg losses: Double): Table {
    val builder = Table.builder(listOf(Table.whole("step"), Table.quantity("loss")))
    losses.forEachIndexed { step, loss -> builder.row(step, loss) }
    return builder.build()
}

fun weights(step: Int) = TreeMap(mapOf("W_Q" to Tensor.of(step.toFloat(), 0.5f)))

/** A toy runner: what it writes depends on nothing but the seed, and it goes on from what is there. */
fun train(store: Store, seed: Int) {
    store.find(idOf(seed)).ifPresentOrElse({}) { store.write(idOf(seed), "run", spec(seed)).use { trainIn(it, seed) } }
}

fun trainIn(run: RunWriter, seed: Int): StoredRun {
    for (step in 0 until 3) {
        val snapshot = "trajectory/step-$step.safetensors"
        if (!run.exists(snapshot)) run.putTensors(snapshot, weights(seed + step), mapOf("step" to "$step"))
        run.putTensors("checkpoint/state.safetensors", weights(step), mapOf())
    }
    run.putTable("metrics/loss.parquet", table(seed.toDouble(), 1.0))
    run.putJson("provenance.json", json.createObjectNode().put("java", "17"))
    return run.complete(summary(seed / 10.0))
}

/**
 * Every file under a folder with its contents, temporary files and locks too; manifests without their time, and what
 * depends on it.
 */
fun contents(folder: Path): Map<String, String> =
    Files.walk(folder).use { paths ->
        paths
            .filter { it.isRegularFile() }
            .toList()
            .associate {
                it.relativeTo(folder).invariantSeparatorsPathString to it.readBytes().toString(Charsets.ISO_8859_1)
            }
            .mapValues { (_, text) ->
                text.replace(Regex("\"(created|manifestChanged|seal|check)\":(\"[^\"]*\"|\\d+)"), "")
            }
            .toSortedMap()
    }
