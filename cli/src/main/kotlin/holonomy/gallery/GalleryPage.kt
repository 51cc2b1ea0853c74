package holonomy.gallery

import holonomy.claim.Claim
import holonomy.claim.Verdict
import holonomy.figure.SvgText
import holonomy.figure.SvgText.escaped

/**
 * The gallery's HTML. Every text passes through [escaped]; only the figures' SVG is put in as it is, with ids of its
 * own.
 */
internal class GalleryPage(
    private val content: GalleryContent,
    private val style: String,
    private val behaviour: String,
) {
    fun html(): String =
        """
        |<!doctype html>
        |<html lang="en">
        |<head>
        |<meta charset="utf-8">
        |<meta name="viewport" content="width=device-width, initial-scale=1">
        |<meta name="color-scheme" content="light dark">
        |<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '${Assets.hash(behaviour)}'">
        |<link rel="icon" href="data:,">
        |<title>${escaped(content.title)}</title>
        |<style>
        |$style</style>
        |</head>
        |<body>
        |<header>
        |<h1>${escaped(content.title)}</h1>
        |<p class="about">${escaped(content.about)}</p>
        |${summary()}
        |<nav aria-label="experiments"><ul>
        |${content.experiments.joinToString("\n") { "<li><a href=\"#${anchor(it)}\">${escaped(it.name)}</a></li>" }}
        |</ul></nav>
        |</header>
        |<main>
        |${content.experiments.joinToString("\n") { experiment(it) }}
        |</main>
        |<script>$behaviour</script>
        |</body>
        |</html>
        |"""
            .trimMargin()

    private fun summary(): String {
        val (ours, published) = content.experiments.flatMap { it.claims }.partition { it.source.startsWith(Claim.OURS) }
        val tried = content.tried.takeIf { it.isNotEmpty() }?.let { "<p class=\"about\">${escaped(it)}</p>" }.orEmpty()
        return tried + summary("Published claims", published) + summary("Our own, controls mostly", ours)
    }

    private fun summary(whose: String, claims: List<GalleryClaim>): String {
        val counts = claims.groupingBy { it.verdict }.eachCount().entries.sortedByDescending { it.value }
        val badges = counts.joinToString(" ") { badge("${it.value} ${it.key}", it.key) }
        return if (counts.isEmpty()) "" else "<p class=\"summary\">$whose: $badges</p>"
    }

    private fun experiment(one: GalleryExperiment): String =
        listOf(
                "<section id=\"${anchor(one)}\" data-study=\"${escaped(one.study)}\">",
                "<h2>${escaped(one.name)}</h2>",
                "<p class=\"question\">${escaped(one.question)}</p>",
                one.failure?.let { "<p class=\"failure\" role=\"alert\"><strong>Failed.</strong> ${escaped(it)}</p>" },
                one.figures.joinToString("\n", "<div class=\"figures\">\n", "\n</div>") { figure(one, it) },
                claims(one.claims),
                script(one),
                one.cost.takeIf { it.isNotBlank() }?.let { "<p class=\"cost\">Cost: ${escaped(it)}</p>" },
                "</section>",
            )
            .filterNotNull()
            .filter { it.isNotEmpty() }
            .joinToString("\n")

    private fun figure(experiment: GalleryExperiment, one: GalleryFigure): String {
        require("<script" !in one.svg.lowercase()) {
            "gallery: the SVG of figure '${one.name}' holds a script; only pictures go into the page"
        }
        val svg = SvgText.scoped(one.svg, "${anchor(experiment)}--${one.name}")
        val links =
            one.links.entries.joinToString(" ") { (label, address) ->
                "<a href=\"${escaped(address)}\">${escaped(label)}</a>"
            }
        return """
            |<figure aria-label="${escaped("${experiment.name}: ${one.title}")}" data-marks="${escaped(one.marks)}">
            |<div class="picture">$svg</div>
            |<figcaption>${escaped(one.caption)} <span class="links">$links</span></figcaption>
            |</figure>"""
            .trimMargin()
    }

    private fun claims(claims: List<GalleryClaim>): String {
        if (claims.isEmpty()) return ""
        val head = HEADINGS.joinToString("") { "<th scope=\"col\">$it</th>" }
        return "<table class=\"claims\">\n<thead><tr>$head</tr></thead>\n<tbody>\n" +
            claims.joinToString("\n") { claim(it) } +
            "\n</tbody>\n</table>"
    }

    private fun claim(one: GalleryClaim): String {
        val cells =
            listOf(
                escaped(one.text),
                escaped(one.source),
                escaped(one.published),
                "${escaped(one.estimate)} <span class=\"interval\">${escaped(one.interval)}</span>",
                escaped(one.nulls),
                badge(one.verdict, one.verdict) + reason(one.reason),
            )
        val row = "<tr data-verdict=\"${escaped(one.verdict)}\">"
        return cells.zip(HEADINGS).joinToString("", row, "</tr>") { (cell, name) ->
            "<td data-label=\"$name\">$cell</td>"
        }
    }

    private fun reason(text: String) = if (text.isEmpty()) "" else "<div class=\"reason\">${escaped(text)}</div>"

    private fun badge(text: String, verdict: String): String {
        val kind =
            Verdict.entries.firstOrNull { it.words() == verdict }?.name?.lowercase()?.replace('_', '-') ?: "other"
        return "<span class=\"verdict $kind\" data-verdict=\"${escaped(verdict)}\">${escaped(text)}</span>"
    }

    private fun script(one: GalleryExperiment): String =
        if (one.script.isBlank()) ""
        else
            "<details><summary>${escaped(one.scriptName.ifBlank { "the script" })}</summary>" +
                "<pre tabindex=\"0\"><code>${Highlight.kotlin(one.script)}</code></pre></details>"

    private fun anchor(one: GalleryExperiment): String = one.name.replace(Regex("[^A-Za-z0-9_-]"), "-")

    private companion object {
        val HEADINGS = listOf("claim", "source", "published", "measured", "nulls", "verdict")
    }
}
