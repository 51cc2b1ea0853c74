package holonomy.dsl

/** The sizes of a study's tasks, as one value: what a profile of the study holds beside model, recipe and cadences. */
interface TaskSizes<S : TaskSizes<S>> {
    /** The keys by which `--set` departs from these sizes. */
    val settings: Settings<S>
}

/** The keys that `--set` knows for a [P], and what each of them changes. */
class Settings<P> private constructor(private val known: Map<String, Setting<P>>) {
    /** None yet. */
    constructor() : this(emptyMap())

    private class Setting<P>(val kind: String, val apply: (P, String) -> P?)

    /** And a whole number under a key. */
    fun whole(key: String, change: P.(Int) -> P): Settings<P> = and(key, "a whole number", String::toIntOrNull, change)

    /** And a whole number of 64 bits, such as one of steps. */
    fun wide(key: String, change: P.(Long) -> P): Settings<P> = and(key, "a whole number", String::toLongOrNull, change)

    /** And a finite number. */
    fun real(key: String, change: P.(Double) -> P): Settings<P> =
        and(key, "a number", { text -> text.toDoubleOrNull()?.takeIf(Double::isFinite) }, change)

    /** And whole numbers from one to another: `1..4`, or `3`. */
    fun range(key: String, change: P.(IntRange) -> P): Settings<P> =
        and(key, "a range such as 1..4, of at most $MOST values", ::range, change)

    private fun <V : Any> and(key: String, kind: String, read: (String) -> V?, change: P.(V) -> P) =
        Settings(known + (key to Setting(kind) { whole, text -> read(text)?.let { whole.change(it) } }))

    /** These as departures of a [Q] that holds a [P]. */
    internal fun <Q> within(part: (Q) -> P, change: Q.(P) -> Q): Settings<Q> =
        Settings(
            known.mapValues { (_, setting) ->
                Settings.Setting(setting.kind) { whole, text ->
                    setting.apply(part(whole), text)?.let { whole.change(it) }
                }
            }
        )

    internal operator fun plus(other: Settings<P>) = Settings(known + other.known)

    /** [to] with a value under a key; an unknown key or a value of the wrong kind is the user's mistake. */
    internal fun apply(to: P, key: String, value: String): P {
        val keys = known.keys.sorted()
        val setting =
            known[key]
                ?: throw OptionError(
                    "--set $key=$value: no such key; expected one of ${keys.joinToString(", ")}.${didYouMean(key, keys)}"
                )
        return setting.apply(to, value) ?: throw OptionError("--set $key: expected ${setting.kind}, found '$value'")
    }
}

private const val MOST = 1000

private fun range(text: String): IntRange? {
    val ends = text.split("..").map { it.toIntOrNull() ?: return null }
    val range = if (ends.size in 1..2) ends.first()..ends.last() else return null
    return range.takeIf { it.last.toLong() - it.first < MOST }
}
