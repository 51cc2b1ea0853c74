package holonomy.laboratory

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.SerializationFeature
import holonomy.data.AtomicFiles
import holonomy.dsl.DeclaredClaim
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.time.temporal.ChronoUnit

/**
 * When a claim was declared as it stands, beside its data.
 *
 * @property at when its digest was first recorded
 * @property seen the seeds whose runs were finished by then
 * @property unseen those whose runs came later: they alone could surprise who wrote the claim
 */
class Declared(val at: Instant, val seen: List<Long>, val unseen: List<Long>) {
    /** `before` or `after` its data, or after some seeds and before others. */
    val words: String
        get() =
            when {
                seen.isEmpty() -> "declared before its data"
                unseen.isEmpty() -> "declared after its data"
                else -> "declared after the data of ${seeds(seen)}, before those of ${seeds(unseen)}"
            }

    private fun seeds(of: List<Long>) = (if (of.size == 1) "seed " else "seeds ") + of.joinToString(", ")
}

/**
 * The record of claims, `declared.json` beside the published figures: the digest of each claim that was ever published,
 * and when it was first there. A claim whose text, statistic, set, nulls, margins or conditions change is another one,
 * and gets a date of its own; the old entry stays.
 */
class DeclaredClaims(private val file: Path) {
    private val entries = read()

    /** When a claim of this digest was first recorded; null if it never was. */
    fun at(digest: String): Instant? = entries[digest]?.let { Instant.parse(it.getValue(DECLARED)) }

    /** Records the claims that are not there yet. */
    fun add(claims: List<DeclaredClaim>, now: Instant = Instant.now()) {
        val missing = claims.filter { it.digest !in entries }
        if (missing.isEmpty()) return
        val time = now.truncatedTo(ChronoUnit.MILLIS).toString()
        missing.forEach {
            entries[it.digest] = mapOf("experiment" to it.experiment, "claim" to it.text, DECLARED to time)
        }
        Files.createDirectories(file.toAbsolutePath().parent)
        AtomicFiles.standard().write(file, json.writeValueAsBytes(entries))
    }

    private fun read(): java.util.TreeMap<String, Map<String, String>> {
        val kept = java.util.TreeMap<String, Map<String, String>>()
        if (!Files.isRegularFile(file)) return kept
        json.readTree(file.toFile()).fields().forEach { (digest, entry) ->
            kept[digest] = entry.fields().asSequence().associate { it.key to it.value.asText() }
        }
        return kept
    }

    companion object {
        /** Its name in the folder of the published figures. */
        const val FILE = "declared.json"
        private const val DECLARED = "declared"
        private val json = ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)
    }
}
