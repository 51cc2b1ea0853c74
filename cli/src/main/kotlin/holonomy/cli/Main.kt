package holonomy.cli

import holonomy.host.tellKotlinWhereItIs
import holonomy.laboratory.Home
import holonomy.laboratory.Laboratory
import kotlin.system.exitProcess

/** What the launcher starts. */
fun main(arguments: Array<String>) {
    val streams = Streams(standardOutput(), standardError(), Terminal.detect())
    val home = Home.detect()
    tellKotlinWhereItIs()
    val exit = ScriptExit(streams.err).apply(ScriptExit::watch)
    val code =
        try {
            commandLine(Laboratory()::execute, home, streams).execute(*arguments)
        } catch (bug: Throwable) {
            reportFailure(bug, home, streams)
        }
    streams.out.flush()
    streams.err.flush()
    exit.done()
    exitProcess(code)
}
