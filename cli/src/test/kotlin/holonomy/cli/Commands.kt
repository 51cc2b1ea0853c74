package holonomy.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.host.ScriptHost
import holonomy.host.ownClassPath
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import java.io.File
import java.io.PrintWriter
import java.io.StringReader
import java.io.StringWriter
import java.nio.file.Path

/** How a command ended, and what it said on both streams. */
internal class Outcome(val code: Int, val out: String, val err: String) {
    val json: JsonNode
        get() = ObjectMapper().readTree(out)
}

/**
 * The commands of a checkout, called as from its launcher.
 *
 * @param carryOut what becomes of experiments; nothing, unless a test says otherwise
 */
internal class Commands(private val root: Path, private val carryOut: CarryOut = { _, _ -> ExitCode.DONE }) {
    /** Calls `holonomy` with [arguments]; [answer] is what the user types. */
    operator fun invoke(vararg arguments: String, answer: String = "", interactive: Boolean = false): Outcome {
        val out = StringWriter()
        val err = StringWriter()
        val streams =
            Streams(PrintWriter(out, true), PrintWriter(err, true), Terminal(interactive)) {
                StringReader(answer).buffered()
            }
        val code = commandLine(carryOut, Home(root), streams).execute(*arguments)
        return Outcome(code, out.toString(), err.toString())
    }
}

/**
 * A host whose compiled scripts outlive the test: those of the checkout are compiled again only when something has
 * changed that they are compiled against. Scripts see no test's classes.
 */
internal fun scriptHost(): ScriptHost =
    ScriptHost(File("target/compiled-scripts"), ownClassPath().filter { it.name != "test-classes" })
