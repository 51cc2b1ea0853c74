package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.task.Task
import kotlin.math.abs

/** What a sweep goes over: an axis, or several whose values go together ([zip]). */
sealed class Axes {
    internal abstract val axes: List<SweepAxis<*>>
    internal abstract val values: List<Map<SweepAxis<*>, Any>>

    /** These axes and another one side by side, first value with first value; both must have as many. */
    infix fun zip(other: Axes): Axes = ZippedAxes(this, other)
}

/**
 * One thing that a sweep varies: a handle by which each point's value is read, and a column in tables.
 *
 * @property name label in tables and figures, any words
 */
class SweepAxis<T : Any> internal constructor(val name: String, internal val list: List<T>) : Axes() {
    override val axes: List<SweepAxis<*>>
        get() = listOf(this)

    override val values: List<Map<SweepAxis<*>, Any>>
        get() = list.map { mapOf(this to it) }

    /** Its column in tables of runs: its name, with a word behind it where tables have a column of that name anyway. */
    internal val column: Table.Column =
        (if (name in TakenColumns.names) "$name (axis)" else name).let { label ->
            when {
                list.all { it is Int || it is Long } -> Table.whole(label)
                list.all { it is Number } -> Table.quantity(label)
                else -> Table.text(label)
            }
        }

    internal val isNumber: Boolean
        get() = column.type() != Table.Type.TEXT

    override fun toString() = name
}

private class ZippedAxes(one: Axes, other: Axes) : Axes() {
    override val axes = one.axes + other.axes
    override val values: List<Map<SweepAxis<*>, Any>>

    init {
        if (one.values.size != other.values.size) {
            throw UserError(
                "sweep: '${one.axes.joinToString()}' has ${one.values.size} values, '${other.axes.joinToString()}' ${other.values.size}; axes that are zipped need as many of each"
            )
        }
        values = one.values.zip(other.values) { a, b -> a + b }
    }
}

/** An axis of a sweep with these values: `axis("width", 32, 64)`. */
fun <T : Any> axis(name: String, vararg values: T): SweepAxis<T> = axis(name, values.toList())

/** An axis of a sweep with the values of a list or a range: `axis("m", 1..6)`. */
fun <T : Any> axis(name: String, values: Iterable<T>): SweepAxis<T> {
    val list = values.toList()
    if (name.isBlank() || name.any { it.isISOControl() }) {
        val shown = name.map { if (it.isISOControl()) "\\u%04x".format(it.code) else "$it" }.joinToString("")
        throw UserError("sweep axis '$shown': expected a name of at least one letter, digit or sign on one line")
    }
    if (list.isEmpty()) throw UserError("sweep axis '$name' has no values; expected at least one")
    list
        .groupingBy { it }
        .eachCount()
        .entries
        .firstOrNull { it.value > 1 }
        ?.let { throw UserError("sweep axis '$name' has the value ${it.key} twice; remove one of them") }
    list
        .groupBy { spoken(it) }
        .entries
        .firstOrNull { it.value.size > 1 && it.value.any { value -> value is Enum<*> } }
        ?.let {
            throw UserError(
                "sweep axis '$name' has ${it.value.size} different values that tables show as '${it.key}'; use an axis of its own for each kind of choice"
            )
        }
    return SweepAxis(name, list)
}

/** The points of a sweep. */
class Sweep
internal constructor(internal val axes: List<SweepAxis<*>>, internal val points: List<Map<SweepAxis<*>, Any>>) {
    /** The points that satisfy a condition: `sweep(width, depth).where { it[width] * it[depth] <= 128 }`. */
    fun where(condition: (Setting) -> Boolean): Sweep {
        val kept = points.filter { condition(Setting(it, mutableSetOf())) }
        if (kept.isEmpty()) throw UserError("sweep over ${axes.joinToString()}: no point satisfies the condition")
        return Sweep(axes, kept)
    }
}

/**
 * Every value of every axis with every value of the others; axes that go together are zipped: `sweep(width, rate zip
 * steps)`.
 */
fun sweep(vararg axes: Axes): Sweep {
    val all = axes.flatMap { it.axes }
    all.groupBy { it.column.name() }
        .values
        .firstOrNull { it.size > 1 }
        ?.let { same ->
            val names = same.map { "'${it.name}'" }.distinct().joinToString(" and ")
            throw UserError("sweep: two axes are named $names; give one of them another name")
        }
    val start: List<Map<SweepAxis<*>, Any>> = listOf(emptyMap())
    return Sweep(all, axes.fold(start) { points, axis -> points.flatMap { point -> axis.values.map { point + it } } })
}

/** The values of the axes at one point of a sweep: `it[width]`. */
class Setting
internal constructor(internal val values: Map<SweepAxis<*>, Any>, private val used: MutableSet<SweepAxis<*>>) {
    /** The value of an axis here. */
    operator fun <T : Any> get(axis: SweepAxis<T>): T {
        used += axis
        @Suppress("UNCHECKED_CAST") // the constructor of SweepAxis paired them
        return (values[axis]
            ?: throw UserError("sweep: axis '${axis.name}' is not one of this sweep's (${values.keys.joinToString()})"))
            as T
    }
}

/** A range of seeds: `seeds(1..20)`. */
fun seeds(range: IntRange): List<Long> = range.map(Int::toLong)

/** Trains one arm per point of a sweep and seed. */
internal fun sweptPoints(
    sweep: Sweep,
    seeds: List<Long>,
    model: (Setting) -> Arm,
    on: (Setting) -> Task,
    recorded: RecordScope,
): List<Point> {
    checkNames(sweep, recorded)
    val used = mutableSetOf<SweepAxis<*>>()
    val points =
        sweep.points.flatMap { values ->
            val setting = Setting(values, used)
            val arm = model(setting)
            val task = on(setting)
            val label =
                values.entries.joinToString(", ", "${arm.name}, ") { (axis, value) -> "${axis.name} ${spoken(value)}" }
            seeds.map { seed -> Point.of(arm, task, seed, "$label, seed $seed", recorded, values) }
        }
    sweep.axes
        .firstOrNull { it !in used }
        ?.let {
            throw UserError(
                "sweep axis '${it.name}' is used by neither model nor task; use it[...] there, or remove the axis"
            )
        }
    return points
}

/** A value of an axis as labels and tables name it; a float is the number it was written as, not its nearest double. */
internal fun shown(value: Any): Any =
    when (value) {
        is Task -> value.label()
        is Float -> value.toString().toDouble()
        else -> value
    }

/** The same in words: 0.0005, not 5.0E-4. */
internal fun spoken(value: Any): String =
    shown(value).let { number ->
        if (number is Double && abs(number) in 1e-6..1e6) number.toBigDecimal().stripTrailingZeros().toPlainString()
        else number.toString()
    }

private fun checkNames(sweep: Sweep, recorded: RecordScope) {
    for (axis in sweep.axes) {
        val name = axis.column.name()
        recorded.measures
            .firstOrNull { measure -> measure.columns().any { it.name() == name } }
            ?.let {
                throw UserError(
                    "sweep axis '${axis.name}': measure '${it.name()}' has a column '$name'; give the axis another name"
                )
            }
    }
}

/** The runs at one value of a sweep's axis. */
fun <T : Any> Runs.of(axis: SweepAxis<T>, value: T): Runs =
    only("${axis.name} ${spoken(value)}") { it.values[axis] == value }
