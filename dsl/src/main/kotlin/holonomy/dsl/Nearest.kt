package holonomy.dsl

/**
 * The candidate nearest to [word], or null when every one's edit distance (insert, delete, replace, swap neighbours;
 * case is ignored) is more than a third of the longer one's length. Letters are left out or doubled more often than
 * taken for others, so of those a letter replaced counts as much as [REPLACED] that are missing or swapped: `sed` is
 * nearer to `seeds` than to `set`. Ties go to the earlier candidate.
 */
fun nearest(word: String, candidates: Iterable<String>): String? =
    candidates
        .filter { editDistance(word.lowercase(), it.lowercase(), 1) <= (maxOf(word.length, it.length) + 2) / 3 }
        .minByOrNull { editDistance(word.lowercase(), it.lowercase(), REPLACED) }

private const val REPLACED = 3

/** `" Did you mean 'x'?"`, or nothing where no candidate is near. */
fun didYouMean(word: String, candidates: Iterable<String>): String =
    nearest(word, candidates)?.let { " Did you mean '$it'?" }.orEmpty()

private fun editDistance(a: String, b: String, replacing: Int): Int {
    val d = Array(a.length + 1) { i -> IntArray(b.length + 1) { j -> if (i == 0) j else if (j == 0) i else 0 } }
    for (i in 1..a.length) for (j in 1..b.length) {
        val replaced = d[i - 1][j - 1] + if (a[i - 1] == b[j - 1]) 0 else replacing
        d[i][j] = minOf(replaced, d[i - 1][j] + 1, d[i][j - 1] + 1)
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            d[i][j] = minOf(d[i][j], d[i - 2][j - 2] + 1)
    }
    return d[a.length][b.length]
}
