package holonomy.cli

import holonomy.data.UserError
import holonomy.dsl.didYouMean
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import org.slf4j.LoggerFactory
import picocli.CommandLine
import picocli.CommandLine.ParameterException
import picocli.CommandLine.UnmatchedArgumentException

/** Says what is wrong with the arguments, names the nearest that is right, and where to read on. */
internal fun reportMistake(mistake: ParameterException, streams: Streams): Int {
    val command = mistake.commandLine
    streams.err.println("holonomy: ${describe(mistake, command)}")
    streams.err.println("See '${command.commandSpec.qualifiedName()} --help'.")
    return ExitCode.USER
}

private fun describe(mistake: ParameterException, command: CommandLine): String {
    val unmatched =
        (mistake as? UnmatchedArgumentException)?.unmatched?.firstOrNull() ?: return mistake.message.orEmpty()
    val options = command.commandSpec.optionsMap().keys.filter { it.startsWith("--") }
    return when {
        unmatched.startsWith("-") ->
            "unknown option '$unmatched'.${didYouMean(unmatched.substringBefore('='), options)}"
        command.subcommands.isEmpty() -> "unexpected argument '$unmatched'."
        else -> {
            val commands = command.subcommands.keys
            "unknown command '$unmatched'; there are ${commands.joinToString(", ")}.${didYouMean(unmatched, commands)}"
        }
    }
}

/** A user's mistake in one message; anything else is a bug, whose trace goes into the log. */
internal fun reportFailure(failure: Throwable, home: Home, streams: Streams): Int =
    when (failure) {
        is UserError -> {
            streams.err.println("holonomy: ${failure.message}")
            ExitCode.USER
        }
        is InterruptedException -> ExitCode.INTERRUPTED
        else -> {
            LoggerFactory.getLogger("holonomy").error("A bug of ours", failure)
            streams.err.println("holonomy: a bug of ours: $failure")
            streams.err.println("The trace is at the end of ${home.log}; please report it.")
            ExitCode.BUG
        }
    }
