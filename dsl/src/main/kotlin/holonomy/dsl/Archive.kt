package holonomy.dsl

import holonomy.data.Table
import holonomy.data.UserError
import holonomy.store.StoredRun
import java.lang.ref.SoftReference

/** A figure or claim reads what these runs can't give, whatever comes out of them: known before anything trains. */
internal class Misread(message: String) : UserError(message)

/**
 * Where an experiment's handles find the finished runs; filled by the laboratory. Figures and claims ask for the same
 * tables again and again: one that has been read is kept while there is memory. Not thread-safe.
 */
internal class Archive {
    private var runs: Map<String, StoredRun>? = null
    private val tables = mutableMapOf<List<Any>, SoftReference<Table>>()
    private var asked = linkedSetOf<String>()

    /** Whether a block is being looked at before its runs are there: no run is found, tables have no rows. */
    var rehearsing = false
        private set

    fun fill(finished: Map<String, StoredRun>) {
        runs = finished
        tables.clear()
    }

    /** A table of a finished run, by its file, with constant columns before its own. */
    fun table(run: StoredRun, id: String, file: String, labels: Map<Table.Column, Any?> = emptyMap()): Table =
        kept(listOf(id, file, labels)) {
            if (labels.isEmpty()) run.table(file) else table(run, id, file).labelled(labels)
        }

    private fun kept(key: List<Any>, make: () -> Table): Table =
        tables[key]?.get() ?: make().also { tables[key] = SoftReference(it) }

    fun find(id: String): StoredRun? {
        asked += id
        if (rehearsing) return null
        return (runs
            ?: throw UserError(
                "a run's numbers were read while the experiment was being declared; read them inside figure { } or claim { }"
            ))[id]
    }

    /** The result of [block], with the ids of the runs it asked for, whether these are there or not. */
    fun <T> watching(block: () -> T): Pair<T, Set<String>> {
        val before = asked
        asked = linkedSetOf()
        try {
            return block() to asked
        } finally {
            asked = before.apply { addAll(asked) }
        }
    }

    /** A value that is computed once; whoever reads it has asked for the runs that it is computed from. */
    fun <T> once(compute: () -> T): Lazy<T> = Once(this, compute)

    private class Once<T>(private val archive: Archive, private val compute: () -> T) : Lazy<T> {
        private var kept: Pair<T, Set<String>>? = null

        override val value: T
            get() {
                val (value, asked) = kept ?: archive.watching(compute).also { if (!archive.rehearsing) kept = it }
                archive.asked += asked
                return value
            }

        override fun isInitialized() = kept != null
    }

    /**
     * What a block gives when it is looked at without data, or null where it can't, with the ids of the runs it asks
     * for.
     */
    fun <T : Any> foresee(block: () -> T): Pair<T?, Set<String>> = watching {
        var seen: T? = null
        rehearse { block().also { seen = it } }
        seen
    }

    /**
     * Runs a block of a figure or claim without any data, for the sake of the handles it reads. Without data little
     * works, so every failure but a [Misread] says nothing and is passed over; then the result is null.
     */
    fun <T> rehearse(block: () -> T): T? {
        rehearsing = true
        return try {
            block()
        } catch (misread: Misread) {
            throw misread
        } catch (_: Throwable) {
            null // what the block would do with data is not known yet
        } finally {
            rehearsing = false
        }
    }
}
