package holonomy.site

import holonomy.cli.Commands
import holonomy.data.UserError
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.File

/** The documentation of this checkout as pages. */
class SiteTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root")).toPath().toAbsolutePath().normalize()
        // To look at, too.
        val folder = File("target/site").apply { deleteRecursively() }
        Site(root, "1.2.3").write(folder.toPath())
        val pages = folder.walk().filter { it.extension == "html" }.associateWith { it.readText() }

        "every page of the docs is there, and at the side of every other" {
            val sources =
                File(root.toFile(), "docs")
                    .walk()
                    .filter { it.extension == "md" || it.name.endsWith(".main.kts") }
                    .toList()
            val expected =
                sources.map {
                    val path = it.relativeTo(root.toFile()).invariantSeparatorsPath
                    if (path.endsWith(".md")) path.dropLast(2) + "html" else "$path.html"
                } + listOf("index.html", "CONTRIBUTING.html", "CHANGELOG.html", "figures/CLAIMS.html")
            val found = pages.keys.map { it.relativeTo(folder).invariantSeparatorsPath }
            found.sorted() shouldBe expected.sorted()
            for ((page, text) in pages) withClue(page) {
                val nav = text.substringAfter("<nav").substringBefore("</nav>")
                val linked =
                    links(nav).map { page.resolveSibling(it).canonicalFile.relativeTo(folder.canonicalFile).path }
                linked.sorted() shouldBe expected.sorted()
                Regex("aria-current").findAll(nav).count() shouldBe 1
            }
        }

        "every link leads to a file that is there, and every anchor to a heading" {
            val followed = Links(folder.toPath()).follow(listOf("index.html"))
            followed.pages shouldBe pages.size
            followed.links shouldBeGreaterThan 500
        }

        "a link, an anchor, an entry of the search that leads to nothing is named with its page" {
            val other = tempdir()
            File(other, "api/scripts").mkdirs()
            File(other, "index.html")
                .writeText(
                    """<a href="b%20%26%20c.html#a%2Fb">x</a> <a href="b%20&amp;%20c.html#no">x</a> <a href="#top" id="top">x</a>
                    <img src="d.png"> <a href="../e.html">x</a> <a href="https://example.invalid/#f">x</a>"""
                )
            File(other, "b & c.html").writeText("""<p id="a/b"> <a href="api/index.html">x</a>""")
            File(other, "api/index.html")
                .writeText("""<p id="g%2Fh"> <a href="index.html#g%2Fh">x</a> <a href="i">x</a>""")
            File(other, "api/scripts/pages.json").writeText("""[{"location":"index.html"},{"location":"j.html"}]""")
            val links = Links(other.toPath())
            shouldThrow<UserError> { links.follow(listOf("index.html", "api/scripts/pages.json")) }.message shouldBe
                """
                site: index.html links to 'b%20&%20c.html#no': b & c.html has no anchor of this name
                site: index.html links to 'd.png': there is no file d.png
                site: index.html links to '../e.html': it leads out of the pages' folder
                site: api/scripts/pages.json links to '../j.html': there is no file api/j.html
                site: api/index.html links to 'i': there is no file api/i
                """
                    .trimIndent()
        }

        "an overload's link to itself becomes the anchor that Dokka forgot, on the page of its class alone" {
            val api = tempdir()
            val overloads = """<a id="1%2FF"></a><a href="index.html#1%2FF">f</a> <a href="index.html#2%2FF">f</a>"""
            File(api, "index.html").writeText(overloads)
            File(api, "f.html").writeText(overloads)
            shouldThrow<UserError> { Links(api.toPath()).follow(listOf("index.html")) }
            setForgottenAnchors(api)
            Links(api.toPath()).follow(listOf("index.html", "f.html")).links shouldBe 4
            File(api, "f.html").readText() shouldBe overloads
        }

        "no id stands twice on a page, nothing of it runs or is loaded from elsewhere" {
            for ((page, text) in pages) withClue(page) {
                val ids = Regex(" id=\"([^\"]*)\"").findAll(text).map { it.groupValues[1] }.toList()
                ids.groupingBy { it }.eachCount().filterValues { it > 1 }.keys.shouldBeEmpty()
                text shouldNotContain "<script"
                text shouldNotContain "src=\"http"
                text shouldNotContain "](" // Markdown that was not understood
                text shouldContain "default-src 'none'"
            }
        }

        "tables, code and headings are what they were" {
            val words = pages.getValue(folder.resolve("docs/words.html"))
            val rows = File(root.toFile(), "docs/words.md").readLines().count { it.startsWith("| `") }
            Regex("<tr>").findAll(words.substringAfter("<tbody>")).count() shouldBeGreaterThan rows - 1
            words shouldContain "<th scope=\"col\">word</th>"
            val tutorial = pages.getValue(folder.resolve("docs/tutorial.html"))
            tutorial shouldContain "<span class=\"keyword\">val</span> operation = Operation.of("
            tutorial shouldContain "<h2 id=\"1-a-question-and-its-runs\">"
            links(pages.getValue(folder.resolve("index.html"))) shouldContainAll
                listOf("docs/store.html#published-tables", "figures/commutators/figure3-defect.png")
        }

        "a link that leads to nothing, and HTML, are named with their page" {
            val other = tempdir()
            File(other, "docs").mkdir()
            File(other, "README.md").writeText("# A\n\n[b](docs/b.md)\n")
            fun message() = shouldThrow<UserError> { Site(other.toPath(), "1").write(tempdir().toPath()) }.message
            message() shouldBe
                "site: README.md links to 'docs/b.md', and there is no file ${other.resolve("docs/b.md")}; mend the link"
            File(other, "README.md").writeText("# A\n\n<b>bold</b>\n")
            message() shouldBe "site: README.md holds HTML, '<b>'; say it in Markdown"
        }

        "the command writes them and says where; outside a checkout it says what is missing" {
            val to = tempdir()
            Commands(root)("site", "--no-api", "--to", to.path).out shouldContain "Pages: ${to.resolve("index.html")}"
            File(to, "docs/tutorial.html").isFile shouldBe true
            Commands(tempdir().toPath())("site", "--no-api").err shouldContain "site: expected the checkout's docs/ in"
        }
    })

private fun links(html: String): List<String> =
    Regex("(?:href|src)=\"([^\"]*)\"").findAll(html).map { it.groupValues[1].replace("&amp;", "&") }.toList()
