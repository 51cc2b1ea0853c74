package holonomy.notebook

import holonomy.data.Numbers.brief
import holonomy.data.Table
import holonomy.figure.Exported
import holonomy.figure.Figure
import holonomy.figure.SvgText.escaped
import holonomy.laboratory.ExperimentOutcome
import holonomy.laboratory.FAILED
import holonomy.laboratory.MISSING
import holonomy.laboratory.interval
import holonomy.text.counted
import java.nio.file.Files
import java.util.Base64

/** What a notebook shows: nothing in it runs, nothing is loaded. */
internal object Html {
    /** Figures and claims of an experiment. */
    fun of(outcome: ExperimentOutcome): String =
        outcome.drawn.joinToString("") { (figure, exported) -> picture(figure, exported) } + claims(outcome)

    /** Its first rows, and how many there are. */
    fun of(table: Table): String {
        val names = table.columns().map { it.name() }
        val rows = table.rows().take(ROWS).map { row -> names.map { cell(row.value(it)) } }
        val more = if (table.size() > ROWS) "<p>the first $ROWS of ${counted(table.size(), "row")}</p>" else ""
        return table(names, rows) + more
    }

    /** A picture of its own, so that the names inside two of them can't meet. */
    private fun picture(figure: Figure, exported: Exported): String {
        val svg = Files.readAllBytes(exported.files.first { it.toString().endsWith(".svg") })
        val source = "data:image/svg+xml;base64," + Base64.getEncoder().encodeToString(svg)
        return "<figure><img alt=\"${escaped(figure.title)}\" style=\"max-width: 100%\" src=\"$source\">" +
            "<figcaption>${escaped(exported.caption)}</figcaption></figure>"
    }

    private fun claims(outcome: ExperimentOutcome): String {
        if (outcome.places.isEmpty()) return ""
        val judged =
            outcome.claims.map {
                val claim = it.judgement.claim()
                val estimate = it.judgement.estimate()
                val measured = brief(estimate.value()) + interval(estimate)
                listOf(claim.text(), measured, claim.published(), it.nulls, "${it.verdict.words()}: ${it.reason}")
            }
        val failed =
            outcome.failed.map { (claim, why) -> listOf(claim.text, MISSING, claim.published, "", "$FAILED: $why") }
        return table(listOf("claim", "measured", "published", "nulls", "verdict"), judged + failed)
    }

    private fun table(head: List<String>, rows: List<List<String>>): String =
        "<table><thead>${row("th", head)}</thead><tbody>${rows.joinToString("") { row("td", it) }}</tbody></table>"

    private fun row(tag: String, cells: List<String>): String =
        cells.joinToString("", "<tr>", "</tr>") { "<$tag>${escaped(it)}</$tag>" }

    private fun cell(value: Any?): String =
        when (value) {
            null -> MISSING
            is Double -> brief(value)
            else -> value.toString()
        }

    private const val ROWS = 20
}
