package holonomy.gallery

import holonomy.figure.Examples
import holonomy.figure.Exporter
import holonomy.figure.Figure
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path

class GalleryTest :
    FreeSpec({
        val folder = tempdir().toPath()
        val evil = "<script>alert('x')</script> & \"quotes\""
        val claim =
            GalleryClaim(
                "W_V and W_O lie below W_Q and W_K",
                "arXiv 2602.10496, 4.1",
                "3.8 to 2.6 below 6 to 4.1",
                "−1.9",
                "[−2.2, −1.6]",
                "uncorrelated walk: 0",
                "replicated",
            )

        fun entry(figure: Figure, into: String): GalleryFigure =
            Gallery.figure(figure, Exporter(folder.resolve(into)).export(figure, Examples.context), folder)

        fun experiment(name: String, figures: List<GalleryFigure>, failure: String? = null) =
            GalleryExperiment(
                name,
                "Do attention weights collapse onto a few dimensions?",
                figures,
                listOf(
                    claim,
                    claim.copy(text = "reached in the first 30 % of steps", verdict = "not replicated"),
                    claim.copy(text = evil, verdict = "inconclusive"),
                    claim.copy(text = "nor does a walk", source = "ours", verdict = "replicated"),
                ),
                "$name.main.kts",
                SCRIPT,
                "9 runs, 38 s on 2 cores",
                failure,
            )

        val figures = Examples.all()
        val content =
            GalleryContent(
                "Holonomy: quick profile",
                "3 seeds, revision abc, 2 cores",
                listOf(
                    experiment("collapse", listOf(figures[0], figures[2], figures[4]).map { entry(it, "collapse") }),
                    experiment(
                        "commutators",
                        listOf(figures[0], figures.single { it.name == "defect-by-m" }).map {
                            entry(it, "commutators")
                        },
                        "the run with seed 3 diverged at step 120 $evil",
                    ),
                ),
            )
        val html = Gallery.html(content)

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

        "it is self-contained, and nothing in it runs" {
            Regex("""(?:src|href)="(https?:|//)""").findAll(html).count() shouldBe 0
            html.lowercase() shouldNotContain "<script"
            html shouldContain "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quotes&quot;"
            html shouldContain "default-src 'none'"
        }

        "verdicts are counted and named, a failure is shown, the rest stays" {
            html shouldContain "<span class=\"verdict not-replicated\">2 not replicated</span>"
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
                    Gallery.html(GalleryContent("t", "a", listOf(experiment("x", listOf(bad)))))
                }
                .message shouldBe "gallery: the SVG of figure 'bad' holds a script; only pictures go into the page"
            shouldThrow<IllegalArgumentException> {
                    Gallery.html(GalleryContent("t", "a", listOf(experiment("x", listOf()), experiment("x", listOf()))))
                }
                .message shouldBe "gallery: two experiments named 'x'; give one another name"
        }

        "a page to look at" {
            val page = Gallery.write(content, Path.of("target", "gallery"))
            Files.readString(page) shouldBe html
        }
    }) {
    private companion object {
        val SCRIPT =
            """
            #!/usr/bin/env kotlin
            @file:Import("../scripts/lab.main.kts")
            import holonomy.dsl.*

            experiment("collapse", question = "Do attention weights collapse onto a few dimensions?") {
                val upTo = choose(quick = listOf(1..1, 1..2), standard = listOf(1..2, 1..4))   // largest m
                val runs = train(profile.attentionOnly, on = upTo.map { profile.markedSum(markers = it) }, seeds = profile.seeds) {
                    snapshot(attention, count = 41)
                }
            }
            """
                .trimIndent()
    }
}
