package holonomy.cli

import holonomy.laboratory.ExitCode
import java.io.PrintWriter

/**
 * Notices that a script ends the process (`exitProcess`, `System.exit`) before the command is done: nothing can keep
 * Java from ending then, but it must not look like success.
 */
internal class ScriptExit(private val err: PrintWriter) {
    @Volatile private var done = false

    /** Looks on from now until [done]. */
    fun watch() = Runtime.getRuntime().addShutdownHook(Thread(::atEnd))

    /** The command is done: what ends the process now is ourselves. */
    fun done() {
        done = true
    }

    private fun atEnd() {
        val exiting = Thread.getAllStackTraces().values.firstOrNull(::exits)
        if (done || exiting == null) return // a signal ends the process, or the command has
        err.println(
            "holonomy: ${place(exiting)} ended the process (exitProcess or System.exit) before the command was done;"
        )
        err.println("what was complete is kept. Leave the call out: to end a script early, throw an exception")
        err.flush()
        Runtime.getRuntime().halt(ExitCode.USER)
    }

    private fun exits(stack: Array<StackTraceElement>) =
        stack.any { it.className == "java.lang.Runtime" && it.methodName == "exit" }

    private fun place(stack: Array<StackTraceElement>): String =
        stack.firstOrNull { it.fileName.orEmpty().endsWith(".main.kts") }?.let { "${it.fileName}:${it.lineNumber}" }
            ?: "a script"
}
