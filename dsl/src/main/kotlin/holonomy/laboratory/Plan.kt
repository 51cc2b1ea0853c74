package holonomy.laboratory

import holonomy.data.Identity
import holonomy.run.RequestStatus
import holonomy.run.RunRequest
import holonomy.store.Store
import holonomy.text.counted
import holonomy.text.duration
import holonomy.text.size
import holonomy.text.textTable
import java.nio.file.Files
import java.nio.file.Path
import java.util.Locale

/**
 * What would be done: which runs are there, which are new, how long it takes, how much disk. Nothing is trained for
 * good or written.
 */
internal class Plan(
    private val requests: List<RunRequest>,
    private val store: Store,
    private val options: RunOptions,
    private val derivations: Derivations,
    private val until: UntilDecided,
) {
    private val costs = Costs(store, options)

    fun print(): Int {
        val plans = requests.map { it to costs.standing(it) }
        val rows = plans.map { (request, standing) -> cells(request, standing) }
        textTable(listOf("id", "run", "state", "steps left", "time"), rows, right = setOf(3, 4))
            .forEach(options.display::say)
        summary(plans).forEach(options.display::say)
        derivations.list().forEach(options.display::say)
        until.plan(costs).forEach(options.display::say)
        return ExitCode.DONE
    }

    private fun cells(request: RunRequest, standing: RequestStatus): List<String> {
        val from =
            if (standing.state() in listOf(RequestStatus.State.CONTINUES, RequestStatus.State.EXTENDS))
                " from step ${standing.from()}"
            else ""
        val time = if (standing.left() == 0L) "" else "about ${duration(costs.seconds(request, standing))}"
        return listOf(
            Identity.shortened(request.id()),
            request.label(),
            standing.state().words() + from,
            standing.left().toString(),
            time,
        )
    }

    private fun summary(plans: List<Pair<RunRequest, RequestStatus>>): List<String> = buildList {
        val counts = plans.groupingBy { it.second.state() }.eachCount().toSortedMap()
        val states = counts.entries.joinToString(", ") { (state, count) -> "$count ${state.words()}" }
        add("${counted(plans.size, "run")}: ${states.ifEmpty { "none" }}")
        val work = plans.filter { it.second.left() > 0 }
        if (work.isEmpty()) return@buildList
        val all = work.sumOf { (request, standing) -> costs.seconds(request, standing) }
        val workers = minOf(options.workers, work.size)
        val longest = work.maxOf { (request, standing) -> costs.seconds(request, standing) }
        add(
            "time: about ${duration(maxOf(all / workers, longest))} with $workers workers (${duration(all)} of training; speed from ${costs.origin()})"
        )
        val gradients = work.sumOf { (request, _) -> request.gradients() }
        if (gradients > 0) {
            val most = "%,.0f".format(Locale.ROOT, gradients)
            add("measures: at most $most gradients of their batches besides, of all runs together")
        }
        val bytes = plans.filter { it.second.state() in WRITES }.sumOf { RequestStatus.bytes(it.first) }
        add("disk: about ${size(bytes)} for weights and snapshots; ${size(free(options.store))} are free")
    }

    private companion object {
        val WRITES = setOf(RequestStatus.State.NEW, RequestStatus.State.CONTINUES, RequestStatus.State.EXTENDS)
    }
}

private fun free(folder: Path): Long {
    val there = generateSequence(folder) { it.parent }.first { Files.exists(it) }
    return Files.getFileStore(there).usableSpace
}
