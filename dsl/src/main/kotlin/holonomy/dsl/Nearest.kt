package holonomy.dsl

/**
 * The candidate nearest to [word], or null when every one's edit distance (insert, delete, replace, swap neighbours;
 * case is ignored) is more than a third of the longer one's length. Letters are more often left out or swapped than put
 * in, and seldom taken for others; so `sed` is nearer to `seeds` than to `set`. Ties go to the earlier candidate.
 */
fun nearest(word: String, candidates: Iterable<String>): String? =
    candidates
        .filter { editDistance(word.lowercase(), it.lowercase()) <= (maxOf(word.length, it.length) + 2) / 3 }
        .minByOrNull { editDistance(word.lowercase(), it.lowercase(), extra = 2, replaced = 3) }

/** `" Did you mean 'x'?"`, or nothing where no candidate is near. */
fun didYouMean(word: String, candidates: Iterable<String>): String =
    nearest(word, candidates)?.let { " Did you mean '$it'?" }.orEmpty()

/** @param extra,replaced what a letter of [a] that is not in [b], or is another there, counts */
private fun editDistance(a: String, b: String, extra: Int = 1, replaced: Int = 1): Int {
    val d = Array(a.length + 1) { i -> IntArray(b.length + 1) { j -> if (i == 0) j else if (j == 0) i * extra else 0 } }
    for (i in 1..a.length) for (j in 1..b.length) {
        val kept = d[i - 1][j - 1] + if (a[i - 1] == b[j - 1]) 0 else replaced
        d[i][j] = minOf(kept, d[i - 1][j] + extra, d[i][j - 1] + 1)
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            d[i][j] = minOf(d[i][j], d[i - 2][j - 2] + 1)
    }
    return d[a.length][b.length]
}
