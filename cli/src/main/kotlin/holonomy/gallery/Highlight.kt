package holonomy.gallery

import holonomy.figure.SvgText.escaped

/** Colours for Kotlin scripts in HTML: comments, strings, annotations, keywords and numbers; everything is escaped. */
internal object Highlight {
    private val KINDS = listOf("comment", "string", "annotation", "keyword", "number")

    private val TOKEN =
        Regex(
            listOf(
                    """(\A#![^\n]*|//[^\n]*|/\*[\s\S]*?\*/)""",
                    "(\"\"\"[\\s\\S]*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\")",
                    """(@(?:file:)?\w+)""",
                    """(\b(?:val|var|fun|import|if|else|when|for|in|is|as|return|true|false|null|object|class|by)\b)""",
                    """(\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b)""",
                )
                .joinToString("|")
        )

    fun kotlin(script: String): String {
        val text = StringBuilder()
        var done = 0
        for (token in TOKEN.findAll(script)) {
            text.append(escaped(script.substring(done, token.range.first)))
            val kind = KINDS[token.groupValues.drop(1).indexOfFirst { it.isNotEmpty() }]
            text.append("<span class=\"$kind\">").append(escaped(token.value)).append("</span>")
            done = token.range.last + 1
        }
        return text.append(escaped(script.substring(done))).toString()
    }
}
