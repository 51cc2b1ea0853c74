package holonomy.gallery

import holonomy.data.AtomicFiles
import holonomy.figure.Exported
import holonomy.figure.Exporter
import holonomy.figure.Figure
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/**
 * Everything one page shows.
 *
 * @property about a line below the title: profile, revision, machine, date
 * @property tried how many claims were tried and what stands among them
 */
data class GalleryContent(
    val title: String,
    val about: String,
    val experiments: List<GalleryExperiment>,
    val tried: String = "",
)

/**
 * One experiment of the gallery.
 *
 * @property name its script's name, unique on the page
 * @property scriptName,script file name and text of the script
 * @property cost what it took, in words ("3 runs, 41 s on 2 cores")
 * @property failure what went wrong, when something did; the rest is shown all the same
 * @property study what it belongs to: the page can show one study alone
 */
data class GalleryExperiment(
    val name: String,
    val question: String,
    val figures: List<GalleryFigure>,
    val claims: List<GalleryClaim>,
    val scriptName: String = "",
    val script: String = "",
    val cost: String = "",
    val failure: String? = null,
    val study: String = "",
)

/**
 * One figure of the gallery.
 *
 * @property svg the whole SVG, as [Exporter] wrote it
 * @property links label to address relative to the page: CSV, PNG, JSON
 * @property marks what its marks say to the pointer, see [Figure.marks]
 */
data class GalleryFigure(
    val name: String,
    val title: String,
    val caption: String,
    val svg: String,
    val links: Map<String, String> = emptyMap(),
    val marks: String = "",
)

/** One row of the claims table; all texts as they are to be read; [reason] says why the verdict is what it is. */
data class GalleryClaim(
    val text: String,
    val source: String,
    val published: String,
    val estimate: String,
    val interval: String,
    val nulls: String,
    val verdict: String,
    val reason: String = "",
)

/**
 * The gallery: one self-contained page, all texts escaped. Nothing is loaded, and nothing runs but its own script
 * (`gallery.js`), which the page's policy admits by its SHA-256.
 */
object Gallery {
    /**
     * Writes `index.html` into a folder, beside its place and then renamed.
     *
     * @throws IOException naming the file, when it cannot be written
     */
    fun write(content: GalleryContent, folder: Path): Path {
        val file = folder.resolve("index.html")
        try {
            AtomicFiles.standard().writeUnsynced(file) { Files.writeString(it, html(content)) }
        } catch (e: IOException) {
            throw IOException("gallery: cannot write $file (${e.message}); name another folder with --out DIR", e)
        }
        return file
    }

    /** The entry of a figure that was exported into [folder], with links relative to the page's folder [page]. */
    fun figure(figure: Figure, exported: Exported, page: Path): GalleryFigure {
        val links =
            exported.files.drop(1).associate { file ->
                file.toString().substringAfterLast('.').uppercase() to
                    page.toAbsolutePath().relativize(file.toAbsolutePath()).joinToString("/")
            }
        val caption = listOf(exported.subtitle, exported.caption).filter { it.isNotBlank() }.joinToString(". ")
        return GalleryFigure(
            figure.name,
            figure.title,
            caption,
            Files.readString(exported.files.first()),
            links,
            figure.marks,
        )
    }

    /** The page as text. */
    fun html(content: GalleryContent): String {
        val twice = content.experiments.groupBy { it.name }.filterValues { it.size > 1 }.keys
        require(twice.isEmpty()) { "gallery: two experiments named '${twice.first()}'; give one another name" }
        return GalleryPage(content, style, script).html()
    }

    private val style: String by lazy { Assets.text("gallery.css") }

    private val script: String by lazy { Assets.text("gallery.js") }
}
