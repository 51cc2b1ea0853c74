package holonomy.dsl

import holonomy.data.UserError
import holonomy.experiment.Claim
import holonomy.experiment.Claim.ClaimedSet
import holonomy.experiment.SeedValues
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

    /** Difference to another number, paired within the seed, under nulls too. */
    operator fun minus(other: Measured): Measured {
        val label = beside(other, "minus")
        return Measured(values.minus(other.values).labelled(label), traits intersect other.traits) { walk ->
            under(walk).minus(other.under(walk))
        }
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

    /** The statement that this lies in a range, ends included. */
    infix fun isWithin(range: ClosedFloatingPointRange<Double>) =
        Statement(this, ClaimedSet(range.start, range.endInclusive))

    /** The statement that this is at most [most]. */
    infix fun isAtMost(most: Double) = Statement(this, ClaimedSet.atMost(most))

    /** The statement that this is at least [least]. */
    infix fun isAtLeast(least: Double) = Statement(this, ClaimedSet.atLeast(least))

    /** The statement that this is smaller than [other], seed by seed; equal values are not smaller. */
    infix fun isBelow(other: Measured) = Statement(this - other, ClaimedSet.below0())

    /** The statement that this is larger than [other], seed by seed; equal values are not larger. */
    infix fun isAbove(other: Measured) = Statement(this - other, ClaimedSet.above0())
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

/** A measured number, the set of values claimed, and the nulls that it must beat. */
class Statement
internal constructor(
    private val measured: Measured,
    private val claimed: ClaimedSet,
    private val nulls: List<Claim.Null> = emptyList(),
    private val conditions: List<Claim.Condition> = emptyList(),
) {
    /** The number must lie below what the null gives, by more than [margin]. */
    fun below(walk: PathNull, margin: Double = 0.0) =
        beating(walk.label, measured.under(walk), Claim.Side.BELOW, margin)

    /** The number must lie above what the null gives, by more than [margin]. */
    fun above(walk: PathNull, margin: Double = 0.0) =
        beating(walk.label, measured.under(walk), Claim.Side.ABOVE, margin)

    /** The number must lie below another one, the null, by more than [margin]; [name] is what tables call it. */
    fun below(other: Measured, margin: Double = 0.0, name: String = other.values.label()) =
        beating(name, other.values, Claim.Side.BELOW, margin)

    /** The number must lie above another one, the null, by more than [margin]; [name] is what tables call it. */
    fun above(other: Measured, margin: Double = 0.0, name: String = other.values.label()) =
        beating(name, other.values, Claim.Side.ABOVE, margin)

    private fun beating(name: String, values: SeedValues, side: Claim.Side, margin: Double) =
        Statement(measured, claimed, nulls + Claim.Null(name, values, side, margin), conditions)

    /** The statement can only be tested where the condition holds. */
    fun provided(condition: Claim.Condition) = Statement(measured, claimed, nulls, conditions + condition)

    /** As [provided], but looked at before the other conditions. */
    internal fun firstOf(condition: Claim.Condition) =
        Statement(measured, claimed, nulls, listOf(condition) + conditions)

    internal fun claim(text: String, source: String, published: String) =
        Claim(text, source, published, measured.values, claimed, nulls, conditions)
}

/**
 * Mean of a statistic over layers and matrices at the end of training, per seed.
 *
 * @param of matrices averaged over; all of them when not given
 */
fun Runs.mean(quantity: Quantity, of: Matrices? = null): Measured = mean(quantity, of, "")

private fun Runs.mean(quantity: Quantity, of: Matrices?, where: String): Measured {
    val label = "mean ${quantity.statistic.label()}" + (of?.let { " of $it" } ?: "") + where
    return measured(TrajectorySpectrum.MEASURED) { quantity.numbers.atEnd(label, it, of?.names.orEmpty()) }
}

/**
 * Share of the training (dimensionless, 0..1) after which a statistic stays within [margin] of its final value, mean
 * over layers and matrices, per seed. The null's own curve settles too: compare.
 */
fun Runs.settledAfter(quantity: Quantity, margin: Double): Measured =
    measured(TrajectorySpectrum.MEASURED) { quantity.numbers.settledAfter(it, margin) }

/**
 * The condition that every run of these ended with an accuracy of at least [atLeast] on every m: the median of its last
 * five evaluations, for at a constant learning rate a single one swings by several points.
 */
fun trained(runs: Runs, handle: AccuracyHandle, atLeast: Double = .95): Claim.Condition =
    handle.numbers.trained(runs, atLeast)

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
