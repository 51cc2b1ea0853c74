package holonomy.laboratory

import holonomy.data.Identity
import holonomy.model.ComputeDevice
import holonomy.run.IndexEntry
import holonomy.run.RunRequest
import holonomy.run.Standing
import holonomy.run.Store
import holonomy.run.Work
import holonomy.text.counted
import holonomy.text.duration
import holonomy.text.size
import holonomy.text.textTable
import java.nio.file.Files
import java.nio.file.Path

/**
 * What would be done: which runs are there, which are new, how long it takes, how much disk. Nothing is trained for
 * good or written.
 */
internal class Plan(
    private val requests: List<RunRequest>,
    private val store: Store,
    private val options: RunOptions,
    private val derivations: Derivations,
) {
    private val finished = store.list()
    private val speeds = mutableMapOf<String, Speed>()

    /** Steps per second, and whether stored runs say so or a few steps taken now. */
    private class Speed(val stepsPerSecond: Double, val stored: Boolean)

    fun print(): Int {
        val plans = requests.map { it to standing(it) }
        val rows = plans.map { (request, standing) -> cells(request, standing) }
        textTable(listOf("id", "run", "state", "steps left", "time"), rows, right = setOf(3, 4))
            .forEach(options.display::say)
        summary(plans).forEach(options.display::say)
        derivations.list().forEach(options.display::say)
        return ExitCode.DONE
    }

    private fun standing(request: RunRequest): Standing =
        if (options.fresh) Standing(Standing.State.NEW, 0, request.spec().training().steps())
        else Standing.of(store, finished, request)

    private fun cells(request: RunRequest, standing: Standing): List<String> {
        val from =
            if (standing.state() in listOf(Standing.State.CONTINUES, Standing.State.EXTENDS))
                " from step ${standing.from()}"
            else ""
        val time = if (standing.left() == 0L) "" else "about ${duration(seconds(request, standing))}"
        return listOf(
            Identity.shortened(request.id()),
            request.label(),
            standing.state().words() + from,
            standing.left().toString(),
            time,
        )
    }

    private fun seconds(request: RunRequest, standing: Standing) = standing.left() / speed(request).stepsPerSecond

    private fun speed(request: RunRequest): Speed =
        speeds.getOrPut(Work.of(request.spec())) {
            measured(finished, Work.of(request.spec()))?.let { Speed(it, stored = true) }
                ?: Speed(
                    Work.stepsPerSecond(request.spec(), ComputeDevice.of(options.invocation.device)),
                    stored = false,
                )
        }

    private fun summary(plans: List<Pair<RunRequest, Standing>>): List<String> = buildList {
        val counts = plans.groupingBy { it.second.state() }.eachCount().toSortedMap()
        val states = counts.entries.joinToString(", ") { (state, count) -> "$count ${state.words()}" }
        add("${counted(plans.size, "run")}: ${states.ifEmpty { "none" }}")
        val work = plans.filter { it.second.left() > 0 }
        if (work.isEmpty()) return@buildList
        val all = work.sumOf { (request, standing) -> seconds(request, standing) }
        val workers = minOf(options.workers, work.size)
        val longest = work.maxOf { (request, standing) -> seconds(request, standing) }
        val origins = speeds.values.groupingBy { it.stored }.eachCount()
        val origin =
            listOfNotNull(
                origins[true]?.let { "stored runs" },
                origins[false]?.let { "a few steps taken now, without measures" },
            )
        add(
            "time: about ${duration(maxOf(all / workers, longest))} with $workers workers (${duration(all)} of training; speed from ${origin.joinToString(" and ")})"
        )
        val bytes = plans.filter { it.second.state() in WRITES }.sumOf { Standing.bytes(it.first) }
        add("disk: about ${size(bytes)} for weights and snapshots; ${size(free(options.store))} are free")
    }

    private companion object {
        val WRITES = setOf(Standing.State.NEW, Standing.State.CONTINUES, Standing.State.EXTENDS)
    }
}

/** Median steps per second of stored runs with the same work per step; null if there is none. */
internal fun measured(finished: List<IndexEntry>, work: String): Double? {
    val speeds =
        finished
            .filter { it.summary().path("work").asText() == work }
            .map { it.summary().path("step").asDouble() / it.summary().path("seconds").asDouble() }
            .filter { it.isFinite() && it > 0 }
            .sorted()
    return if (speeds.isEmpty()) null else speeds[speeds.size / 2]
}

private fun free(folder: Path): Long {
    val there = generateSequence(folder) { it.parent }.first { Files.exists(it) }
    return Files.getFileStore(there).usableSpace
}
