package holonomy.laboratory

import holonomy.model.ComputeDevice
import holonomy.run.RequestStatus
import holonomy.run.RunRequest
import holonomy.run.Work
import holonomy.store.IndexEntry
import holonomy.store.Store

/** How long runs take: from the speed of stored runs, else from a few steps taken now. */
internal class Costs(private val store: Store, private val options: RunOptions) {
    private val finished = store.list()
    private val speeds = mutableMapOf<String, Speed>()

    /** Steps per second, and whether stored runs say so or a few steps taken now. */
    private class Speed(val stepsPerSecond: Double, val stored: Boolean)

    fun standing(request: RunRequest): RequestStatus =
        if (options.fresh) RequestStatus(RequestStatus.State.NEW, 0, request.spec().training().steps())
        else RequestStatus.of(store, finished, request)

    fun seconds(request: RunRequest, standing: RequestStatus) = standing.left() / speed(request).stepsPerSecond

    /** Time until all of these are there, with so many workers as the options say. */
    fun seconds(requests: Collection<RunRequest>): Double {
        val each = requests.map { seconds(it, standing(it)) }.filter { it > 0 }
        return if (each.isEmpty()) 0.0 else maxOf(each.sum() / minOf(options.workers, each.size), each.max())
    }

    /** Where the speeds asked for so far come from. */
    fun origin(): String {
        val origins = speeds.values.groupingBy { it.stored }.eachCount()
        return listOfNotNull(
                origins[true]?.let { "stored runs" },
                origins[false]?.let { "a few steps taken now, without measures" },
            )
            .joinToString(" and ")
    }

    private fun speed(request: RunRequest): Speed =
        speeds.getOrPut(Work.of(request.spec())) {
            measured(finished, Work.of(request.spec()))?.let { Speed(it, stored = true) }
                ?: Speed(
                    Work.stepsPerSecond(request.spec(), ComputeDevice.of(options.invocation.device)),
                    stored = false,
                )
        }
}

/** Median steps per second of stored runs with the same work per step; null if there is none. */
fun measured(finished: List<IndexEntry>, work: String): Double? {
    val speeds =
        finished
            .filter { it.summary().path("work").asText() == work }
            .map { it.summary().path("step").asDouble() / it.summary().path("seconds").asDouble() }
            .filter { it.isFinite() && it > 0 }
            .sorted()
    return if (speeds.isEmpty()) null else speeds[speeds.size / 2]
}
