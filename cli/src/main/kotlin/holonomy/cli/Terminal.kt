package holonomy.cli

import java.io.File
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.PrintWriter
import java.util.concurrent.TimeUnit.SECONDS
import sun.misc.Signal

/**
 * What the launcher found out about the terminal.
 *
 * @property interactive standard output is a terminal that can redraw, and nobody asked for plain text (`NO_COLOR`,
 *   `TERM=dumb`, `CI`)
 */
internal class Terminal(val interactive: Boolean) {
    @Volatile private var columns = DEFAULT_COLUMNS

    /** The width in columns, kept up to date while the terminal is resized. */
    fun watchWidth(): () -> Int {
        columns = readColumns()
        runCatching { Signal.handle(Signal("WINCH")) { columns = readColumns() } }
        return { columns }
    }

    private fun readColumns(): Int =
        runCatching {
                val stty = ProcessBuilder("stty", "size").redirectInput(File("/dev/tty")).start()
                val answer = stty.inputReader().readText()
                stty.waitFor(1, SECONDS)
                answer.trim().substringAfter(' ').toInt().takeIf { it > 0 }
            }
            .getOrNull() ?: DEFAULT_COLUMNS

    companion object {
        private const val DEFAULT_COLUMNS = 80

        fun detect(environment: Map<String, String> = System.getenv()): Terminal {
            val plain =
                environment["TERM"].let { it == null || it == "dumb" } || PLAIN.any { !environment[it].isNullOrEmpty() }
            return Terminal(System.getProperty("holonomy.terminal") == "true" && !plain)
        }

        private val PLAIN = listOf("NO_COLOR", "CI")
    }
}

/** Standard output in UTF-8. */
internal fun standardOutput() = PrintWriter(FileOutputStream(FileDescriptor.out), false, Charsets.UTF_8)

/**
 * The user's standard error in UTF-8. The launcher keeps it at descriptor 3, for at 2 stand the stray lines of native
 * libraries, which belong into the log; without the launcher it is at 2 as ever.
 */
internal fun standardError(): PrintWriter {
    val number = Integer.getInteger("holonomy.errors") ?: return PrintWriter(System.err, true, Charsets.UTF_8)
    val make = FileDescriptor::class.java.getDeclaredConstructor(Int::class.java).apply { isAccessible = true }
    return PrintWriter(FileOutputStream(make.newInstance(number)), true, Charsets.UTF_8)
}
