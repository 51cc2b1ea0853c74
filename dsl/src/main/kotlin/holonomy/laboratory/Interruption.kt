package holonomy.laboratory

import java.util.concurrent.atomic.AtomicBoolean
import java.util.function.BooleanSupplier
import sun.misc.Signal

/** Ctrl-C: the first one asks running trainings to checkpoint and stop, the second one ends the process at once. */
internal class Interruption {
    /**
     * The result of [block], which asks its argument again and again whether to stop; [display] is told of the first
     * Ctrl-C.
     */
    fun <T> during(display: Display, block: (BooleanSupplier) -> T): T {
        val stop = AtomicBoolean()
        val names = listOf("INT", "TERM")
        val before =
            names.map { name ->
                Signal.handle(Signal(name)) { if (stop.getAndSet(true)) atOnce(display) else announce(display) }
            }
        try {
            return block(BooleanSupplier(stop::get))
        } finally {
            names.zip(before).forEach { (name, handler) -> Signal.handle(Signal(name), handler) }
        }
    }

    private fun announce(display: Display) =
        display.say(
            "Stopping: checkpoints are being written; the same command goes on from them. Ctrl-C once more stops at once."
        )

    private fun atOnce(display: Display) {
        runCatching(display::close) // the terminal gets its cursor back
        Runtime.getRuntime().halt(ExitCode.INTERRUPTED)
    }
}
