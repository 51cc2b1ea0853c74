package holonomy.api

import holonomy.data.Table
import holonomy.measure.Measures
import io.kotest.core.spec.style.FreeSpec
import io.kotest.inspectors.forAll
import io.kotest.matchers.maps.shouldContainKey
import io.kotest.matchers.shouldBe
import java.io.File

private const val HEAD =
    """# The tables of the measures

What a measure keeps of each run: one Parquet file under `metrics/` of the run's folder (the published ones under `figures/EXPERIMENT/data/`), one row per line of these tables. A script's
`runs.table(measure)` puts the columns `run`, `arm`, `task` and `seed` before them. A number that is undefined is missing, never 0. Made from the sources; CONTRIBUTING.md has the command.
"""

class TablesTest :
    FreeSpec({
        val root = File(System.getProperty("holonomy.root"))
        val sources = File(root, "core/src/main/java/holonomy/measure").listFiles().orEmpty().sorted().map(::JavaSource)
        val measures = Measures.each()

        "docs/tables.md says what every column of every measure is" {
            val pages =
                measures
                    .groupBy { it.name() }
                    .map { (name, same) ->
                        val measure = same.single()
                        val source = sources.single { it.name == measure.javaClass.simpleName }
                        val columns = measure.columns().map { column -> column to whatItIs(column, source, sources) }
                        section(name, source, columns)
                    }
            keep("docs/tables.md", HEAD + pages.joinToString(""))
        }

        "a comment of Java's reads as Markdown" {
            val source =
                JavaSource(
                    "Some",
                    """
                    /**
                     * How {@code much} of {@link Other#SHARE}, a &lt; b:
                     *
                     * <pre>
                     *   x   one
                     * </pre>
                     *
                     * <p>More {@link Other words}.
                     *
                     * @param cadence when
                     */
                    public record Some(int cadence) {
                        /** The share,
                         * dimensionless. */
                        public static final Table.Column SHARE = Table.quantity("share");
                        /** Of {@link #SHARE} | none. */
                        public static final String NONE = "no share";
                    """
                        .trimIndent(),
                )
            source.comment shouldBe "How `much` of `Other.SHARE`, a < b:\n\n```text\n  x   one\n```\n\nMore words."
            source.columns shouldBe mapOf("share" to "The share, dimensionless")
            source.values shouldBe listOf("no share" to "Of `SHARE` | none")
        }

        "every measure has a name of its own" { measures.groupBy { it.name() }.values.forAll { it.size shouldBe 1 } }
    })

/** What is said of a column: where its measure stands, then in the other sources. */
private fun whatItIs(column: Table.Column, own: JavaSource, all: List<JavaSource>): String {
    val common = all.filter { it.name == "Measure" || it.name.startsWith(own.name.removeSuffix("Measure")) }
    val said = (listOf(own) + common + all).map { it.columns }
    val of = column.name().substringAfterLast('_')
    return said.firstNotNullOfOrNull { it[column.name()] }
        ?: own.parameters.also { it shouldContainKey of }.getValue(of)
}

private fun section(name: String, source: JavaSource, columns: List<Pair<Table.Column, String>>): String {
    val types = mapOf(Table.Type.TEXT to "text", Table.Type.LONG to "whole number", Table.Type.DOUBLE to "number")
    val rows = columns.map { (column, line) -> "| `${column.name()}` | ${types[column.type()]} | ${cell(line)} |" }
    val values = source.values.map { (value, line) -> "| `$value` | ${cell(line)} |" }
    val table = "| column | holds | what it is |\n|---|---|---|\n" + rows.joinToString("\n", postfix = "\n")
    val named =
        if (values.isEmpty()) ""
        else "\n| value | what it is |\n|---|---|\n" + values.joinToString("\n", postfix = "\n")
    return "\n## $name\n\n`${source.name}`. ${source.comment}\n\n$table$named"
}

private fun cell(text: String) = text.replace("|", "\\|")

/** What the comments of a Java source say, as Markdown. */
private class JavaSource(val name: String, text: String) {
    constructor(file: File) : this(file.nameWithoutExtension, file.readText())

    /** The type's, without its parameters. */
    val comment: String =
        Regex("""(?m)^/\*\*(.*?)\*/""", RegexOption.DOT_MATCHES_ALL)
            .find(text)
            ?.let { markdown(it.groupValues[1]) }
            .orEmpty()

    /** First sentence of each column's, by the column's name. */
    val columns: Map<String, String> = declared(text, """Table\.Column \w+ = Table\.\w+\("([^"]+)"\)""").toMap()

    /** Likewise of the names that cells take. */
    val values: List<Pair<String, String>> = declared(text, """String \w+ = "([^"]+)"""")

    /** What `@param` says of the parts of records in it. */
    val parameters: Map<String, String> =
        Regex("""\* @param (\w+) (.*)""").findAll(text).associate { it.groupValues[1] to inline(it.groupValues[2]) }

    private fun declared(text: String, declaration: String): List<Pair<String, String>> =
        Regex(
                """/\*\*((?:(?!\*/).)*)\*/\s*(?:(?:public|private) )?(?:static final )?$declaration""",
                RegexOption.DOT_MATCHES_ALL,
            )
            .findAll(text)
            .map { it.groupValues[2] to sentence(it.groupValues[1]) }
            .toList()

    private fun sentence(comment: String) = markdown(comment).replace('\n', ' ').trimEnd('.')

    private fun markdown(comment: String): String {
        val lines = comment.lines().map { it.trim().removePrefix("*").removePrefix(" ") }
        val text = lines.takeWhile { !it.startsWith("@") }.joinToString("\n").trim()
        val prose = text.split(FORMULA).map { inline(it).replace("<p>", "") }
        val formulas = FORMULA.findAll(text).map { "```text\n${entities(it.groupValues[1])}\n```" }.toList()
        return prose.zip(formulas + "").joinToString("") { (before, formula) -> before + formula }
    }

    private fun inline(text: String): String =
        entities(text)
            .replace(Regex("""\{@code ([^}]*)}"""), "`$1`")
            .replace(Regex("""\{@link [^ }]+ ([^}]*)}"""), "$1")
            .replace(Regex("""\{@link #?([^}]*)}""")) { "`${it.groupValues[1].replace('#', '.')}`" }

    private fun entities(text: String) = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

private val FORMULA = Regex("<pre>\n(.*?)\n</pre>", RegexOption.DOT_MATCHES_ALL)
