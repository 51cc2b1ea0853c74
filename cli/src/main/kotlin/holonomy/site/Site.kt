package holonomy.site

import holonomy.data.UserError
import holonomy.gallery.Assets
import holonomy.gallery.Highlight
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isRegularFile
import kotlin.io.path.name
import kotlin.io.path.readText
import org.commonmark.ext.gfm.tables.TableHead
import org.commonmark.ext.gfm.tables.TablesExtension
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension
import org.commonmark.node.AbstractVisitor
import org.commonmark.node.CustomNode
import org.commonmark.node.Heading
import org.commonmark.node.HtmlBlock
import org.commonmark.node.HtmlInline
import org.commonmark.node.Image
import org.commonmark.node.Link
import org.commonmark.node.Node
import org.commonmark.node.Text
import org.commonmark.parser.Parser
import org.commonmark.renderer.html.HtmlRenderer

/**
 * The documentation as static pages: README, `docs/`, the verdicts and how to contribute, each with all others at its
 * side. They lie as in the checkout, `docs/store.md` as `docs/store.html`; what they link and show is copied beside
 * them. Nothing runs in them and nothing is loaded from elsewhere.
 *
 * @param root the checkout
 * @param version shown at the head of every page
 */
internal class Site(private val root: Path, private val version: String) {
    private val extensions = listOf(TablesExtension.create(), HeadingAnchorExtension.create())
    private val parser = Parser.builder().extensions(extensions).build()
    private val renderer =
        HtmlRenderer.builder()
            .extensions(extensions)
            .nodeRendererFactory { context -> Code(context) }
            .attributeProviderFactory { Attributes() }
            .build()
    private val parts: List<Part> = parts()
    private val pages: List<Page> = parts.flatMap { it.pages }

    /** A heading of the side navigation, and what stands below it. */
    private class Part(val title: String, val pages: List<Page>)

    /** A page: where its text lies in the checkout, and where it goes, both relative, with '/'. */
    private inner class Page(val source: String) {
        val target =
            if (source == README) "index.html"
            else if (source.endsWith(".md")) source.dropLast(2) + "html" else "$source.html"
        val text: String by lazy { root.resolve(source).readText() }
        val document: Node? by lazy { if (source.endsWith(".md")) parser.parse(text) else null }
        val title: String by lazy {
            val heading = document?.let { first(it) }
            if (source == README) "Overview" else heading?.let(::words) ?: source.substringAfterLast('/')
        }

        private fun first(document: Node): Heading? =
            generateSequence(document.firstChild) { it.next }.filterIsInstance<Heading>().firstOrNull()
    }

    /**
     * Writes everything below a folder, which may hold pages of before.
     *
     * @param api where the pages of the API lie below that folder, or null
     * @return the first page
     * @throws UserError naming page and link, where a link leads to nothing
     */
    fun write(folder: Path, api: String? = null): Path {
        val assets = sortedSetOf<String>()
        for (page in pages) {
            val file = folder.resolve(page.target)
            Files.createDirectories(file.parent)
            Files.writeString(file, html(page, api, assets))
        }
        for (asset in assets) {
            val file = folder.resolve(asset)
            Files.createDirectories(file.parent)
            Files.copy(root.resolve(asset), file, StandardCopyOption.REPLACE_EXISTING)
        }
        return folder.resolve(pages.first().target)
    }

    private fun html(page: Page, api: String?, assets: MutableSet<String>): String {
        val body = page.document?.let { rendered(page, assets) } ?: script(page)
        val title = escaped(if (page.source == README) "Holonomy" else "${page.title} · Holonomy")
        return """
            |<!doctype html>
            |<html lang="en">
            |<head>
            |<meta charset="utf-8">
            |<meta name="viewport" content="width=device-width, initial-scale=1">
            |<meta name="color-scheme" content="light dark">
            |<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:">
            |<link rel="icon" href="data:,">
            |<title>$title</title>
            |<style>
            |$STYLE</style>
            |</head>
            |<body>
            |<a class="skip" href="#content">to the text</a>
            |<nav aria-label="pages"><details open><summary>Holonomy ${escaped(version)}</summary>
            |${navigation(page, api)}
            |</details></nav>
            |<main id="content" tabindex="-1">
            |$body
            |</main>
            |</body>
            |</html>
            |"""
            .trimMargin()
    }

    private fun navigation(here: Page, api: String?): String {
        val reference =
            api?.let {
                "<h2>API</h2><ul><li><a href=\"${relative(here.target, it)}\">Kotlin and Java, with the formulas</a></li></ul>"
            }
        return parts.joinToString("\n") { part ->
            val entries =
                part.pages.joinToString("") {
                    val current = if (it === here) " aria-current=\"page\"" else ""
                    "<li><a href=\"${relative(here.target, it.target)}\"$current>${escaped(it.title)}</a></li>"
                }
            "<h2>${part.title}</h2><ul>$entries</ul>"
        } + reference.orEmpty()
    }

    private fun script(page: Page) =
        "<h1>${escaped(page.source.substringAfterLast('/'))}</h1>\n<pre tabindex=\"0\"><code>${Highlight.kotlin(page.text)}</code></pre>"

    /** The document with its links led to pages and copies. */
    private fun rendered(page: Page, assets: MutableSet<String>): String {
        val text = parser.parse(page.text)
        text.accept(
            object : AbstractVisitor() {
                override fun visit(link: Link) {
                    link.destination = led(page, link.destination, assets)
                    visitChildren(link)
                }

                override fun visit(image: Image) {
                    image.destination = led(page, image.destination, assets)
                    visitChildren(image)
                }

                override fun visit(node: CustomNode) {
                    if (node is TableHead && words(node).isBlank()) node.unlink() else visitChildren(node)
                }

                override fun visit(block: HtmlBlock) = comment(page, block, block.literal)

                override fun visit(inline: HtmlInline) = comment(page, inline, inline.literal)
            }
        )
        return renderer
            .render(text)
            .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
            .replace("</table>", "</table></div>")
    }

    /** Comments are for our own tests; other HTML would pass unescaped. */
    private fun comment(page: Page, node: Node, text: String) {
        if (!text.trim().startsWith("<!--")) {
            throw UserError("site: ${page.source} holds HTML, '${text.trim()}'; say it in Markdown")
        }
        node.unlink()
    }

    private fun led(page: Page, destination: String, assets: MutableSet<String>): String {
        if (destination.startsWith("#") || Regex("^[a-z]+:").containsMatchIn(destination)) return destination
        val file = destination.substringBefore('#')
        val fragment = destination.removePrefix(file)
        val found = root.resolve(page.source).resolveSibling(file).normalize()
        if (!found.startsWith(root) || !found.isRegularFile()) {
            throw UserError("site: ${page.source} links to '$destination', and there is no file $found; mend the link")
        }
        val source = root.relativize(found).invariantSeparatorsPathString
        val other = pages.firstOrNull { it.source == source }
        if (other == null) assets += source
        return relative(page.target, other?.target ?: source) + fragment
    }

    private fun parts(): List<Part> {
        val all = sources()
        val named =
            PARTS.map { (title, own) -> title to own.flatMap { pattern -> all.filter { matches(it, pattern) } } }
        val rest = all - named.flatMap { it.second }.toSet()
        return (named + ("More" to rest))
            .filter { it.second.isNotEmpty() }
            .map { (title, own) -> Part(title, own.map(::Page)) }
    }

    private fun matches(source: String, pattern: String) =
        if (pattern.endsWith("/")) source.startsWith(pattern) else source == pattern

    private fun sources(): List<String> {
        val inside =
            Files.walk(root.resolve("docs")).use { all ->
                all.filter { it.isRegularFile() && (it.extension == "md" || it.name.endsWith(".main.kts")) }.toList()
            }
        val own = inside.map { root.relativize(it).invariantSeparatorsPathString }.sorted()
        return OUTSIDE.filter { root.resolve(it).isRegularFile() } + own
    }

    private companion object {
        const val README = "README.md"
        val OUTSIDE = listOf(README, "figures/CLAIMS.md", "CONTRIBUTING.md", "CHANGELOG.md")

        /** What belongs together, in order; a page that isn't named here comes last. */
        val PARTS =
            listOf(
                "Start" to listOf(README, "docs/tutorial.md", "docs/words.md", "docs/interactive.md"),
                "Cookbook" to listOf("docs/cookbook/"),
                "Findings" to listOf("docs/findings/", "figures/CLAIMS.md"),
                "How claims are judged" to listOf("docs/statistics.md", "docs/verdict-changes.md"),
                "Running" to
                    listOf(
                        "docs/store.md",
                        "docs/snapshots.md",
                        "docs/gpu.md",
                        "docs/cluster.md",
                        "docs/performance.md",
                    ) +
                        listOf(
                            "docs/performance-sae.md",
                            "docs/scale.md",
                            "docs/standard.md",
                            "docs/standard-language.md",
                        ),
                "Measures" to listOf("docs/backbone.md", "docs/curvature.md"),
                "The house" to listOf("docs/design.md", "CONTRIBUTING.md", "CHANGELOG.md"),
            )

        val STYLE: String by lazy { Assets.text("/holonomy/site/site.css") }
    }
}

/** From one page to another. */
private fun relative(from: String, to: String): String =
    (Path.of(from).parent ?: Path.of("")).relativize(Path.of(to)).invariantSeparatorsPathString

/** The words of a heading, or of a table's. */
private fun words(node: Node): String {
    val text = StringBuilder()
    node.accept(
        object : AbstractVisitor() {
            override fun visit(one: Text) {
                text.append(one.literal)
            }

            override fun visit(code: org.commonmark.node.Code) {
                text.append(code.literal)
            }
        }
    )
    return text.toString()
}
