package holonomy.cli

import java.io.PrintWriter

/** Where a command writes: results to [out], mistakes to [err]. */
internal class Streams(val out: PrintWriter, val err: PrintWriter, val terminal: Terminal)
