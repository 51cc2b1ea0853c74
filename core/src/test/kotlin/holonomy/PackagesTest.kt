package holonomy

import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File

private val COMMENTS_AND_TEXTS = Regex("""/\*.*?\*/|//[^\n]*|"([^"\\\n]|\\.)*"""", RegexOption.DOT_MATCHES_ALL)

private val NAME = Regex("""\b(holonomy(?:\.[a-z]\w*)+)\.[A-Z]""")

/** The packages whose types a source names, outside comments and texts. */
private fun named(source: String): Set<String> =
    NAME.findAll(source.replace(COMMENTS_AND_TEXTS, " ")).map { it.groupValues[1] }.toSet()

/** A way along the arrows that comes back to where it began; empty if there is none. */
private fun circle(uses: Map<String, Set<String>>): List<String> {
    val clear = mutableSetOf<String>()
    fun from(way: List<String>): List<String> {
        val last = way.last()
        val before = way.indexOf(last)
        if (before < way.size - 1) return way.drop(before)
        if (last in clear) return emptyList()
        for (next in uses[last].orEmpty().sorted()) {
            val found = from(way + next)
            if (found.isNotEmpty()) return found
        }
        clear += last
        return emptyList()
    }
    return uses.keys.sorted().firstNotNullOfOrNull { from(listOf(it)).takeIf(List<String>::isNotEmpty) }.orEmpty()
}

class PackagesTest :
    FreeSpec({
        "no package of core uses one that uses it, however far around" {
            val folder = File(System.getProperty("holonomy.root"), "core/src/main/java")
            val sources = folder.walk().filter { it.extension == "java" }.toList()
            val uses =
                sources
                    .groupBy { it.parentFile.relativeTo(folder).path.replace(File.separatorChar, '.') }
                    .mapValues { (own, files) -> files.flatMap { named(it.readText()) }.toSet() - own }
            // What it sees: core has some twenty packages, and most use another.
            (uses.size > 15 && uses.values.count { it.isNotEmpty() } > 15) shouldBe true
            uses.getValue("holonomy.run").containsAll(listOf("holonomy.store", "holonomy.train")) shouldBe true
            circle(uses).shouldBeEmpty()
        }

        "a circle is found, an import and a name in full count, comments and texts don't" {
            named("import holonomy.a.One;\nclass X { holonomy.b.c.Two y; }") shouldBe
                setOf("holonomy.a", "holonomy.b.c")
            named("/** See {@link holonomy.a.One}. */ // holonomy.b.Two\n String s = \"(holonomy.c.Three)\";") shouldBe
                setOf()
            circle(mapOf("a" to setOf("b", "d"), "b" to setOf("c"), "c" to setOf("b"), "d" to setOf())) shouldBe
                listOf("b", "c", "b")
            circle(mapOf("a" to setOf("b", "c"), "b" to setOf("c"), "c" to setOf())) shouldBe listOf()
        }
    })
