package holonomy.watch

import holonomy.Nightly
import holonomy.gallery.Browser
import holonomy.gallery.WithBrowser
import io.kotest.core.annotation.EnabledIf
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path

/** The served page in a real browser, beside a real training. */
@EnabledIf(WithBrowser::class)
class WatchBrowserTest :
    FreeSpec({
        tags(Nightly)

        val browser = autoClose(Browser.start())

        /** Waits, by what the page itself does, until an expression holds. */
        fun until(expression: String) {
            val look =
                "new Promise(r => { const look = () => ($expression) ? r(true) : setTimeout(look, 50); look(); })"
            browser.value(look).asBoolean() shouldBe true
        }

        fun text(selector: String) = browser.value("document.querySelector('$selector').innerText").asText()

        "an empty store, a run that trains, its end: shown by themselves; no message, nothing wider than the window" {
            val root = tempdir().toPath().resolve("runs")
            val watched = Watched(root)
            val page = WatchPage.html(root.toString())
            val server = autoClose(WatchServer(page, WatchPage.policy, 0) { watched.state() })
            browser.open(server.address)
            until("!document.querySelector('#none').hidden")
            text("#none") shouldContain "There is no folder"
            Training(root).use { training ->
                training.untilItStands()
                until("document.querySelector('.run')?.innerText.includes('training · step 11 of 20 · about')")
                until("document.querySelector('#finished tr')")
                browser.value("document.querySelector('.run progress').value").asInt() shouldBe 11
                browser.value("[...document.querySelectorAll('.run svg')].map(s => s.dataset.chart)").map {
                    it.asText()
                } shouldBe listOf("accuracy", "loss")
                browser.value("document.querySelectorAll('.run svg path.line').length").asInt() shouldBe 4
                browser.value("document.querySelectorAll('.key li').length").asInt() shouldBe 2
                for (width in listOf(1280, 390)) for (dark in listOf(false, true)) {
                    browser.open(server.address, width, dark = dark)
                    until("document.querySelector('.run svg')")
                    browser.value("document.documentElement.scrollWidth <= innerWidth").asBoolean() shouldBe true
                    browser.value("getComputedStyle(document.body).backgroundColor").asText() shouldBe
                        if (dark) "rgb(21, 24, 28)" else "rgb(255, 255, 255)"
                    val name = "watch-$width-${if (dark) "dark" else "light"}.png"
                    Files.write(Path.of("target", name), browser.picture()) // to look at afterwards
                    val axe = checkNotNull(javaClass.getResourceAsStream("/axe.min.js")).reader().readText()
                    browser.value("$axe; 0")
                    val wrong =
                        browser.value("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))")
                    wrong.map { it.asText() }.shouldBeEmpty()
                }
                training.toItsEnd()
                until("document.querySelectorAll('#finished tr').length === 2 && !document.querySelector('.run')")
                text("#counts") shouldBe "2 complete"
            }
            browser.messages.shouldBeEmpty()
            server.close()
            until("document.querySelector('#trouble').innerText.includes('does not answer any more')")
        }
    })
