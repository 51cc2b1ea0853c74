package holonomy.figure

import com.fasterxml.jackson.databind.JsonNode
import holonomy.data.AtomicFiles
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/**
 * What became of one figure.
 *
 * @property drawn false when the files of an earlier export were still right
 * @property files written or found, SVG first
 * @property warning what is missing and what to do about it; null when nothing is
 */
data class Exported(
    val name: String,
    val drawn: Boolean,
    val files: List<Path>,
    val caption: String,
    val subtitle: String,
    val warning: String? = null,
)

/**
 * Writes figures into a folder: NAME.svg, NAME.png (twice the size), NAME.csv (the rows drawn), NAME.json (where they
 * came from); for papers NAME.pdf, too, a single column wide. Every file is written beside its place and renamed; the
 * JSON goes last. A figure whose digest and files are unchanged is left alone.
 *
 * @param paper whether pictures for papers are wanted, see [Paper]
 */
class Exporter(private val folder: Path, private val paper: Boolean = false) {
    /**
     * Exports several, side by side on all cores, and says of each, in their order, what became of it: one that fails
     * stops no other.
     */
    fun exportAll(figures: List<Pair<Figure, FigureContext>>): List<Result<Exported>> =
        figures.parallelStream().map { (figure, context) -> runCatching { export(figure, context) } }.toList()

    /** @throws IOException when the folder cannot be written, naming it */
    fun export(figure: Figure, context: FigureContext): Exported {
        val dressed = Dressed(figure, context)
        val digest = Digest.of(dressed)
        return existing(dressed, digest) ?: draw(dressed, digest)
    }

    private fun existing(dressed: Dressed, digest: String): Exported? {
        val record = path(dressed.figure, "json")
        if (!Files.isRegularFile(record)) return null
        val json =
            try {
                Digest.json.readTree(record.toFile())
            } catch (e: IOException) {
                return null
            }
        if (json.path("digest").asText() != digest || !intact(json.path("files"))) return null
        val files = json.path("files").fieldNames().asSequence().map { folder.resolve(it) }.toList().plusElement(record)
        if (files.none { it.toString().endsWith(".png") } && Raster.obstacle == null) return null
        val drawn = json.path("paper").asText().takeIf { files.any { it.toString().endsWith(".pdf") } }
        if (paper && Pdf.obstacle == null && drawn != Pdf.DRAWN_WITH) return null
        return exported(dressed, false, files)
    }

    private fun intact(files: JsonNode): Boolean =
        !files.isEmpty &&
            files.properties().all { (name, sha) ->
                val file = folder.resolve(name)
                Files.isRegularFile(file) && Digest.hex(Files.readAllBytes(file)) == sha.asText()
            }

    private fun draw(dressed: Dressed, digest: String): Exported {
        val figure = dressed.figure
        val about = "${dressed.subtitle}. ${dressed.caption}"
        val svg = SvgText.finish(Render.svg(dressed), figure, about)
        val contents = linkedMapOf("svg" to svg.toByteArray())
        if (Raster.obstacle == null) contents["png"] = Raster.png(svg, figure.size)
        contents["csv"] = Csv.of(figure.layers).toByteArray()
        if (paper && Pdf.obstacle == null) contents["pdf"] = pdf(dressed, about)
        prepare()
        val files = contents.map { (kind, bytes) -> write(path(figure, kind), bytes) }
        listOf("png", "pdf").filter { it !in contents }.forEach { Files.deleteIfExists(path(figure, it)) }
        val hashes =
            files.zip(contents.values).associate { (file, bytes) -> file.fileName.toString() to Digest.hex(bytes) }
        val drawn = if ("pdf" in contents) mapOf("paper" to Pdf.DRAWN_WITH) else emptyMap()
        val record = Digest.json.writeValueAsBytes(Provenance.of(dressed, digest, hashes) + drawn)
        return exported(dressed, true, files.plusElement(write(path(figure, "json"), record)))
    }

    private fun exported(dressed: Dressed, drawn: Boolean, files: List<Path>): Exported {
        val order = listOf("svg", "png", "pdf", "csv", "json")
        val sorted = files.sortedBy { order.indexOf(it.toString().substringAfterLast('.')) }
        val warning = Raster.obstacle ?: Pdf.obstacle.takeIf { paper }
        return Exported(dressed.figure.name, drawn, sorted, dressed.caption, dressed.subtitle, warning)
    }

    private fun pdf(dressed: Dressed, about: String): ByteArray {
        val (spec, size) = Paper.of(dressed.spec)
        val svg = Render.svg(spec.toMutableMap())
        return Pdf.of(SvgText.finish(svg, dressed.figure, about, size), size)
    }

    private fun prepare() {
        try {
            Files.createDirectories(folder)
        } catch (e: IOException) {
            throw IOException("figures: cannot make the folder $folder (${e.message}); name another with --out DIR", e)
        }
    }

    private fun write(file: Path, bytes: ByteArray): Path {
        try {
            AtomicFiles.standard().writeUnsynced(file) { Files.write(it, bytes) }
        } catch (e: IOException) {
            throw IOException(
                "figures: cannot write $file (${e.message}); free the space or name another folder with --out DIR",
                e,
            )
        }
        return file
    }

    private fun path(figure: Figure, kind: String): Path = folder.resolve("${figure.name}.$kind")
}

/** What NAME.json holds. */
internal object Provenance {
    fun of(dressed: Dressed, digest: String, files: Map<String, String>): Map<String, Any?> {
        val figure = dressed.figure
        val context = dressed.context
        return linkedMapOf(
            "name" to figure.name,
            "title" to figure.title,
            "subtitle" to dressed.subtitle,
            "caption" to dressed.caption,
            "question" to context.question,
            "script" to context.script,
            "profile" to context.profile,
            "seeds" to context.seeds,
            "device" to context.device,
            "machine" to context.machine,
            "seconds" to context.seconds,
            "runs" to figure.sources,
            "versions" to context.versions + Digest.DRAWN_WITH,
            "layers" to figure.layers.map { mapOf("role" to it.role, "rows" to it.table.size()) },
            "digest" to digest,
            "files" to files,
        )
    }
}
