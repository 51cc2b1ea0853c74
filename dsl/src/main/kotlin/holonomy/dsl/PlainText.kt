package holonomy.dsl

import holonomy.data.UserError

/** Text that will stand in pictures, pages and terminals may break its lines, but holds no other control character. */
internal fun requirePlain(what: String, text: String) {
    val at = text.indexOfFirst { it.isISOControl() && it !in "\n\t" }
    if (at < 0) return
    throw UserError(
        "$what has a control character, U+%04X at position %d of '%s'; leave it out"
            .format(text[at].code, at + 1, text.map { if (it.isISOControl()) '\uFFFD' else it }.joinToString(""))
    )
}
