package holonomy.gallery

import com.fasterxml.jackson.databind.JsonNode
import holonomy.Nightly
import holonomy.figure.Examples
import io.kotest.assertions.withClue
import io.kotest.core.annotation.EnabledIf
import io.kotest.core.spec.Spec
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeIn
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale
import kotlin.reflect.KClass

/** Where there is no Chromium these can't run: Debian's is `apt-get install chromium-headless-shell`. */
internal class WithBrowser : io.kotest.core.annotation.Condition {
    override fun evaluate(kclass: KClass<out Spec>): Boolean = Browser.program != null
}

/** The page in a real browser, by what a person does to it: pointer, keys, sizes, themes. */
@EnabledIf(WithBrowser::class)
class GalleryBrowserTest :
    FreeSpec({
        val folder = Path.of("target", "gallery-all") // to look at afterwards
        val page = Gallery.write(Pages(folder).all, folder)
        val browser = autoClose(Browser.start())

        val one = "document.querySelector('[data-marks]:has(a[href$=\"/r90-one-panel.csv\"])')"
        fun tip() =
            browser
                .value("document.querySelector('.tip').hidden ? '' : document.querySelector('.tip').innerText")
                .asText()

        "every width and theme: nothing complains, every figure is inside its card and the page not wider than the window" -
            {
                for (width in listOf(1280, 390)) for (dark in
                    listOf(false, true)) "$width px, ${if (dark) "dark" else "light"}" {
                    browser.messages.clear()
                    browser.open(page, width, dark = dark)
                    val outside =
                        browser.value(
                            """[...document.querySelectorAll('figure[data-marks]')].filter(f => {
                          const [card, svg] = [f.querySelector('.picture'), f.querySelector('svg')].map(e => e.getBoundingClientRect());
                          return !(svg.width > 200 && svg.height > 100 && svg.left >= card.left - 1 && svg.right <= card.right + 1 && svg.bottom <= card.bottom + 1);
                        }).map(f => f.getAttribute('aria-label'))"""
                        )
                    outside.map { it.asText() }.shouldBeEmpty()
                    browser.value("document.documentElement.scrollWidth <= innerWidth").asBoolean() shouldBe true
                    val background = browser.value("getComputedStyle(document.body).backgroundColor").asText()
                    background shouldBe if (dark) "rgb(21, 24, 28)" else "rgb(255, 255, 255)"
                    browser.messages.shouldBeEmpty()
                    Files.write(
                        Path.of("target", "gallery-$width-${if (dark) "dark" else "light"}.png"),
                        browser.picture(),
                    )
                }
            }

        "axe finds nothing to mend: contrast, names, roles"
            .config(tags = setOf(Nightly)) {
                val axe =
                    checkNotNull(javaClass.getResourceAsStream("/axe.min.js")) { "axe.min.js" }.reader().readText()
                for (dark in listOf(false, true)) {
                    browser.open(page, dark = dark)
                    browser.value("$axe; 0")
                    val found =
                        browser.value(
                            "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 200)))"
                        )
                    found.map { it.asText() }.shouldBeEmpty()
                }
            }

        "the pointer over a mark tells its series, place, value and interval, as the rows drawn have them" {
            browser.open(page)
            val rows = Examples.all().single { it.name == "r90-one-panel" }.layers
            val means = rows.single { it.role == "mean" }.table.rows()
            val singles = rows.single { it.role == "seeds" }.table.rows()
            fun brief(value: Double) = String.format(Locale.ROOT, "%.4g", value).trimEnd('0').trimEnd('.')
            val expected =
                means.map { row ->
                    "${row.text("series")}\nr90, interpolated: ${brief(row.number("mean"))} [${brief(row.number("lower"))}, ${brief(row.number("upper"))}], 3 seeds\nlayer: ${brief(row.number("layer"))}"
                } +
                    singles.map { row ->
                        "${row.text("series")} · seed ${row.text("seed")}\nr90, interpolated: ${brief(row.number("r90"))}\nlayer: ${brief(row.number("layer"))}"
                    }
            val circles = browser.value("$one.querySelectorAll('g[clip-path] circle').length").asInt()
            circles shouldBeGreaterThan 20
            for (i in 0 until circles step 7) {
                browser.hover("$one.querySelectorAll('g[clip-path] circle')[$i]")
                tip() shouldBeIn expected
            }
            browser.hover("document.querySelector('h1')")
            tip() shouldBe ""
        }

        "where names lie below each other, the pointer tells each mark's own" {
            browser.open(page)
            val lying = "document.querySelector('[data-marks]:has(a[href$=\"/signs.csv\"])')"
            val told =
                Examples.signs.rows().indices.map { i ->
                    browser.hover("$lying.querySelectorAll('g[clip-path] circle')[$i]")
                    tip()
                }
            val of = { name: String, value: String -> "measured\nAUROC: $value, 1 seed\nread early: $name" }
            told shouldBe
                listOf(
                    of("weight norm", "0.7 [0.49, 0.85]"),
                    of("onset of the defect", "0.5 [0.3, 0.7]"),
                    of("first component's sh..", "0.62 [0.4, 0.79]"), // as the axis has it
                )
        }

        "every mark of every kind of figure has its place, and keys walk over them" {
            browser.open(page)
            val names =
                browser.value(
                    "[...document.querySelectorAll('[data-marks]')].map(f => [f.getAttribute('aria-label'), f.dataset.marks.split('\\n').length - 3])"
                )
            val answering = names.withIndex().filter { it.value[1].asInt() > 0 }
            answering.size shouldBeGreaterThan 10
            for ((i, one) in answering) withClue(one) {
                val figure = "document.querySelectorAll('[data-marks]')[$i]"
                browser.value("$figure.querySelector('.picture').focus()")
                browser.press("ArrowRight")
                val first = tip()
                browser.press("ArrowRight")
                (first.isNotEmpty() && tip().isNotEmpty()) shouldBe true
                browser.value("Number($figure.dataset.placed)").asInt() shouldBe one[1].asInt()
            }
            browser.press("Escape")
            tip() shouldBe ""
        }

        "a legend's entry hides what it stands for, and shows it again" {
            browser.open(page)
            val entry = "$one.querySelector('.entry[aria-label^=W_V]')"
            fun hidden() =
                browser.value(
                    "[...$one.querySelectorAll('g[clip-path] *')].filter(e => e.style.visibility === 'hidden').map(e => (e.getAttribute('stroke') ?? '') + (e.getAttribute('fill') ?? ''))"
                )
            hidden().toList().shouldBeEmpty()
            browser.click(entry)
            hidden().size() shouldBeGreaterThan 5
            hidden().forEach { it.asText().replace(" ", "").contains("rgb(184,64,10)") shouldBe true }
            browser.value("$entry.getAttribute('aria-pressed')").asText() shouldBe "false"
            browser.click(entry)
            hidden().toList().shouldBeEmpty()
        }

        "a seed can be picked, and let go" {
            browser.open(page)
            val chip = "$one.querySelector('.chip[aria-label=\"seed 2\"]')"
            fun drawn() = browser.value("$one.querySelectorAll('.over circle').length").asInt()
            drawn() shouldBe 0
            browser.click(chip)
            drawn() shouldBe 20
            browser.click(chip)
            drawn() shouldBe 0
        }

        "a figure opens large, answers there, and goes back to its place" {
            browser.open(page)
            val before = browser.value("$one.querySelector('svg').getBoundingClientRect().width").asDouble()
            browser.click("$one.querySelector('.tools .plain')")
            val svg = "document.querySelector('dialog[open] svg')"
            (browser.value("$svg.getBoundingClientRect().width").asDouble() > 1.3 * before) shouldBe true
            browser.hover("document.querySelector('dialog[open] g[clip-path] circle')")
            (tip() != "") shouldBe true
            browser.click("document.querySelector('dialog .close')")
            browser.value("document.querySelectorAll('dialog').length").asInt() shouldBe 0
            browser.value("$one.querySelector('svg').getBoundingClientRect().width").asDouble() shouldBe before
        }

        "claims by verdict and by study" {
            browser.open(page)
            fun texts(node: JsonNode) = node.map { it.asText() }
            fun shown() =
                texts(
                    browser.value(
                        "[...document.querySelectorAll('.claims tbody tr')].filter(r => r.offsetParent).map(r => r.dataset.verdict)"
                    )
                )
            val all = shown()
            all.size shouldBe 5
            browser.click("document.querySelector('.summary .not-replicated')")
            shown() shouldBe listOf("not replicated", "not replicated")
            browser.value("document.querySelector('.found').innerText").asText() shouldBe
                "2 claims not replicated. Press again to see all."
            browser.click("[...document.querySelectorAll('.studies .chip')].find(c => c.innerText === 'grokking')")
            shown() shouldBe listOf("not replicated")
            browser.click("document.querySelector('.summary .not-replicated')")
            browser.click("[...document.querySelectorAll('.studies .chip')].find(c => c.innerText === 'grokking')")
            shown() shouldContainExactlyInAnyOrder all
        }
    })
