package holonomy.cli

import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import java.nio.file.Path
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Option

/** `holonomy doctor`: each thing a run needs, with a verdict and a remedy. */
@Command(
    name = "doctor",
    description =
        [
            "Check this machine: JDK, engine, matrix products, device, threads, memory, fonts, temporary folder, disk, store."
        ],
    footer = ["", "Exits 0 when everything needed is there (warnings allowed), 2 when there is a problem."],
)
internal class DoctorCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(
        names = ["--store"],
        paramLabel = "DIR",
        description = ["The run store to check; default: runs/ of the checkout."],
    )
    private var store: Path? = null

    override fun call(): Int {
        val folder = (store ?: home.runs).toAbsolutePath().normalize()
        val checks =
            listOf(
                ::checkJdk,
                ::checkEngine,
                ::checkProducts,
                ::checkDevice,
                ::checkThreads,
                ::checkMemory,
                ::checkFonts,
                ::checkTemporary,
                { checkDisk(folder) },
                { checkStore(folder) },
            )
        val verdicts = checks.map { check -> check().also(::show).verdict }
        val problems = verdicts.count { it == Verdict.PROBLEM }
        val warnings = verdicts.count { it == Verdict.WARNING }
        streams.out.println("${checks.size} checks, $problems problems, $warnings warnings; log: ${home.log}")
        return if (problems == 0) ExitCode.DONE else ExitCode.USER
    }

    private fun show(check: Check) {
        streams.out.println(check.text())
        streams.out.flush()
    }
}
