package holonomy.dsl

import holonomy.data.Table
import holonomy.figure.quantile
import holonomy.geometry.OverlapNull
import holonomy.geometry.Subspace
import holonomy.task.Stream

/**
 * Two subspaces of one block of one seed.
 *
 * @property name which stages
 * @property kind what is compared, without the stages' numbers
 */
internal class Comparison(val name: String, val kind: String, val one: StagePath, other: StagePath) {
    private val first = one.subspace
    private val second = other.subspace
    private val angles by lazy { first.anglesTo(second) }

    /** Mean squared cosine. */
    val overlap: Double by lazy { angles.overlap() }

    /** Principal angles in degrees, ascending. */
    val degrees: List<Double> by lazy { angles.radians().map(Math::toDegrees) }

    /** The overlap over its chance level; 1 at chance, undefined for subspaces without a direction. */
    val overChance: Double
        get() = if (first.size() == 0 || second.size() == 0) Double.NaN else overlap / chance(1).mean()

    /**
     * The null of the mean overlap over [count] such blocks: chi^2(count k^2) / (count k D), as of one pair in count D.
     */
    fun chance(count: Int) = OverlapNull(first.size(), second.size() * count, first.dimension().toLong() * count)

    /** Random subspaces of these sizes, their angles in degrees. */
    fun randomDegrees(stream: Stream, draw: Long): List<Double> {
        val random = stream.at(draw)
        val one = Subspace.random(first.dimension(), first.size(), random)
        val other = Subspace.random(first.dimension(), second.size(), random)
        return one.anglesTo(other).radians().map(Math::toDegrees)
    }
}

/** Successive stages; the mixed run in the same steps; each stage with the whole mixed run of its seed. */
internal fun comparisons(staged: StagePaths, mixed: StagePaths): List<Comparison> {
    val whole = mixed.wholes.associateBy { it.point.seed to it.block }
    fun successive(paths: StagePaths, word: String, kind: String) =
        paths.successive().map { (one, other) -> Comparison("$word ${one.stage}, ${other.stage}", kind, one, other) }
    return successive(staged, "stages", "successive stages") +
        successive(mixed, "mixed", "mixed run, same steps") +
        staged.parts.mapNotNull { part ->
            whole[part.point.seed to part.block]?.let {
                Comparison("${part.stage} and mixed", "a stage and the whole mixed run", part, it)
            }
        }
}

private const val DRAWS = 40L

/** Angles between random subspaces of the sizes of a comparison: mean and central 95 % of [DRAWS] draws. */
internal fun randomAngles(like: Comparison): Table {
    val stream = Stream.of(0, "random subspaces")
    val drawn = (0..<DRAWS).map { like.randomDegrees(stream, it) }
    val table = Table.builder(listOf(Table.whole("rank")) + listOf("angle", "low", "high").map(Table::quantity))
    drawn.first().indices.forEach { rank ->
        val angles = DoubleArray(drawn.size) { drawn[it][rank] }
        table.row(rank + 1L, angles.average(), quantile(angles, .025), quantile(angles, .975))
    }
    return table.build()
}
