package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.AtomicFiles
import holonomy.data.Sha256
import holonomy.data.UserError
import java.io.IOException
import java.nio.file.Files
import java.nio.file.LinkOption
import java.nio.file.Path

/**
 * A folder that an analysis writes into. Its `analysis.json` holds the numbers told in the terminal and the hashes of
 * all files written, so that the next analysis can take away what it doesn't write itself: files of the first that
 * nobody has changed since, and nothing else.
 */
internal class AnalysisFolder(private val folder: Path) {
    private val record = folder.resolve(RECORD)

    /**
     * Writes an analysis in place of an earlier one.
     *
     * @param names of the files that [write] may write
     * @param write writes files and gives what to tell of them
     * @throws UserError if the folder's `analysis.json` is somebody else's
     */
    fun <T> replace(names: List<String>, write: () -> T, told: (T) -> Map<String, Any?>): T {
        Files.createDirectories(folder)
        val before = recorded()
        // Until it is finished, the record says that all of these are ours: nothing stays behind after a kill either.
        keep(mapOf(), before + names.associateWith { UNFINISHED })
        val result = write()
        val written = names.filter { Files.isRegularFile(folder.resolve(it)) }
        (before - written.toSet()).forEach { (name, hash) -> remove(folder.resolve(name), hash) }
        keep(told(result), written.associateWith { Sha256.of(folder.resolve(it)) })
        return result
    }

    private fun remove(file: Path, hash: String) {
        val ours =
            Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && (hash == UNFINISHED || Sha256.of(file) == hash)
        if (ours) Files.delete(file)
    }

    private fun recorded(): Map<String, String> {
        if (!Files.exists(record)) return mapOf()
        val files = read().path("files")
        return files.properties().filter { NAME.matches(it.key) }.associate { it.key to it.value.asText() }
    }

    private fun read(): JsonNode {
        val json =
            try {
                JSON.readTree(record.toFile())
            } catch (e: IOException) {
                null
            }
        if (json?.path("command")?.asText() == COMMAND) return json
        throw UserError(
            "--out: $record is not the record of an earlier analysis, expected none or one; give another folder, or move it away"
        )
    }

    private fun keep(told: Map<String, Any?>, files: Map<String, String>) {
        val content = linkedMapOf<String, Any?>("command" to COMMAND) + told + ("files" to files)
        AtomicFiles.standard().write(record, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content))
    }

    private companion object {
        const val RECORD = "analysis.json"
        const val COMMAND = "holonomy analyse"
        const val UNFINISHED = ""
        val NAME = Regex("[A-Za-z0-9][A-Za-z0-9._-]*")
        val JSON = ObjectMapper()
    }
}
