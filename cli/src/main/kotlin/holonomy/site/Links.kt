package holonomy.site

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.data.UserError
import java.io.File
import java.net.URLDecoder
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isRegularFile
import kotlin.io.path.readText

/**
 * The links of a folder of pages, from page to page as a reader goes: every file linked lies in the folder, and where a
 * link names an anchor, its page has it. Links to elsewhere are left alone: nothing is looked up outside the folder.
 */
internal class Links(folder: Path) {
    private val root: Path = folder.toAbsolutePath().normalize()
    private val anchors = mutableMapOf<Path, Set<String>>()

    /** @property links counted as often as they stand there; those to elsewhere aren't */
    class Followed(val pages: Int, val links: Int)

    /**
     * Follows all links from some pages on.
     *
     * @param starts relative to the folder; a `.json` among them is Dokka's list of what its search finds
     * @throws UserError naming every page, its link and what is missing
     */
    fun follow(starts: List<String>): Followed {
        val seen = starts.mapTo(linkedSetOf()) { root.resolve(it) }
        val next = ArrayDeque(seen)
        val broken = mutableListOf<String>()
        var links = 0
        while (next.isNotEmpty()) {
            val page = next.removeFirst()
            for (link in linksOf(page)) {
                links++
                val to = target(page, link)
                missing(to, link.substringAfter('#', ""))?.let { broken += "${shown(page)} links to '$link': $it" }
                if (to.extension == "html" && inside(to) && seen.add(to)) next.addLast(to)
            }
        }
        if (broken.isNotEmpty()) throw UserError(message(broken.distinct()))
        return Followed(seen.size, links)
    }

    private fun message(broken: List<String>): String {
        val more = broken.size - SHOWN
        return broken.take(SHOWN).joinToString("\n") { "site: $it" } + if (more > 0) "\nsite: and $more more" else ""
    }

    private fun linksOf(page: Path): List<String> =
        if (page.extension == "json")
            ObjectMapper().readTree(page.toFile()).map { "../" + it.path("location").asText() }
        else
            LINK.findAll(text(page))
                .map { it.groupValues[1].replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&") }
                .filterNot(ELSEWHERE::containsMatchIn)
                .toList()

    private fun target(page: Path, link: String): Path {
        val path = link.substringBefore('#').substringBefore('?')
        return if (path.isEmpty()) page else page.resolveSibling(decoded(path)).normalize()
    }

    /** What of a link isn't there, in words; null where all of it is. */
    private fun missing(to: Path, anchor: String): String? =
        when {
            !to.startsWith(root) -> "it leads out of the pages' folder"
            !to.isRegularFile() -> "there is no file ${shown(to)}"
            anchor.isEmpty() || anchors(to).let { anchor in it || decoded(anchor) in it } -> null
            else -> "${shown(to)} has no anchor of this name"
        }

    private fun inside(file: Path) = file.startsWith(root) && file.isRegularFile()

    private fun anchors(page: Path): Set<String> =
        anchors.getOrPut(page) { ANCHOR.findAll(text(page)).map { it.groupValues[1] }.toSet() }

    private fun text(page: Path): String = if (page.isRegularFile()) page.readText() else ""

    private fun shown(file: Path) =
        if (file.startsWith(root)) root.relativize(file).invariantSeparatorsPathString else file.toString()

    /** Of %20 and the like; a plus sign in an address is one. */
    private fun decoded(text: String): String = URLDecoder.decode(text.replace("+", "%2B"), Charsets.UTF_8)

    private companion object {
        const val SHOWN = 20
        val LINK = Regex("\\s(?:href|src)=\"([^\"]*)\"")
        val ANCHOR = Regex("\\s(?:id|name)=\"([^\"]*)\"")
        val ELSEWHERE = Regex("^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")
    }
}

/**
 * Gives Dokka's pages the anchors that it forgets. Of several functions of one name on a class's page the first alone
 * has one, while each is linked to: the page's own link to the others, beside their signature, becomes theirs.
 *
 * @param folder where Dokka's pages lie
 */
internal fun setForgottenAnchors(folder: File) {
    folder
        .walk()
        .filter { it.name == "index.html" }
        .forEach { page ->
            val text = page.readText()
            val ids = Regex(" id=\"([^\"]*)\"").findAll(text).mapTo(mutableSetOf()) { it.groupValues[1] }
            val mended =
                Regex("<a href=\"index\\.html#([^\"]+)\"").replace(text) { link ->
                    val anchor = link.groupValues[1]
                    if (ids.add(anchor)) link.value.replace("<a ", "<a id=\"$anchor\" ") else link.value
                }
            if (mended != text) page.writeText(mended)
        }
}
