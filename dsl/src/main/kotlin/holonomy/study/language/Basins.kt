package holonomy.study.language

import holonomy.claim.Claim
import holonomy.data.Table
import holonomy.data.UserError
import holonomy.dsl.Act
import holonomy.dsl.Directions
import holonomy.dsl.ExperimentScope
import holonomy.dsl.Measured
import holonomy.dsl.RecordScope
import holonomy.dsl.Runs
import holonomy.dsl.displace
import holonomy.dsl.intervene
import holonomy.dsl.measured
import holonomy.dsl.of
import holonomy.dsl.plainly
import holonomy.figure.Axis
import holonomy.figure.Facet
import holonomy.figure.Figure
import holonomy.figure.Size
import holonomy.figure.pointsBy
import holonomy.figure.with
import holonomy.intervention.Basis
import holonomy.model.WeightGroup
import holonomy.statistic.Recovery
import holonomy.statistic.RunSet
import holonomy.train.Schedule
import holonomy.train.Training

/** The attention and MLP matrices: what the study takes the path of. */
val trunk: WeightGroup = WeightGroup.MATRICES

/**
 * The recipe of a relaxation (arXiv 2602.23696): the published one goes on at [rate] = .6 of the profile's rate,
 * without warm-up or decline, the probe weighing 4.
 *
 * @param rate of the profile's learning rate, dimensionless; see [rateAt]
 * @param probe what the probe weighs in the loss; with 0 retrieval is not learned anew meanwhile
 */
fun StoryProfile.relaxation(rate: Double = .6, probe: Double = 4.0): Training = levelled(rate, probe, beta2 = .95)

/** The published recipe of a recovery: the profile's rate throughout, beta2 .999, the probe weighing 8. */
val StoryProfile.recovery: Training
    get() = levelled(1.0, 8.0, beta2 = .999)

private fun StoryProfile.levelled(rate: Double, probe: Double, beta2: Double) =
    recipe(rate * learningRate, Schedule.constant(), steps, Schedule.level(probe), beta2)

/** The share of the profile's learning rate by which its language model takes the step after so many others. */
fun StoryProfile.rateAt(step: Long): Double = language.training.schedule().factor(minOf(step, steps - 1), steps)

/**
 * The backbone of each block of these runs' paths up to a step, row-normalised and uncentred, pointing away from the
 * start: for what is done to forks of theirs.
 */
fun Runs.backboneDirections(backbone: BackboneHandle, until: Long): Directions {
    val plan = backbone.path.snapshots()
    requireSnapshots(plan)
    val runs = this
    return Directions("the backbone") { point ->
        val own =
            runs.points.singleOrNull { it.seed == point.seed }
                ?: throw UserError(
                    "backboneDirections: expected one run of seed ${point.seed} among those whose paths are taken"
                )
        Basis.Path.backbone(own.id, plan.group(), plan.cadence().count(), until)
    }
}

/**
 * Trainings that go on from displaced weights, and how much of an accuracy they end with: how deep a basin is (arXiv
 * 2602.23696).
 */
class Depth
internal constructor(
    internal val place: String,
    private val relaxed: Runs,
    private val displaced: Runs,
    internal val acts: List<Act>,
) {
    /** The runs displaced along a direction by [sigma]; by 0 the relaxation alone. */
    fun of(along: Directions, sigma: Double): Runs =
        of(
            acts.firstOrNull { it.kind == displace(along, sigma).kind && it.strength == sigma }
                ?: throw UserError(
                    "depth '$place': there is no displacement along ${along.name} by $sigma; " +
                        "there are ${acts.map { it.name }}"
                )
        )

    internal fun of(act: Act): Runs = if (act.strength == 0.0) relaxed else displaced.of(act)

    internal val ids
        get() = (relaxed + displaced).ids
}

/**
 * Trains each of [relaxed] again after its weights were displaced along each direction by each share of their length,
 * block by block: `fork(...)` made them, and is itself what sigma 0 is.
 *
 * @param place words for figures: from which step, and how it goes on
 * @param along directions, each with its shares of a block's length, dimensionless; negative for the other way
 */
fun ExperimentScope.depth(
    place: String,
    relaxed: Runs,
    along: Map<Directions, List<Double>>,
    record: RecordScope.() -> Unit,
): Depth {
    val acts = along.flatMap { (directions, sigmas) -> sigmas.map { displace(directions, it) } }
    return Depth(place, relaxed, intervene(relaxed, acts, record), acts)
}

/** Accuracy on a set at the end against the displacement before, a panel for each place, directions in colours. */
fun depthBySigma(depths: List<Depth>, on: EvaluatedOn, title: String, caption: String = ""): Figure {
    val columns = listOf(RunSet.SEED, PLACE, ALONG, SIGMA, Table.quantity("value"))
    val rows = Table.builder(columns)
    for (depth in depths) {
        for (act in depth.acts) {
            on.numbers.atEnd().of(depth.of(act)).bySeed().forEach { (seed, value) ->
                rows.row(seed.toString(), depth.place, act.kind.removePrefix("${ALONG.name()} "), act.strength, value)
            }
        }
    }
    return pointsBy(
            name = "depth",
            title = title,
            table = rows.build(),
            x = Axis(SIGMA.name(), "displacement", "share of each block's length"),
            y = Axis.accuracy("value", "accuracy after training on"),
            colour = ALONG.name(),
            facet = Facet(PLACE.name(), 2),
            caption = caption,
            size = Size.PANELS,
        )
        .with(sources = depths.flatMap { it.ids }.distinct())
}

private val PLACE = Table.text("from")

private val ALONG = Table.text("displaced along")

private val SIGMA = Table.quantity("sigma")

/** Accuracy at the last evaluation on a set, per seed. */
fun Runs.accuracyAtEnd(on: EvaluatedOn): Measured = measured(on.numbers.atEnd())

/** The condition that every run of these has had such an accuracy on a set at some evaluation. */
fun reached(runs: Runs, on: EvaluatedOn, atLeast: Double): Claim.Condition = on.numbers.reached(runs, atLeast)

/**
 * Highest accuracy on a set of the trainings that start from where it is highest less that of those that start from
 * where it is lowest, per seed.
 *
 * @param from trainings from each of several steps
 */
fun recoveredFromHighLessLow(from: List<Runs>, on: EvaluatedOn): Measured =
    from.first().plainly(Recovery(on.numbers, from).highestLessLowest())

/** The condition that what these trainings start with lies so far apart, in every seed. */
fun startsApart(from: List<Runs>, on: EvaluatedOn, by: Double): Claim.Condition = Recovery(on.numbers, from).apart(by)
