package holonomy.watch

import holonomy.figure.SvgText.escaped
import holonomy.gallery.Assets

/** The page that [WatchServer] serves: empty but for its script, which asks for the state and shows it as text. */
internal object WatchPage {
    private val script = Assets.text("watch.js")

    /** What the page may do: run its own script, known by its hash, and ask the server it came from. */
    val policy: String =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; " +
            "form-action 'none'; frame-ancestors 'none'; script-src '${Assets.hash(script)}'"

    fun html(store: String): String =
        """
        |<!doctype html>
        |<html lang="en">
        |<head>
        |<meta charset="utf-8">
        |<meta name="viewport" content="width=device-width, initial-scale=1">
        |<meta name="color-scheme" content="light dark">
        |<link rel="icon" href="data:,">
        |<title>Holonomy: runs</title>
        |<style>
        |${Assets.text("gallery.css")}
        |${Assets.text("watch.css")}</style>
        |</head>
        |<body>
        |<header>
        |<h1>Runs</h1>
        |<p class="about">${escaped(store)}</p>
        |<p class="summary" role="status" id="counts"></p>
        |<p class="failure" role="alert" id="trouble" hidden></p>
        |</header>
        |<main>
        |<p id="none" hidden></p>
        |<section id="open-runs" hidden><h2>In the making</h2><div class="figures" id="open"></div></section>
        |<section id="finished-runs" hidden><h2>Finished</h2><table class="claims"><thead><tr>
        |${HEADINGS.joinToString("") { "<th scope=\"col\">$it</th>" }}
        |</tr></thead><tbody id="finished"></tbody></table><p class="about" id="more"></p></section>
        |</main>
        |<script>$script</script>
        |</body>
        |</html>
        |"""
            .trimMargin()

    private val HEADINGS = listOf("run", "experiment", "point", "seed", "state", "steps", "accuracy", "finished")
}
