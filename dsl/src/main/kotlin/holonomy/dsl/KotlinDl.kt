package holonomy.dsl

import holonomy.probe.LinearProbe
import holonomy.probe.LogisticRegression
import org.jetbrains.kotlinx.dl.api.core.Sequential
import org.jetbrains.kotlinx.dl.api.core.activation.Activations
import org.jetbrains.kotlinx.dl.api.core.initializer.Zeros
import org.jetbrains.kotlinx.dl.api.core.layer.core.Dense
import org.jetbrains.kotlinx.dl.api.core.layer.core.Input
import org.jetbrains.kotlinx.dl.api.core.layer.weights
import org.jetbrains.kotlinx.dl.api.core.loss.Losses
import org.jetbrains.kotlinx.dl.api.core.metric.Metrics
import org.jetbrains.kotlinx.dl.api.core.optimizer.Adam
import org.jetbrains.kotlinx.dl.dataset.OnHeapDataset
import org.slf4j.LoggerFactory

/**
 * Trains a linear probe with KotlinDL: one dense layer with a softmax, all rows at once, Adam from zero weights.
 *
 * @property epochs steps, each on all rows
 * @property learningRate Adam's
 */
internal data class KotlinDlProbe(val epochs: Int = 200, val learningRate: Float = .2f) : LinearProbe.Fitter {
    override fun name() = "KotlinDL dense layer, $epochs epochs at $learningRate"

    override fun fit(rows: FloatArray, labels: IntArray, classes: Int, seed: Long): LinearProbe {
        val width = rows.size / labels.size
        val data =
            OnHeapDataset.create(
                Array(labels.size) { rows.copyOfRange(it * width, (it + 1) * width) },
                FloatArray(labels.size) { labels[it].toFloat() },
            )
        val dense = Dense(classes, Activations.Linear, Zeros(), Zeros(), name = "probe")
        Sequential.of(Input(width.toLong()), dense).use { model ->
            model.compile(Adam(learningRate), Losses.SOFT_MAX_CROSS_ENTROPY_WITH_LOGITS, Metrics.ACCURACY)
            model.fit(data, epochs, batchSize = labels.size)
            return probe(dense, classes, width)
        }
    }

    /** KotlinDL keeps the kernel as [d, C]. */
    private fun probe(dense: Dense, classes: Int, width: Int): LinearProbe {
        val kernel = dense.weights.entries.first { "kernel" in it.key }.value
        val bias = dense.weights.entries.first { "bias" in it.key }.value
        val weights = FloatArray(classes * width) { (kernel[it % width] as FloatArray)[it / width] }
        return LinearProbe(classes, weights, FloatArray(classes) { bias[it] as Float })
    }
}

/** KotlinDL where its TensorFlow has a native library for this machine, else our own logistic regression. */
internal val linearProbeFitter: LinearProbe.Fitter by lazy {
    try {
        org.tensorflow.TensorFlow.version()
        KotlinDlProbe()
    } catch (missing: LinkageError) {
        LoggerFactory.getLogger("holonomy.probes")
            .info("KotlinDL has no native library here ({}); probes are fitted by logistic regression", missing.message)
        LogisticRegression.standard()
    }
}
