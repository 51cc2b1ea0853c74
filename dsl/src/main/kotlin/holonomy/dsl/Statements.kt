package holonomy.dsl

import holonomy.claim.Claim
import holonomy.claim.Claim.ClaimedSet
import holonomy.claim.Margin
import holonomy.claim.SeedValues
import holonomy.data.UserError

/** What a number is compared with. */
internal sealed class Beside {
    /** Another number of the same seeds. */
    class Number(val measured: Measured) : Beside()

    /** A number that is the same for every seed. */
    class Constant(val value: Double) : Beside()
}

/** This over another number, seed by seed, on a log scale. */
infix fun Measured.over(other: Measured): Measured = ratioTo(other)

/**
 * 'This is larger (smaller) than that', of which the smallest change that matters is still to be said: [by] or
 * [byFactor]. Only then is it a [Statement] that a claim takes: 'larger' alone is borne out by changes that nobody
 * would care for, and a tie must support nothing.
 */
class Change internal constructor(private val one: Measured, private val beside: Beside, private val up: Boolean) {
    /** The smallest change that matters, in the number's unit, above 0: `(a isAbove b by 0.5)`. */
    infix fun by(least: Double): Statement {
        require("by", least, least > 0 && least.isFinite(), "a number above 0, the smallest change that matters")
        fun set(from: Double, low: Double, high: Double) =
            if (up) ClaimedSet(from + low, from + high) else ClaimedSet(from - high, from - low)
        return when (beside) {
            is Beside.Number -> statement(one - beside.measured, least, Margin.by(least)) { a, b -> set(0.0, a, b) }
            is Beside.Constant -> statement(one, least, Margin.by(least)) { a, b -> set(beside.value, a, b) }
        }
    }

    /** The smallest change that matters as a factor above 1, of positive numbers: `(a isAbove b byFactor 1.5)`. */
    infix fun byFactor(least: Double): Statement {
        require("byFactor", least, least > 1 && least.isFinite(), "a factor above 1, the smallest change that matters")
        fun set(from: Double, low: Double, high: Double) =
            when {
                up -> ClaimedSet(from * low, from * high)
                high.isInfinite() -> ClaimedSet.atMost(from / low)
                else -> ClaimedSet(from / high, from / low)
            }
        return when (beside) {
            is Beside.Number ->
                statement(one.ratioTo(beside.measured), least, Margin.factor(least)) { a, b -> set(1.0, a, b) }
            is Beside.Constant -> statement(one, least, Margin.factor(least)) { a, b -> set(beside.value, a, b) }
        }
    }

    private fun statement(of: Measured, least: Double, margin: Margin, set: (Double, Double) -> ClaimedSet) =
        Statement(of, set(least, Double.POSITIVE_INFINITY), margin, set)
}

/** 'This is as large as that', of which the margin on both sides is still to be said: [within] or [withinFactor]. */
class Likeness internal constructor(private val one: Measured, private val beside: Beside) {
    /** The largest difference that doesn't matter, either way: `(a isLike b within 0.5)`. */
    infix fun within(margin: Double): Statement {
        require("within", margin, margin > 0 && margin.isFinite(), "a number above 0, the largest that doesn't matter")
        return when (beside) {
            is Beside.Number -> Statement(one - beside.measured, ClaimedSet(-margin, margin), Margin.by(margin))
            is Beside.Constant ->
                Statement(one, ClaimedSet(beside.value - margin, beside.value + margin), Margin.by(margin))
        }
    }

    /** The largest factor that doesn't matter, either way, of positive numbers: `(a isLike b withinFactor 1.25)`. */
    infix fun withinFactor(margin: Double): Statement {
        require(
            "withinFactor",
            margin,
            margin > 1 && margin.isFinite(),
            "a factor above 1, the largest that doesn't matter",
        )
        return when (beside) {
            is Beside.Number ->
                Statement(one.ratioTo(beside.measured), ClaimedSet(1 / margin, margin), Margin.factor(margin))
            is Beside.Constant ->
                Statement(one, ClaimedSet(beside.value / margin, beside.value * margin), Margin.factor(margin))
        }
    }
}

private fun require(word: String, found: Double, holds: Boolean, expected: String) {
    if (!holds) throw Misread("claim: $word $found: expected $expected")
}

/**
 * A measured number, the set of values claimed, and the nulls that it must beat. What says what:
 * - `x isWithin 3.0..5.0`: the source gives the value;
 * - `x isAtLeast .95`, `x isAtMost .3`: a bound that means something, never 'no change' (0, or 1 of a ratio);
 * - `(a isAbove b by .5)`, `(a isBelow b byFactor 1.5)`: it changes, by what matters; with `.published(1.2..3.1)` where
 *   the source gives the change's size;
 * - `(a isLike b within .5)`: it stays, it is the same, it isn't needed.
 */
class Statement
internal constructor(
    private val measured: Measured,
    private val claimed: ClaimedSet,
    private val usual: Margin = Margin.usual(),
    private val sizes: (Double, Double) -> ClaimedSet = ::ClaimedSet,
    private val size: ClaimedSet? = null,
    private val nulls: List<Claim.Null> = emptyList(),
    private val conditions: List<Claim.Condition> = emptyList(),
) {
    init {
        try {
            claimed.requireSize(measured.values.scale())
        } catch (mistake: UserError) {
            throw Misread(mistake.message.orEmpty())
        }
    }

    private fun with(
        size: ClaimedSet? = this.size,
        nulls: List<Claim.Null> = this.nulls,
        conditions: List<Claim.Condition> = this.conditions,
    ) = Statement(measured, claimed, usual, sizes, size, nulls, conditions)

    /**
     * The size that the source gives for a change, in the unit of its margin ([Change.by] or [Change.byFactor]), as a
     * positive amount whichever way it goes. An interval that bears the change out and lies outside these sizes is
     * 'direction as published, size not'.
     */
    fun published(size: ClosedFloatingPointRange<Double>) = with(size = sizes(size.start, size.endInclusive))

    /**
     * The number must lie below what the null gives by more than matters: [by] in its unit at the null's level or
     * [byFactor], else the statement's own margin, else the scale's: a tenth of the null, a quarter of its odds for
     * shares, .1 in z for cosines and correlations. A number that doesn't is explained by the null.
     */
    fun below(walk: PathNull, by: Double? = null, byFactor: Double? = null) =
        beating(walk.label, measured.under(walk), Claim.Side.BELOW, margin(by, byFactor))

    /** The number must lie above what the null gives by more than matters: see [below]. */
    fun above(walk: PathNull, by: Double? = null, byFactor: Double? = null) =
        beating(walk.label, measured.under(walk), Claim.Side.ABOVE, margin(by, byFactor))

    /** As [below], of another number as the null; [name] is what tables call it. */
    fun below(other: Measured, by: Double? = null, byFactor: Double? = null, name: String = other.values.label()) =
        beating(name, other.values, Claim.Side.BELOW, margin(by, byFactor))

    /** As [above], of another number as the null; [name] is what tables call it. */
    fun above(other: Measured, by: Double? = null, byFactor: Double? = null, name: String = other.values.label()) =
        beating(name, other.values, Claim.Side.ABOVE, margin(by, byFactor))

    private fun margin(by: Double?, byFactor: Double?): Margin {
        if (by != null && byFactor != null) throw Misread("claim: by and byFactor are two margins of one null; say one")
        by?.let { require("by", it, it > 0 && it.isFinite(), "a number above 0, the smallest excess that matters") }
        byFactor?.let { require("byFactor", it, it > 1 && it.isFinite(), "a factor above 1") }
        return by?.let(Margin::by) ?: byFactor?.let(Margin::factor) ?: usual
    }

    private fun beating(name: String, values: SeedValues, side: Claim.Side, margin: Margin) =
        with(nulls = nulls + Claim.Null(name, values, side, margin))

    /** The statement can only be tested where the condition holds. */
    fun provided(condition: Claim.Condition) = with(conditions = conditions + condition)

    /** As [provided], but looked at before the other conditions. */
    internal fun firstOf(condition: Claim.Condition) = with(conditions = listOf(condition) + conditions)

    internal fun claim(text: String, source: String, published: String) =
        Claim(text, source, published, measured.values, claimed, size, nulls, conditions)
}
