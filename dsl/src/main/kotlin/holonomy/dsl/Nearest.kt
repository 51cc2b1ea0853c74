package holonomy.dsl

/**
 * The candidate with the smallest edit distance to [word] (insert, delete, replace, swap neighbours; case is ignored),
 * or null when none is within a third of the longer one's length. Ties go to the earlier candidate.
 */
fun nearest(word: String, candidates: Iterable<String>): String? =
    candidates
        .map { it to editDistance(word.lowercase(), it.lowercase()) }
        .filter { (candidate, distance) -> distance <= (maxOf(word.length, candidate.length) + 2) / 3 }
        .minByOrNull { it.second }
        ?.first

/** `" Did you mean 'x'?"`, or nothing where no candidate is near. */
fun didYouMean(word: String, candidates: Iterable<String>): String =
    nearest(word, candidates)?.let { " Did you mean '$it'?" }.orEmpty()

private fun editDistance(a: String, b: String): Int {
    val d = Array(a.length + 1) { i -> IntArray(b.length + 1) { j -> if (i == 0) j else if (j == 0) i else 0 } }
    for (i in 1..a.length) for (j in 1..b.length) {
        val replaced = d[i - 1][j - 1] + if (a[i - 1] == b[j - 1]) 0 else 1
        d[i][j] = minOf(replaced, d[i - 1][j] + 1, d[i][j - 1] + 1)
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            d[i][j] = minOf(d[i][j], d[i - 2][j - 2] + 1)
    }
    return d[a.length][b.length]
}
