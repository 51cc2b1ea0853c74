package holonomy.cli

import holonomy.text.age
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.MILLISECONDS

/**
 * Tells on standard error how far something is, once it takes over two seconds: a line redrawn in place on a terminal,
 * else a line every ten seconds. Closed when it is done.
 *
 * @param share what is done, 0..1; asked from another thread
 */
internal class Meter(private val what: String, private val streams: Streams, private val share: () -> Double) :
    AutoCloseable {
    private val done = CountDownLatch(1)
    private val started = System.nanoTime()
    private val thread = Thread(::watch, "meter").apply { isDaemon = true }.also { it.start() }

    private fun watch() {
        var shown = false
        val redrawn = streams.terminal.interactive
        var pause = FIRST
        while (!done.await(pause, MILLISECONDS)) {
            val line = line()
            streams.err.print(if (redrawn) "\r$line\u001b[K" else "$line\n")
            streams.err.flush()
            shown = true
            pause = if (redrawn) OFTEN else SELDOM
        }
        if (shown && redrawn) {
            streams.err.print("\r\u001b[K")
            streams.err.flush()
        }
    }

    private fun line(): String {
        val part = share().coerceIn(0.0, 1.0)
        val seconds = (System.nanoTime() - started) / 1e9
        val left = if (part > .02) ", about ${age((seconds * (1 - part) / part).toLong())} left" else ""
        return "$what: ${(100 * part).toInt()} %$left"
    }

    override fun close() {
        done.countDown()
        thread.join()
    }

    private companion object {
        const val FIRST = 2_000L
        const val OFTEN = 250L
        const val SELDOM = 10_000L
    }
}
