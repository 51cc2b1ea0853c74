package holonomy.cli

import java.io.File

/** A command shown in Markdown: on which page, in which line, and its words as a shell reads them. */
internal class Call(val page: String, val line: Int, val words: List<String>)

/** What Markdown has the reader type: in its code spans and its blocks for the shell. */
internal object Calls {
    /** The calls of `holonomy` itself: by the launcher, or as the jar that is handed to Spark. */
    fun of(page: String, text: String): List<Call> =
        shown(text).flatMap { (line, shown) ->
            CALL.findAll(shown).map { Call(page, line, words(shown.substring(it.range.last + 1))) }
        }

    /** The calls of other programs of the checkout and of Maven, the program first. */
    fun others(page: String, text: String): List<Call> =
        shown(text).flatMap { (line, shown) ->
            OTHER.findAll(shown).map { Call(page, line, words(shown.substring(it.range.first))) }
        }

    /** README and all of `docs/`. */
    fun pages(root: File): List<File> =
        listOf(File(root, "README.md")) + File(root, "docs").walk().filter { it.extension == "md" }.sorted()

    /** Each line of code with its number; one that goes on in the next is one. */
    private fun shown(text: String): List<Pair<Int, String>> {
        fun line(at: Int) = text.substring(0, at).count { it == '\n' } + 1
        val blocks =
            Regex("```bash\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(text).flatMap { block ->
                var number = line(block.groups[1]!!.range.first)
                block.groupValues[1].split(Regex("(?<!\\\\)\n")).map { line ->
                    (number to line.replace("\\\n", " ")).also { number += 1 + line.count { it == '\n' } }
                }
            }
        val spans = Regex("(?<!`)`([^`\n]+)`(?!`)").findAll(text).map { line(it.range.first) to it.groupValues[1] }
        return (blocks + spans).toList()
    }

    /** Up to a comment or what else the shell takes for itself; what may be left out is in brackets, and taken, too. */
    private fun words(rest: String): List<String> =
        Regex("'[^']*'|\"[^\"]*\"|[^\\s\\[\\]]+")
            .findAll(rest)
            .map { it.value }
            .takeWhile { it !in setOf("|", "||", "&&", ";", "&") && !it.startsWith("#") }
            .map { it.trim('\'', '"') }
            .toList()

    private val CALL = Regex("\\./holonomy\\s|\\\$jar \\\$jar\\s|^holonomy\\s")
    private val OTHER = Regex("(?:^|(?<=\\s))(?:scripts/[a-z][\\w-]*|(?:\\./)?mvnw?)(?=\\s|$)")
}
