package holonomy.dsl

import holonomy.data.Table
import holonomy.geometry.Centring
import holonomy.geometry.Gram
import holonomy.geometry.Increments
import holonomy.geometry.OverlapNull
import holonomy.geometry.Spectrum
import holonomy.geometry.Statistic
import holonomy.geometry.Subspace
import holonomy.geometry.TrajectorySection
import holonomy.geometry.WalkNull
import holonomy.run.Snapshots
import holonomy.task.StagedTask
import java.util.TreeMap

/** The path of one block in one stage of one run. */
internal class StagePath(
    val seed: Long,
    val schedule: String,
    val stage: String,
    val block: String,
    val measured: Double,
    val walk: Double,
    val subspace: Subspace,
)

/** The paths of all blocks in all stages of some runs; a run without stages is one stage. */
internal class StagePaths(private val paths: List<StagePath>, private val k: Int) {
    fun ranks(value: (StagePath) -> Double): Table {
        val table = table("stage")
        paths
            .groupBy { listOf(it.seed.toString(), it.schedule, matrix(it.block), it.stage) }
            .forEach { (key, layers) -> table.row(*key.toTypedArray(), layers.map(value).average(), null, null) }
        return table.build()
    }

    /** Overlaps of successive stages and with another set of runs, one row per seed, with chance beside. */
    fun overlaps(mixed: StagePaths): Overlaps {
        val measured = table("pair")
        val chance = table("pair")
        pairs(mixed)
            .groupBy { (name, one, _) -> listOf(one.seed.toString(), one.schedule, matrix(one.block), name) }
            .forEach { (key, pairs) ->
                val values = pairs.map { (_, one, other) -> one.subspace.anglesTo(other.subspace).overlap() }
                measured.row(*key.toTypedArray(), values.average(), null, null)
                val random = chanceOf(pairs[0].second.subspace, pairs[0].third.subspace, pairs.size)
                chance.row(*key.toTypedArray(), random.mean(), random.quantile(.025), random.quantile(.975))
            }
        return Overlaps(measured.build(), chance.build())
    }

    /** Per seed, the mean over blocks of successive stages' overlap over chance. */
    fun successive(): TreeMap<Long, Double> =
        successivePairs()
            .groupBy { it.second.seed }
            .mapValuesTo(TreeMap()) { (_, pairs) ->
                pairs.map { (_, one, other) -> overChance(one.subspace, other.subspace) }.average()
            }

    private fun successivePairs() =
        paths
            .groupBy { Triple(it.seed, it.schedule, it.block) }
            .values
            .flatMap { stages -> stages.zipWithNext { one, two -> Triple("${one.stage} and ${two.stage}", one, two) } }

    private fun pairs(mixed: StagePaths): List<Triple<String, StagePath, StagePath>> {
        val whole = mixed.paths.associateBy { it.seed to it.block }
        return successivePairs() +
            paths.mapNotNull { path ->
                whole[path.seed to path.block]?.let { Triple("${path.stage} and mixed", path, it) }
            }
    }

    private fun table(column: String) =
        Table.builder(
            listOf("seed", "schedule", "matrix", column).map(Table::text) +
                listOf("value", "low", "high").map(Table::quantity)
        )

    private fun matrix(block: String) = block.substringAfterLast("layers.").substringAfter('.')
}

internal class Overlaps(val measured: Table, val chance: Table)

/** The null of the mean overlap over [count] blocks: chi^2(count k^2) / (count k D), as of one pair in count D. */
internal fun chanceOf(one: Subspace, other: Subspace, count: Int = 1) =
    OverlapNull(one.size(), other.size() * count, one.dimension().toLong() * count)

/** Overlap over its chance level; 1 at chance, undefined for subspaces without a direction. */
internal fun overChance(one: Subspace, other: Subspace): Double =
    if (one.size() == 0 || other.size() == 0) Double.NaN
    else one.anglesTo(other).overlap() / chanceOf(one, other).mean()

internal fun Runs.stagePaths(spectrum: SpectrumHandle, k: Int = 3): StagePaths =
    StagePaths(
        finished().flatMap { (point, run) ->
            Snapshots.of(run, point.request.spec(), spectrum.spectrum.snapshots()).use { trajectory ->
                point.stages().flatMap { (name, first, last) ->
                    val section = TrajectorySection.between(trajectory, first, last)
                    trajectory.blocks().map { block -> stagePath(point, name, section, block, k) }
                }
            }
        },
        k,
    )

private fun stagePath(point: Point, stage: String, section: TrajectorySection, block: String, k: Int): StagePath {
    val gram = Gram.of(section, block)
    val walk = WalkNull.Uncorrelated().path(Increments.of(gram))
    fun rank(path: Gram) = Statistic.R90_INTERPOLATED.of(Spectrum.of(path, Centring.CENTRED))
    val subspace = Subspace.principal(section, gram, Centring.CENTRED, k)
    return StagePath(point.seed, scheduleName(point.task), stage, block, rank(gram), rank(walk), subspace)
}

/** Name, first and last step of each stage. */
private fun Point.stages(): List<Triple<String, Long, Long>> {
    val staged = task as? StagedTask ?: return listOf(Triple("all steps", 0L, request.spec().training().steps()))
    val ends = staged.stages().runningFold(0L) { end, stage -> end + stage.batches() }
    return staged.stages().mapIndexed { i, stage ->
        Triple("stage ${i + 1} (m ${stage.markers().joinToString("+")})", ends[i], ends[i + 1])
    }
}
