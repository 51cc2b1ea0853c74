package holonomy.cli

import kotlin.system.exitProcess

/** What the launcher starts. */
fun main(arguments: Array<String>) {
    val streams = Streams(standardOutput(), standardError(), Terminal.detect())
    val home = Home.detect()
    val code =
        try {
            commandLine(lab(), home, streams).execute(*arguments)
        } catch (bug: Throwable) {
            reportFailure(bug, home, streams)
        }
    streams.out.flush()
    streams.err.flush()
    exitProcess(code)
}

/** The laboratory of this build. */
private fun lab(): Lab = Lab { experiments, options ->
    experiments.forEach { options.display.say("${it.name}: ${it.question}") }
    ExitCode.DONE
}
