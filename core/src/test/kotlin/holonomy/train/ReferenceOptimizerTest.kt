package holonomy.train

import ai.djl.ndarray.types.DataType
import holonomy.Reference
import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Role
import holonomy.model.autograd.AutogradNetwork
import holonomy.model.referenceBatch
import holonomy.model.referenceModel
import holonomy.model.referenceTheta
import holonomy.task.Batch
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FreeSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.sqrt
import kotlin.random.Random

private const val STEPS = 6

/**
 * What one step in float64 may be off by, in learning rates: the rounding of gradients of size 1, 1e-16, over AdamW's
 * epsilon, 1e-8. Only where a gradient is nothing but rounding, as that of b_K, is it as much.
 */
private const val FLOAT64 = 1e-8

/** Orders of summation in which the reference's own rounding is measured: each another order of a batch's sequences. */
private const val ORDERS = 4

/** How much further than the furthest of [ORDERS] one more order may lie. */
private const val ONE_MORE_ORDER = 4

/**
 * The optimisers against six steps of an independent program in float64. No tolerance is chosen: each is what float32
 * differs by from float64, counted where it is our arithmetic ([PlainOptimizer]), measured on the reference (autograd,
 * in float32 and in float64) where it is a sum's order, times [ONE_MORE_ORDER].
 *
 * Steps and gradients are held to it apart, because AdamW divides by the gradient's size: an entry smaller than its own
 * rounding has another sign in another order of summation, and moves its weight by up to 2 learning rates. From one
 * order to another, PyTorch's float32 ends between 1e-5 and 3e-3 from float64; no bound on that is both true and
 * narrow.
 */
class ReferenceOptimizerTest :
    FreeSpec({
        Reference.cases("optimizer-").forEach { case ->
            val path = ReferencePath(case)
            "${case.name.substringAfterLast('/')} of ${case.name.substringBefore('/')}" -
                {
                    "in float64, the six losses and the final weights" { path.isFloat64() }
                    "our steps by float64's gradients, within float32's rounding" { path.stepsAreOurs() }
                    "losses and gradients on our way, as near to float64 as the reference's own float32" {
                        path.gradientsOnOurWay()
                    }
                    if (path.settings is Sgd) {
                        "our way, as near to float64's as the reference's own float32" { path.wholeWay() }
                    }
                }
        }
    })

/** A loss, and an array [P] that belongs to it: a gradient, or the weights after a step. */
private typealias Point = Pair<Double, DoubleArray>

private class ReferencePath(private val case: Reference.Case) {
    val settings = settings(case.expected["settings"].asText())
    private val model = referenceModel(case.config, case)
    private val start = referenceTheta(model, case)
    private val final = referenceTheta(model, case, "final.").widen()
    private val float64 = STEPS * FLOAT64 * settings.learningRate()
    private val batches = List(STEPS) { referenceBatch(case, "x.$it", "y.$it") }

    /** Off by what storing in float32 takes, and by float64's own rounding. */
    fun isFloat64() {
        val way = exactly { plainWay(it) }
        way.zip(case.expected["losses"]).forEach { (ours, theirs) ->
            ours.first shouldBe (theirs.asDouble() plusOrMinus float64)
        }
        isFinal(way.last().second) { float64 }
    }

    /** Each weight within its own rounding, those of b_K too. */
    fun stepsAreOurs() {
        val plain = PlainOptimizer(settings, start)
        val theta = start.clone()
        val state = settings.start(theta.size)
        exactly { network ->
            for (batch in batches) {
                val gradient = network.at(plain.theta, batch).second
                plain.step(gradient)
                state.step(theta, gradient.narrow(), 1.0)
            }
        }
        isFinal(theta.widen()) { plain.rounding[it] }
    }

    /** At the weights of our own six steps, so that nothing grows from step to step. */
    fun gradientsOnOurWay() {
        val ours = Difference()
        val theirs = Difference()
        exactly { exact ->
            inFloat32().use { other ->
                ourWay { theta, batch, found ->
                    val truth = exact.at(theta, batch)
                    ours.add(found, truth)
                    repeat(ORDERS) { theirs.add(other.at(theta, batch.inOrder(it)), truth) }
                }
            }
        }
        ours.isWithin(theirs)
    }

    /** Where nothing is divided by the gradient, little grows on the way. */
    fun wholeWay() {
        val ours = Difference()
        val theirs = Difference()
        val truth = exactly { plainWay(it) }
        ourWay().zip(truth, ours::add)
        inFloat32().use { network ->
            repeat(ORDERS) { order -> plainWay(network, { it.inOrder(order) }).zip(truth, theirs::add) }
        }
        ours.isWithin(theirs)
    }

    /** Losses, and weights after each step, by our network and our optimiser; [visit] sees each gradient. */
    private fun ourWay(visit: (DoubleArray, Batch, Point) -> Unit = { _, _, _ -> }): List<Point> =
        model.open(ComputeDevice.CPU).use { network ->
            val theta = start.clone()
            val state = settings.start(theta.size)
            val gradient = FloatArray(theta.size)
            batches.map { batch ->
                val loss = network.gradient(theta, batch, gradient)
                visit(theta.widen(), batch, loss to gradient.widen())
                state.step(theta, gradient, 1.0)
                loss to theta.widen()
            }
        }

    /** The same by autograd and the published formulas. */
    private fun plainWay(network: Autograd, arranged: (Batch) -> Batch = { it }): List<Point> {
        val plain = PlainOptimizer(settings, start)
        return batches.map { batch ->
            val (loss, gradient) = network.at(plain.theta, arranged(batch))
            plain.step(gradient)
            network.kept(plain.theta).copyInto(plain.theta)
            loss to plain.theta.clone()
        }
    }

    private fun <T> exactly(use: (Autograd) -> T): T = Autograd(model, DataType.FLOAT64).use(use)

    private fun inFloat32() = Autograd(model, DataType.FLOAT32)

    /** Each weight is the reference's, but for how that is stored and for [allowed]. */
    private fun isFinal(theta: DoubleArray, allowed: (Int) -> Double) =
        model.layout().blocks().forEach { block ->
            val worst =
                (block.offset() until block.offset() + block.size()).maxOf {
                    abs(theta[it] - final[it]) / (FLOAT32_UNIT * abs(final[it]) + allowed(it))
                }
            withClue("${block.name()}: difference as a share of what rounding allows") {
                worst shouldBeLessThanOrEqual 1.0
            }
        }

    /** The largest difference from float64: of the losses, and of the entries of each block. */
    private inner class Difference {
        private val largest = sortedMapOf<String, Double>()

        fun add(found: Point, truth: Point) {
            grow("loss", abs(found.first - truth.first))
            for (block in model.layout().blocks()) {
                val entries = block.offset() until block.offset() + block.size()
                grow(block.name(), entries.maxOf { abs(found.second[it] - truth.second[it]) })
            }
        }

        private fun grow(name: String, difference: Double) {
            largest.merge(name, difference, ::maxOf)
        }

        fun isWithin(reference: Difference) =
            largest.forEach { (name, difference) ->
                withClue("$name: difference from float64") {
                    difference shouldBeLessThanOrEqual ONE_MORE_ORDER * reference.largest.getValue(name)
                }
            }
    }
}

/** Loss and gradient by the engine's autograd, in float32 or in float64. */
private class Autograd(private val model: Architecture, private val type: DataType) : AutoCloseable {
    private val network = AutogradNetwork(model, ComputeDevice.CPU, type)
    private val exactScale = 1 / sqrt(model.width().toDouble() / model.heads())

    fun at(theta: DoubleArray, batch: Batch): Point {
        if (type == DataType.FLOAT32) {
            val gradient = FloatArray(theta.size)
            return network.gradient(theta.narrow(), batch, gradient) to gradient.widen()
        }
        val gradient = DoubleArray(theta.size)
        return network.gradient(scaled(theta), batch, gradient) to scaled(gradient)
    }

    /** Weights as this type holds them. */
    fun kept(theta: DoubleArray): DoubleArray = if (type == DataType.FLOAT32) theta.narrow().widen() else theta

    /**
     * Queries, or gradients of queries, times what the network's 1 / sqrt(d/H) lacks: in float64, too, that is the
     * nearest float32, off by 1e-8.
     */
    private fun scaled(values: DoubleArray): DoubleArray {
        val scaled = values.clone()
        val lacking = exactScale / exactScale.toFloat()
        for (block in model.layout().blocks()) {
            if (block.role() == Role.QUERY || block.role() == Role.QUERY_BIAS) {
                for (i in block.offset() until block.offset() + block.size()) scaled[i] *= lacking
            }
        }
        return scaled
    }

    override fun close() = network.close()
}

private fun FloatArray.widen() = DoubleArray(size) { this[it].toDouble() }

private fun DoubleArray.narrow() = FloatArray(size) { this[it].toFloat() }

/** The same sequences in another order: the first is the order that they have. */
private fun Batch.inOrder(order: Int): Batch {
    val rows = (0 until size()).let { if (order == 0) it.toList() else it.shuffled(Random(order)) }
    return Batch.of(
        length(),
        rows.flatMap { row -> tokens().slice(row * length() until (row + 1) * length()) }.toIntArray(),
        rows.map { targets()[it] }.toIntArray(),
    )
}

private fun settings(name: String): Optimizer =
    when (name) {
        "adamw" -> AdamW(1e-3, .9, .98, 1e-8, .1, Optimizer.Decay.DECOUPLED)
        "sgd" -> Sgd.of(1e-2)
        "sgd-momentum" -> Sgd(1e-2, .9, false, 0.0, Optimizer.Decay.DECOUPLED)
        "sgd-nesterov" -> Sgd(1e-2, .9, true, 0.0, Optimizer.Decay.DECOUPLED)
        else -> error("no settings known for the reference case '$name'")
    }
