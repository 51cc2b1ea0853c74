package holonomy.cli

import java.io.BufferedReader
import java.io.PrintWriter

/** Where a command writes: results to [out], mistakes to [err]; [input] is opened when something is asked. */
internal class Streams(
    val out: PrintWriter,
    val err: PrintWriter,
    val terminal: Terminal,
    val input: () -> BufferedReader = { System.`in`.bufferedReader() },
)
