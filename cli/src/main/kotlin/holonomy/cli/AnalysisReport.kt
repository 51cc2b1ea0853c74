package holonomy.cli

import holonomy.analysis.FolderTrajectory
import holonomy.analysis.SnapshotAnalysis
import holonomy.data.Numbers
import holonomy.data.Table
import holonomy.figure.Figure
import holonomy.figure.FigureContext
import holonomy.geometry.Centring
import holonomy.geometry.Statistic
import holonomy.measure.FinalAlignment
import holonomy.measure.TrajectorySpectrum
import holonomy.text.counted
import holonomy.text.textTable
import java.nio.file.Path
import kotlin.math.abs

/** What `holonomy analyse` tells of an analysis. */
internal class AnalysisReport(
    private val folder: Path,
    private val path: FolderTrajectory,
    private val analysis: SnapshotAnalysis,
) {
    private val steps = path.steps()
    private val notes = AnalysisNotes(path, analysis)
    private val about = "${folder.fileName}: ${steps.size} snapshots, steps ${steps.first()} to ${steps.last()}"

    fun tables(): Map<String, Table> =
        linkedMapOf(
            "spectra" to analysis.spectra(),
            "alignment" to analysis.alignment(),
            "overlap" to analysis.overlap(),
            "matrices" to analysis.matrices(),
            "snapshots" to analysis.snapshots(),
        ) + (if (analysis.backbone().size() > 0) mapOf("backbone" to analysis.backbone()) else emptyMap())

    fun figures(): List<Figure> = AnalysisFigures(analysis, notes).all()

    fun context() = FigureContext(profile = "", seeds = 0, script = "holonomy analyse", about = about)

    /** One map per matrix: what its path is like, beside its nulls. */
    private val matrices: List<Map<String, Any?>> by lazy { path.blocks().map(::matrix) }

    private fun matrix(block: String): Map<String, Any?> {
        val rows =
            analysis.spectra().rows().filter {
                it.text("block") == block &&
                    it.text("centring") == Centring.CENTRED.label() &&
                    it.number("snapshots") == steps.size.toDouble()
            }
        fun value(statistic: Statistic, series: String) =
            rows
                .firstOrNull { it.text("statistic") == statistic.label() && it.text("series") == series }
                ?.value("value") as Double?
        fun halfWay(cosine: String) =
            analysis
                .alignment()
                .rows()
                .filter {
                    it.text("block") == block &&
                        it.text("cosine") == cosine &&
                        it.text("series") == FinalAlignment.MEASURED
                }
                .minByOrNull { abs(it.number("step") - (steps.first() + steps.last()) / 2.0) }
                ?.value("value") as Double?
        val measured = TrajectorySpectrum.MEASURED
        val rank = Statistic.R90_INTERPOLATED
        return linkedMapOf(
            "matrix" to block,
            "shape" to path.shape(block).joinToString("x"),
            "r90" to value(Statistic.R90, measured)?.toInt(),
            "r90 interpolated" to value(rank, measured),
            "uncorrelated walk" to value(rank, "uncorrelated walk"),
            "shuffled steps" to value(rank, "shuffled increments"),
            "drift plus noise" to value(rank, "drift plus noise"),
            "PC1 share" to value(Statistic.PC1_SHARE, measured),
            "participation" to value(Statistic.PARTICIPATION_RATIO, measured),
            "cosine half way" to halfWay(FinalAlignment.WHOLE),
            "initial removed" to halfWay(FinalAlignment.REMOVED),
        )
    }

    /** Pairs of different matrices that move, those above 97.5 % of random pairs, and the largest overlap. */
    private fun overlaps(): Map<String, Any?> {
        val pairs =
            analysis.overlap().rows().filter { it.text("first") != it.text("second") && it.value("overlap") != null }
        val most = pairs.maxByOrNull { it.number("overlap") / it.number("chance") }
        return linkedMapOf(
            "pairs of one shape" to pairs.size,
            "above 97.5 % of random pairs" to pairs.count { it.number("overlap") > it.number("high") },
            "largest overlap" to most?.value("overlap"),
            "over chance" to most?.let { it.number("overlap") / it.number("chance") },
            "between" to most?.let { listOf(it.text("first"), it.text("second")) },
        )
    }

    /**
     * The backbone of all matrices together: per statistic the measured value and that of a walk that learns nothing.
     */
    private fun backbone(): Map<String, Map<String, Any?>> =
        analysis
            .backbone()
            .rows()
            .filter { it.text("block") == analysis.backbone().rows().first().text("block") }
            .groupBy { it.text("statistic") }
            .mapValues { (_, rows) -> rows.associate { it.text("series") to it.value("value") } }

    private fun backboneLines(): List<String> {
        val rows =
            backbone().map { (statistic, values) ->
                listOf(statistic) + values.values.map { if (it is Double) Numbers.brief(it) else "undefined" }
            }
        if (rows.isEmpty()) return listOf()
        val names = listOf("all matrices together") + backbone().values.first().keys
        return listOf("") + textTable(names, rows, setOf(1, 2)) + ""
    }

    fun json(target: Path, tables: Collection<String>, figures: List<String>): Map<String, Any?> =
        linkedMapOf(
            "folder" to folder.toString(),
            "snapshots" to steps.size,
            "steps" to listOf(steps.first(), steps.last()),
            "first" to path.files().names().first(),
            "last" to path.files().names().last(),
            "warnings" to notes.warnings(),
            "left out" to notes.leftOut(),
            "weights" to analysis.weights(),
            "matrices" to matrices,
            "overlap" to overlaps(),
            "out" to target.toString(),
            "tables" to tables,
            "figures" to figures,
        ) + (backbone().takeIf { it.isNotEmpty() }?.let { mapOf("backbone" to it) } ?: emptyMap())

    fun lines(target: Path, figures: Int): List<String> {
        val shown = matrices.take(MOST_SHOWN)
        val names = matrices.first().keys.toList()
        val rows =
            shown.map { row ->
                row.values.map { if (it is Double) Numbers.brief(it) else it?.toString() ?: "undefined" }
            }
        val more = matrices.size - shown.size
        return listOf("$about, ${counted(path.blocks().size)}, ${analysis.weights()} weights", notes.ends()) +
            notes.warnings().map { "warning: $it" } +
            notes.leftOut().map { "left out: $it" } +
            "" +
            textTable(names, rows, names.indices.drop(2).toSet()) +
            (if (more > 0) listOf(".. and $more more in spectra.csv") else listOf()) +
            "" +
            "r90: directions that hold 90 % of the path's variance; the three nulls are its r90 interpolated." +
            "Cosines: of the displacement half way to the final one; then without the initial weights' direction." +
            backboneLines() +
            overlapLine() +
            "$figures figures and ${tables().keys.joinToString()} (.parquet, .csv) in $target"
    }

    private fun overlapLine(): String {
        val found = overlaps()
        if (found["pairs of one shape"] == 0) {
            val sameShape = analysis.overlap().rows().any { it.text("first") != it.text("second") }
            return if (sameShape) "No two matrices of one shape that both move: no overlaps."
            else "No two matrices of one shape: no overlaps."
        }
        val (one, other) = (found["between"] as List<*>)
        return "Overlap of top subspaces: ${found["above 97.5 % of random pairs"]} of ${found["pairs of one shape"]} pairs above 97.5 % of random pairs; " +
            "most $one and $other, ${Numbers.brief(found["over chance"] as Double)} x chance."
    }

    private companion object {
        const val MOST_SHOWN = 40
    }
}

/** `1 matrix`, `2 matrices`. */
internal fun counted(matrices: Int): String = if (matrices == 1) "1 matrix" else "$matrices matrices"
