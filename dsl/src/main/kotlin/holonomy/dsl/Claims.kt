package holonomy.dsl

import holonomy.claim.Claim
import holonomy.claim.Claim.ClaimedSet
import holonomy.claim.SeedValues
import holonomy.data.UserError
import holonomy.measure.TrajectorySpectrum
import holonomy.task.Task

/**
 * One number per seed, and the same number under any null of the path.
 *
 * @property values the measured numbers
 * @property traits what the runs are that it was measured in; empty where that goes without saying
 */
class Measured
internal constructor(
    val values: SeedValues,
    internal val traits: Set<String> = emptySet(),
    private val under: (PathNull) -> SeedValues,
) {
    /** The number under a null, per seed. */
    fun under(walk: PathNull): SeedValues = under.invoke(walk)

    /** How far this lies above what a null gives, seed by seed, in the number's unit; negative below it. */
    fun excess(over: PathNull): Measured =
        plain(values.minus(under(over)).labelled("${values.label()} minus that of: ${over.label}"), traits)

    /** How many times what a null gives this is, seed by seed, on a log scale. */
    infix fun over(walk: PathNull): Measured =
        plain(values.over(under(walk)).labelled("${values.label()} over that of: ${walk.label}"), traits)

    /** Difference to another number, paired within the seed, under nulls too. */
    operator fun minus(other: Measured): Measured {
        val difference = values.minus(other.values).labelled(beside(other, "minus"))
        return Measured(difference, traits intersect other.traits) { walk -> under(walk).minus(other.under(walk)) }
    }

    /** This number's and another one's label, each with what its runs are and the other's aren't. */
    internal fun beside(other: Measured, word: String): String {
        val (one, two) = values.label() to other.values.label()
        val own = (traits - other.traits).joinToString(", ")
        val others = (other.traits - traits).joinToString(", ")
        return when {
            own.isEmpty() || others.isEmpty() -> "$one $word $two"
            one == two -> "$one: $own $word $others"
            else -> "$one ($own) $word $two ($others)"
        }
    }

    /** This over another number, paired within the seed, on a log scale, under nulls too. */
    internal fun ratioTo(other: Measured): Measured =
        Measured(values.over(other.values).labelled(beside(other, "over")), traits intersect other.traits) { walk ->
            under(walk).over(other.under(walk))
        }

    /** The statement that this lies in a range, ends included: a value that the source gives. */
    infix fun isWithin(range: ClosedFloatingPointRange<Double>) =
        Statement(this, ClaimedSet(range.start, range.endInclusive))

    /** The statement that this is at most [most], a bound that means something; for 'it is smaller' see [isBelow]. */
    infix fun isAtMost(most: Double) = Statement(this, ClaimedSet.atMost(most))

    /** The statement that this is at least [least], a bound that means something; for 'it is larger' see [isAbove]. */
    infix fun isAtLeast(least: Double) = Statement(this, ClaimedSet.atLeast(least))

    /** That this is larger than [other], seed by seed, [Change.by] how much or [Change.byFactor] which. */
    infix fun isAbove(other: Measured): Change = Change(this, Beside.Number(other), up = true)

    /** That this is larger than a number, such as 0 or chance. */
    infix fun isAbove(other: Double): Change = Change(this, Beside.Constant(other), up = true)

    /** That this is smaller than [other], seed by seed, [Change.by] how much or [Change.byFactor] which. */
    infix fun isBelow(other: Measured): Change = Change(this, Beside.Number(other), up = false)

    /** That this is smaller than a number. */
    infix fun isBelow(other: Double): Change = Change(this, Beside.Constant(other), up = false)

    /** That this is as large as [other], seed by seed, [Likeness.within] which margin on both sides. */
    infix fun isLike(other: Measured): Likeness = Likeness(this, Beside.Number(other))

    /** That this is as large as a number. */
    infix fun isLike(other: Double): Likeness = Likeness(this, Beside.Constant(other))
}

/** The smallest of several numbers, seed by seed: what holds for it holds for all. Undefined where one of them is. */
fun least(of: List<Measured>): Measured = extreme(Reduction.LEAST, of)

/** The largest of several numbers, seed by seed; as [least]. */
fun most(of: List<Measured>): Measured = extreme(Reduction.MOST, of)

private fun extreme(reduction: Reduction, of: List<Measured>): Measured {
    if (of.isEmpty()) throw UserError("$reduction: expected at least one number, found none")
    val traits = of.map { it.traits }.reduce { common, more -> common intersect more }
    return plain(reduction.of(of.map { it.values }), traits)
}

/** A number that has no value under a null of the path. */
internal fun plain(values: SeedValues, traits: Set<String> = emptySet()) =
    Measured(values, traits) { walk ->
        throw UserError("'${values.label()}' has no value under the null '${walk.label}'; leave it out")
    }

/** [plain], measured in these runs. */
internal fun Runs.plainly(values: SeedValues) = plain(values, traits)

/**
 * Mean of a statistic over layers and matrices at the end of training, per seed.
 *
 * @param of matrices averaged over; all of them when not given
 */
fun Runs.mean(quantity: Quantity, of: Matrices? = null): Measured = mean(quantity, of, "")

private fun Runs.mean(quantity: Quantity, of: Matrices?, where: String): Measured {
    val label = "mean ${quantity.statistic.label()}" + (of?.let { " of $it" } ?: "") + where
    return ofPath(TrajectorySpectrum.MEASURED) { quantity.numbers.atEnd(label, it, of?.names.orEmpty()) }
}

/**
 * Share of the training (dimensionless, 0..1) after which a statistic stays within [margin] of its final value, mean
 * over layers and matrices, per seed. The null's own curve settles too: compare.
 */
fun Runs.settledAfter(quantity: Quantity, margin: Double): Measured =
    ofPath(TrajectorySpectrum.MEASURED) { quantity.numbers.settledAfter(it, margin) }

/**
 * The condition that every run of these ended with an accuracy of at least [atLeast] on every m: the median of its last
 * five evaluations, for at a constant learning rate a single one swings by several points.
 */
fun trained(runs: Runs, handle: AccuracyHandle, atLeast: Double = .95): Claim.Condition =
    handle.numbers.trained(runs, atLeast)

/**
 * [mean] of each seed's path up to a step of that seed, which other runs may have taken: the last window that ends by
 * then. `runs.mean(spectrum.pc1Share, upTo = sums.grokStep(accuracy, GROKKED))` compares at matched steps.
 */
fun Runs.mean(quantity: Quantity, upTo: Measured): Measured {
    val label = "mean ${quantity.statistic.label()} up to: ${upTo.values.label()}"
    return ofPath(TrajectorySpectrum.MEASURED) { quantity.numbers.upTo(label, it, upTo.values.bySeed()) }
}

/** [mean] over the runs on one task only. */
fun Runs.mean(quantity: Quantity, on: Task): Measured = of(on).mean(quantity, null, " on ${on.label()}")

/**
 * How far seeds differ: the coefficient of variation of a statistic's mean over layers and matrices, standard deviation
 * over seeds / mean, dimensionless. One number of all seeds, which can't be set beside another one seed by seed; its
 * chi-square limits are wide, from 3 seeds .52 to 6.3 times the value.
 */
fun Runs.deviationOverSeeds(quantity: Quantity): Measured = plainly(mean(quantity).values.spread())

/** Accuracy at the last evaluation, mean over m, per seed. */
fun Runs.finalAccuracy(handle: AccuracyHandle): Measured = measured(handle.numbers.atEnd())
