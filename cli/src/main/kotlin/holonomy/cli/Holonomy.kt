package holonomy.cli

import holonomy.dsl.Experiment
import holonomy.dsl.VERSION
import holonomy.laboratory.Home
import holonomy.laboratory.RunOptions
import java.nio.file.Path
import picocli.CommandLine
import picocli.CommandLine.Command
import picocli.CommandLine.Model.CommandSpec
import picocli.CommandLine.Spec

/** The command itself: without a subcommand it prints its help. */
@Command(
    name = "holonomy",
    version = ["Holonomy $VERSION"],
    description = ["Studies the path a transformer takes through weight space while it learns."],
    footer =
        [
            "",
            "Start here:",
            "  holonomy doctor                                is this machine ready?",
            "  holonomy run experiments/collapse.main.kts     the first experiment, about a minute",
            "  holonomy run --help                            its options, with examples",
            "",
            "Exit codes: 0 done, 1 a bug of ours, 2 a mistake in script, option or configuration,",
            "3 a run, figure or claim failed or a run is damaged, 130 interrupted.",
        ],
)
internal class Holonomy(private val streams: Streams) : Runnable {
    @Spec private lateinit var spec: CommandSpec

    override fun run() = spec.commandLine().usage(streams.out)
}

/** What commands hand experiments to, with how to carry them out; it gives the exit code. */
internal typealias CarryOut = (List<Experiment>, RunOptions) -> Int

/** The command line with all its commands. */
internal fun commandLine(carryOut: CarryOut, home: Home, streams: Streams): CommandLine {
    val root = CommandLine(Holonomy(streams))
    listOf(
            RunCommand(carryOut, home, streams),
            FiguresCommand(carryOut, home, streams),
            RunsCommand(home, streams),
            ShowCommand(home, streams),
            WatchCommand(home, streams),
            QueryCommand(home, streams),
            ExportCommand(home, streams),
            AnalyseCommand(home, streams),
            VerifyCommand(home, streams),
            DiffCommand(home, streams),
            RmCommand(home, streams),
            GcCommand(home, streams),
            SiteCommand(home, streams),
            DoctorCommand(home, streams),
            TestCommand(home, streams),
            BenchCommand(home, streams),
            PackageCommand(home, streams),
        )
        .forEach(root::addSubcommand)
    (root.subcommands.values + root).forEach { it.commandSpec.mixinStandardHelpOptions(true) }
    root.subcommands.values.forEach { it.commandSpec.version("Holonomy $VERSION") }
    (root.subcommands.values + root).forEach { it.registerConverter(Path::class.java, ::pathOf) }
    return root
        .setOut(streams.out)
        .setErr(streams.err)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(HELP_WIDTH)
        .setParameterExceptionHandler { mistake, _ -> reportMistake(mistake, streams) }
        .setExecutionExceptionHandler { failure, _, _ -> reportFailure(failure, home, streams) }
}

/** An empty path would be the working folder, which nobody means by it. */
private fun pathOf(text: String): Path =
    if (text.isBlank()) throw CommandLine.TypeConversionException("expected a path, found nothing") else Path.of(text)

private const val HELP_WIDTH = 100
