package holonomy.api

import java.io.File

/** A word of the DSL: its name (`Owner.name` for what is said of something), the first sentence of its doc comment. */
internal class Word(val name: String, val owner: String?, val line: String, val file: String)

/**
 * The public words of a package, read from its sources: of files in order of their names, as they stand there. What
 * stands under another word's comment, without a blank line between, shares it.
 */
internal fun wordsOf(sources: File): List<Word> =
    sources.walk().filter { it.extension == "kt" }.sortedBy { it.path }.flatMap(::wordsIn).toList()

private fun wordsIn(file: File): List<Word> {
    val text = file.readText()
    var owner: String? = null
    var before: MatchResult? = null
    var line = ""
    return DECLARATION.findAll(text)
        .mapNotNull { match ->
            val (doc, indent, modifiers, kind, receiver, name, rest) = match.destructured
            val adjacent = before?.let { "\n\n" !in text.substring(it.range.last + 1, match.range.first) } ?: false
            line = if (doc.isEmpty() && adjacent) line else sentence(doc)
            before = match
            val hidden = HIDDEN.containsMatchIn(modifiers)
            val member = indent.isNotEmpty()
            if (!member) owner = name.takeIf { kind in TYPES && !hidden }
            val ofNobody = member && (owner == null || rest.endsWith(','))
            if (hidden || "override" in modifiers || ofNobody) return@mapNotNull null
            Word(
                name,
                if (member) owner else receiver.removeSuffix(".").ifEmpty { null },
                line,
                file.nameWithoutExtension,
            )
        }
        .toList()
}

/** The first sentence of a doc comment, in one line; nothing where there is none. */
private fun sentence(comment: String): String {
    val text = comment.trim().removeSurrounding("/**", "*/").lines().map { it.trim().removePrefix("*").trim() }
    val first = text.dropWhile(String::isEmpty).takeWhile { it.isNotEmpty() && !it.startsWith("@") }.joinToString(" ")
    return first.substringBefore(". ").trim().removeSuffix(".").replace(Regex("""\[(\w+)]"""), "$1")
}

/** The first line in [places], in their order, that says [word]. */
internal fun exampleOf(word: Word, places: List<List<String>>): String? {
    val said = Regex("""(?<![\w"])${word.name}\b(?!["=]| =)""")
    return places.firstNotNullOfOrNull { lines -> lines.firstOrNull(said::containsMatchIn) }?.trim()
}

/** Lines of code in [file]: no imports, no comments; of Markdown only what stands in Kotlin blocks. */
internal fun codeOf(file: File): List<String> {
    val text = file.readText()
    val code =
        if (file.extension != "md") text
        else
            Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(text).joinToString("\n") {
                it.groupValues[1]
            }
    return code.lines().filterNot { NO_CODE.containsMatchIn(it) }.map { it.substringBefore(" // ") }
}

private val TYPES = setOf("class", "object", "interface")
private val HIDDEN = Regex("""\b(internal|private)\b""")
private val NO_CODE = Regex("""^\s*(import |package |@file|//|/?\*|#!)""")
private val DECLARATION =
    Regex(
        """(/\*\*(?:(?!\*/)[\s\S])*\*/\n)?^((?: {4})?)(?:@\S+\s+)*((?:(?:public|private|internal|override|open|data|sealed|enum|abstract|infix|operator|inline|const|lateinit) )*)""" +
            """(fun|val|var|class|object|interface|typealias) (?:<(?:[^<>]|<[^<>]*>)*> )?((?:[A-Z]\w*(?:<[^>]*>)?\??\.)?)(\w+)(.*)$""",
        RegexOption.MULTILINE,
    )
