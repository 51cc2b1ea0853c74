package holonomy.gallery

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.Base64

class GalleryTest :
    FreeSpec({
        val pages = Pages(tempdir().toPath())
        val html = Gallery.html(pages.few)

        "every figure is inline, with its caption and links beside the page" {
            Regex("<svg ").findAll(html).count() shouldBe 5
            html shouldContain "href=\"collapse/r90-over-steps.csv\""
            html shouldContain "href=\"commutators/defect-by-m.png\""
            html shouldContain "Cells are means over seeds."
        }

        "no id stands twice, though one figure is shown twice, and every use of an id has one" {
            val ids = Regex("""\bid="([^"]+)"""").findAll(html).map { it.groupValues[1] }.toList()
            ids.groupingBy { it }.eachCount().filterValues { it > 1 }.keys.shouldBeEmpty()
            val used =
                Regex("""url\(#([^)]+)\)|href="#([^"]+)"""")
                    .findAll(html)
                    .map { it.groupValues[1] + it.groupValues[2] }
                    .toSet()
            (used - ids.toSet()).shouldBeEmpty()
            val styled = Regex("""(?m)^#([\w-]+) """).findAll(html).map { it.groupValues[1] }.toSet()
            (styled - ids.toSet()).shouldBeEmpty()
        }

        "it is self-contained, and nothing in it runs but its own script, which its policy names by hash" {
            Regex("""(?:src|href)="(https?:|//)""").findAll(html).count() shouldBe 0
            val script = html.substringAfter("<script>").substringBefore("</script>")
            html.replace("<script>$script</script>", "").lowercase() shouldNotContain "<script"
            val digest = MessageDigest.getInstance("SHA-256").digest(script.toByteArray())
            html shouldContain "script-src 'sha256-${Base64.getEncoder().encodeToString(digest)}'"
            html shouldContain "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes&quot;"
            html shouldContain "default-src 'none'"
        }

        "verdicts are counted and named, a failure is shown, the rest stays" {
            html shouldContain
                "<span class=\"verdict not-replicated\" data-verdict=\"not replicated\">2 not replicated</span>"
            html.substringAfter("Our own, controls mostly:").substringBefore("</p>") shouldContain
                ">2 replicated</span>"
            html shouldContain "<strong>Failed.</strong> the run with seed 3 diverged at step 120"
        }

        "the script is highlighted and escaped" {
            Highlight.kotlin("val a = \"<b>\" // 2 < 3\nlist<Int>(1e-3)") shouldBe
                "<span class=\"keyword\">val</span> a = <span class=\"string\">&quot;&lt;b&gt;&quot;</span> " +
                    "<span class=\"comment\">// 2 &lt; 3</span>\nlist&lt;Int&gt;(<span class=\"number\">1e-3</span>)"
        }

        "an SVG with a script in it, and two experiments of one name, are refused" {
            val bad = GalleryFigure("bad", "Bad", "", "<svg viewBox=\"0 0 1 1\"><script>1</script></svg>")
            shouldThrow<IllegalArgumentException> {
                    Gallery.html(GalleryContent("t", "a", listOf(pages.experiment("x", listOf(bad)))))
                }
                .message shouldBe "gallery: the SVG of figure 'bad' holds a script; only pictures go into the page"
            shouldThrow<IllegalArgumentException> {
                    Gallery.html(GalleryContent("t", "a", List(2) { pages.experiment("x", listOf()) }))
                }
                .message shouldBe "gallery: two experiments named 'x'; give one another name"
        }

        "a page to look at" {
            val page = Gallery.write(pages.few, Path.of("target", "gallery"))
            Files.readString(page) shouldBe html
        }
    })
