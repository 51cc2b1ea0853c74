package holonomy.figure

import java.util.Locale

/**
 * Lets-Plot's SVG made fit for print and pages: equal plots give equal bytes, it scales, it can stand beside others in
 * one page, it says what it is and which runs it came from. All functions are pure.
 */
object SvgText {
    private val ID = Regex("""\bid="([^"]+)"""")
    private val TAG = Regex("<[^<>]*>")
    private val LONG_NUMBER = Regex("""-?\d+\.\d{3,}""")
    private val STRIP =
        Regex("""(<text class="facet-strip-text-x" text-anchor="middle")[^<>]*>\n([^<\n]+(?:\n[^<\n]+)+)\n</text>""")

    /** Characters that no XML may hold, in any spelling. */
    private val NOT_XML = Regex("""[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF\p{Cs}]""")
    private val RULE = Regex("""#([A-Za-z0-9_-]+) [^{}]*\{[^{}]*\}\n""")

    /** The finished SVG of a figure, of the size it was drawn in. */
    fun finish(svg: String, figure: Figure, description: String, size: Size = figure.size): String {
        val lean = rounded(svg.lines().joinToString("\n") { it.trim() })
        val families =
            lean.replace(Regex("font-family: *${Theme.FAMILY};"), "font-family: ${Theme.FAMILY_WITH_FALLBACK};")
        val drawn = scoped(strips(families), figure.name)
        return described(drawn, figure, size, description).replace(NOT_XML, "\uFFFD")
    }

    /** Panels' titles of several lines, which Lets-Plot draws as one: smaller, so that they fit the strip. */
    fun strips(svg: String): String =
        STRIP.replace(svg) {
            val (open, text) = it.destructured
            val lines = text.lines()
            val size = if (lines.size == 2) 10 else 8
            val spans =
                lines.withIndex().joinToString("") { (i, line) ->
                    val down = if (i == 0) 0.35 - 0.55 * (lines.size - 1) else 1.1
                    "<tspan x=\"0\" dy=\"${short(down)}em\">$line</tspan>"
                }
            "$open style=\"font-size: ${size}px;\">$spans</text>"
        }

    /**
     * Gives every id the form prefix-1, prefix-2, ... in order of appearance, wherever it is used; drops style rules of
     * absent ids.
     */
    fun scoped(svg: String, prefix: String): String {
        val ids = ID.findAll(svg).map { it.groupValues[1] }.distinct().toList()
        val live = svg.replace(RULE) { if (it.groupValues[1] in ids) it.value else "" }
        val names = ids.withIndex().associate { (i, id) -> id to "$prefix-${i + 1}" }
        if (names.isEmpty()) return live
        val pattern =
            Regex(
                """(id="|url\(#|href="#|^#)(${names.keys.joinToString("|") { Regex.escape(it) }})(?=["\) ])""",
                RegexOption.MULTILINE,
            )
        return live.replace(pattern) { it.groupValues[1] + names.getValue(it.groupValues[2]) }
    }

    /** Text as XML shows it literally. */
    fun escaped(text: String): String =
        text
            .replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;")
            .replace("'", "&#39;")

    /** Numbers in attributes to a hundredth of a pixel; text stays as it is. */
    private fun rounded(svg: String): String =
        TAG.replace(svg) { tag -> LONG_NUMBER.replace(tag.value) { short(it.value.toDouble()) } }

    private fun short(value: Double): String =
        String.format(Locale.ROOT, "%.2f", value).trimEnd('0').trimEnd('.').let { if (it == "-0") "0" else it }

    private fun described(svg: String, figure: Figure, size: Size, description: String): String {
        val open = svg.indexOf('>') + 1
        val (width, height) = size
        val head = svg.substring(0, open).replaceFirst("<svg ", "<svg viewBox=\"0 0 $width $height\" role=\"img\" ")
        val runs = figure.sources.joinToString("") { "<run>${escaped(it)}</run>" }
        val about =
            "<title>${escaped(figure.title)}</title>\n<desc>${escaped(description)}</desc>\n" +
                "<metadata><figure xmlns=\"urn:holonomy:figure\" name=\"${figure.name}\">$runs</figure></metadata>\n"
        return head + "\n" + about + svg.substring(open).trimStart()
    }
}
