package holonomy.probe

import holonomy.model.Architecture
import holonomy.model.ComputeDevice
import holonomy.model.Site
import holonomy.model.Weights
import holonomy.task.MarkedTask
import holonomy.task.Operation
import holonomy.task.Stream
import holonomy.train.AdamW
import java.nio.file.Files
import java.nio.file.Path

/**
 * 1,000,000 activations of width 128 recorded at the value tokens of the published model, and an autoencoder of 512
 * latents trained on them: rates and peak memory (VmHWM, the mapped file included). See docs/performance-sae.md.
 */
fun main() {
    val count = 1_000_000
    val steps = 4_000
    val task = MarkedTask(Operation.sum(8), 16, 256, 100, 6, listOf(1, 2, 3, 4), MarkedTask.Placement.PER_BATCH)
    val model = Architecture(256, 16, 8, 5, 4, 128, 0)
    val theta = Weights.initial(model, 1).values()
    model.open(ComputeDevice.CPU).use { network ->
        val started = System.nanoTime()
        Recording.of(network, theta, task, Stream.of(1, "rows"), Site.residual(3), Places.VALUES, count).use {
            report("recorded $count activations", started, count)
            val trained = System.nanoTime()
            val recipe = ProbeTraining(Sparsity.TopK(16), 512, AdamW.of(3e-4), steps, 512)
            val fitted = ProbeFit.fit(it.activations(), recipe, 1) {}
            report("trained $steps steps of 512 rows, 512 latents", trained, steps * 512)
            println("fraction of variance unexplained ${fitted.atEnd("fvu")}, dead latents ${fitted.dead()}")
        }
    }
    val status = Path.of("/proc/self/status")
    if (Files.exists(status)) println(Files.readAllLines(status).first { it.startsWith("VmHWM") })
}

private fun report(what: String, since: Long, rows: Int) {
    val seconds = (System.nanoTime() - since) / 1e9
    println("%s: %.1f s, %.0f rows/s".format(java.util.Locale.ROOT, what, seconds, rows / seconds))
}
