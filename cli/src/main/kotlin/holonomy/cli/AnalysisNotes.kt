package holonomy.cli

import holonomy.analysis.FolderTrajectory
import holonomy.analysis.SnapshotAnalysis
import holonomy.data.Numbers
import holonomy.data.Table

/** What must be known of snapshots before their numbers are believed: in the terminal, and shorter in each figure. */
internal class AnalysisNotes(private val path: FolderTrajectory, analysis: SnapshotAnalysis) {
    private val analysed = analysis.matrices().rows().filter { it.value("left_out") == null }
    private val out = analysis.matrices().rows().filter { it.value("left_out") != null }
    private val still = analysed.filter { it.number("distinct_snapshots") == 1.0 }.map { it.text("matrix") }
    private val rounded =
        analysed.filter { it.number("steps_over_spacing") <= SnapshotAnalysis.ROUNDING_LARGER_THAN_STEPS }
    private val equal = chains(analysis.snapshots())

    /** The first and the last file with their steps: whether names were read right. */
    fun ends(): String {
        val names = path.files().names()
        val steps = path.steps()
        return "first ${names.first()}, step ${steps.first()}; last ${names.last()}, step ${steps.last()}"
    }

    fun warnings(): List<String> =
        listOfNotNull(
            equal.takeIf { it.isNotEmpty() }?.let { "${some(it, "snapshots")}: the same matrices, byte for byte" },
            still
                .takeIf { it.isNotEmpty() }
                ?.let {
                    "${of(it.size)} still, so that ${if (it.size == 1) "it has" else "they have"} no path: ${some(it)}"
                },
            rounded
                .takeIf { it.isNotEmpty() }
                ?.let { rows ->
                    val which = rows.map { "${it.text("matrix")} (${it.text("type")}, ${brief(it)} x spacing)" }
                    "steps fall below the spacing of the stored numbers in ${rows.size} of ${analysed.size} matrices, so that " +
                        "their dimensions and lengths are those of rounding: ${some(which)}. Save a wider number type, or snapshots farther apart"
                },
        )

    /** Files, folders and tensors that are not analysed, in one line per reason. */
    fun leftOut(): List<String> =
        path.files().leftOut() +
            out.groupBy { it.text("left_out") }
                .map { (reason, rows) -> "${some(rows.map { "${it.text("matrix")} [${it.text("shape")}]" })}: $reason" }

    /** The warnings as a figure has room for; null without any. */
    fun brief(): String? =
        listOfNotNull(
                equal.takeIf { it.isNotEmpty() }?.let { "${some(it, "snapshots")}, byte for byte" },
                rounded
                    .takeIf { it.isNotEmpty() }
                    ?.let {
                        "steps below the spacing of the stored numbers in ${it.size} of ${analysed.size} matrices: rounding"
                    },
            )
            .takeIf { it.isNotEmpty() }
            ?.joinToString("; ")

    /** A figure's caption, and what it can't show. */
    fun caption(own: String): String {
        val standing =
            if (still.isEmpty()) ""
            else "${of(still.size)} still and ${if (still.size == 1) "is" else "are"} not drawn: ${some(still)}."
        return listOf(own, standing).filter { it.isNotEmpty() }.joinToString(" ")
    }

    private fun of(count: Int) =
        "$count of ${analysed.size} ${if (analysed.size == 1) "matrix" else "matrices"} ${if (count == 1) "stands" else "stand"}"

    private fun brief(row: Table.Row) = Numbers.brief(row.number("steps_over_spacing"))

    private fun some(all: List<String>, table: String = "matrices"): String {
        val shown = all.take(MOST_NAMED)
        val rest = all.size - shown.size
        return shown.joinToString() + if (rest > 0) " and $rest more in $table.csv" else ""
    }

    /** `step 0 = step 1` of snapshots that are the same. */
    private fun chains(snapshots: Table): List<String> =
        snapshots
            .rows()
            .filter { it.value("same_as") != null }
            .groupBy { it.value("same_as") }
            .map { (first, rows) -> (listOf(first) + rows.map { it.value("step") }).joinToString(" = ") { "step $it" } }

    private companion object {
        const val MOST_NAMED = 8
    }
}
