package holonomy.site

import holonomy.Nightly
import holonomy.gallery.Browser
import holonomy.gallery.WithBrowser
import io.kotest.assertions.withClue
import io.kotest.core.annotation.EnabledIf
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File
import java.nio.file.Files
import java.nio.file.Path

/** The documentation's pages in a real browser. */
@EnabledIf(WithBrowser::class)
class SiteBrowserTest :
    FreeSpec({
        tags(Nightly)

        val root = File(System.getProperty("holonomy.root")).toPath().toAbsolutePath().normalize()
        val folder = File("target/site-in-browser").apply { deleteRecursively() }
        Site(root, "1.2.3").write(folder.toPath())
        val browser = autoClose(Browser.start())
        val axe = checkNotNull(javaClass.getResourceAsStream("/axe.min.js")).reader().readText()
        val pages = folder.walk().filter { it.extension == "html" }.map { it.relativeTo(folder).path }.sorted().toList()

        "every page, narrow and wide, light and dark: no message, not wider than the window, every picture shown" {
            for (page in pages) for (width in listOf(1280, 390)) withClue("$page at $width px") {
                val dark = width == 390
                browser.messages.clear()
                browser.open(folder.toPath().resolve(page).toAbsolutePath(), width, dark = dark)
                browser.value("document.documentElement.scrollWidth <= innerWidth").asBoolean() shouldBe true
                browser
                    .value("[...document.images].every(i => i.complete && i.naturalWidth > 100)")
                    .asBoolean() shouldBe true
                browser.messages.shouldBeEmpty()
                val name = page.substringAfterLast('/').substringBefore('.') + "-$width.png"
                Files.write(Path.of("target", "site-in-browser", name), browser.picture()) // to look at afterwards
            }
        }

        "axe finds nothing to mend on pages of every kind" {
            val kinds =
                listOf(
                    "index.html",
                    "docs/tutorial.html",
                    "docs/findings/grokking.html",
                    "docs/cookbook/dimension.main.kts.html",
                )
            for (page in kinds) for (dark in listOf(false, true)) withClue(page) {
                browser.open(folder.toPath().resolve(page).toAbsolutePath(), dark = dark)
                browser.value("$axe; 0")
                val wrong =
                    browser.value(
                        "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 200)))"
                    )
                wrong.map { it.asText() }.shouldBeEmpty()
            }
        }
    })
