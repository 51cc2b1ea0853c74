package holonomy.figure

import java.text.Normalizer

/** Names of files made from any words. */
object Slug {
    private const val LONGEST = 100
    private val MARKS = Regex("\\p{M}+")
    private val OTHERS = Regex("[^A-Za-z0-9._-]+")

    /**
     * These words as a file's name without its ending: letters, digits, '.', '_' and '-'; anything else becomes '-',
     * accents are dropped. `figure` where nothing is left.
     */
    fun of(words: String): String {
        val plain = Normalizer.normalize(words, Normalizer.Form.NFKD).replace(MARKS, "")
        return plain.replace(OTHERS, "-").take(LONGEST).trim('-', '.', '_').ifEmpty { "figure" }
    }

    /**
     * [of] of each, in order: one that an earlier one or [taken] has already, in whatever case, gets the first free
     * number behind it.
     */
    fun unique(names: List<String>, taken: Set<String> = emptySet()): List<String> {
        val used = taken.mapTo(mutableSetOf()) { it.lowercase() }
        return names.map { name ->
            val stem = of(name)
            val free = generateSequence(2) { it + 1 }.map { "$stem-$it" }
            (sequenceOf(stem) + free).first { used.add(it.lowercase()) }
        }
    }
}
