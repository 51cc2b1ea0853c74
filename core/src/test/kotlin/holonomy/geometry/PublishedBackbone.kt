package holonomy.geometry

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.train.Schedule
import kotlin.math.sqrt

/** Numbers, initial norm and schedule of arXiv 2602.23696's runs, and of the walk without learning beside them. */
object PublishedBackbone {
    const val TRUNK = 25_165_824L

    /** The published outputs, and what was derived from them. */
    val numbers: JsonNode = ObjectMapper().readTree(checkNotNull(javaClass.getResource("/published/backbone.json")))

    /** Step 1, then every 200th. */
    val checkpoints = longArrayOf(1) + LongArray(50) { 200L * (it + 1) }

    /** Learning rate of each of [steps] steps. */
    fun rates(steps: Int, warmup: Long = 1_500, rate: Double = 1e-3): DoubleArray {
        val schedule = Schedule.cutCosine(warmup, .1)
        return DoubleArray(steps) { rate * schedule.factor(it.toLong(), steps.toLong()) }
    }

    /** The walk of the main runs, at [kappa] and [decay], seen at some steps. */
    fun walk(kappa: Double = 1.0, decay: Double = .5, at: LongArray = checkpoints, steps: Int = 10_000) =
        NoiseWalk.of(rates(steps).copyOf(at.last().toInt()), decay)
            .kappa(kappa)
            .path("trunk", TRUNK, .02 * sqrt(TRUNK.toDouble()), at)
}

/** The numbers of an array. */
fun JsonNode.numbers(): DoubleArray = map { it.asDouble() }.toDoubleArray()
