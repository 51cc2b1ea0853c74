package holonomy.cli

import holonomy.data.UserError
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import java.io.File
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Option

/** `holonomy test`: the format check and the whole test suite through Maven. */
@Command(
    name = "test",
    description = ["Check the format and run all tests through Maven."],
    footer =
        [
            "",
            "Leaves out the tests marked Nightly, which are long and rarely find what the others don't; CI runs them with",
            "--all. Prints the test runner's own totals. Fails when a test fails, and also when fewer tests ran than",
            ".ci/minimum-tests says: a suite that silently stops running would be green otherwise.",
        ],
)
internal class TestCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(names = ["--all"], description = ["Run the nightly tests too."]) private var all = false

    override fun call(): Int {
        val log = home.log.resolveSibling("test.log").toFile().apply { parentFile.mkdirs() }
        val totals = TestTotals()
        val code = maven(log, totals)
        totals.lines.forEach { streams.out.println(it) }
        val minimum = minimumTests(home.root.resolve(".ci/minimum-tests").toFile(), all)
        val complaint = totals.complaint(minimum, code)
        streams.out.println("${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped")
        if (complaint != null) streams.err.println("holonomy: $complaint (log: $log)")
        return if (complaint == null) ExitCode.DONE else ExitCode.BUG
    }

    private fun maven(log: File, totals: TestTotals): Int {
        val command =
            listOf(
                System.getProperty("holonomy.maven") ?: "mvn",
                "-B",
                "-Dstyle.color=never",
                "-Dkotlin.compiler.daemon=false",
                "-Pspark",
                "-Dnightly=$all",
                // A module's failures don't stop the modules that need it: their tests are run and counted, too.
                "-Dmaven.test.failure.ignore=true",
                "spotless:check",
                "test",
            )
        val process = ProcessBuilder(command).directory(home.root.toFile()).redirectErrorStream(true).start()
        Runtime.getRuntime().addShutdownHook(Thread(process::destroy))
        process.outputStream.close()
        log.bufferedWriter().use { writer ->
            process.inputReader().forEachLine { line ->
                writer.appendLine(line)
                totals.read(line)
                if (isNews(line)) streams.out.apply { println(line) }.flush()
            }
        }
        return process.waitFor()
    }

    private fun isNews(line: String) =
        (line.startsWith("[ERROR]") && !ADVICE.containsMatchIn(line)) || SUITE_LINE.containsMatchIn(line)

    private companion object {
        /** What Maven says after every failure, about itself. */
        val ADVICE =
            Regex(
                """^\[ERROR] *($|To see the full|Re-run Maven|For more info|\[Help|After correcting|mvn <args>|-> \[Help)"""
            )
        val SUITE_LINE = Regex("""Tests run:.*Time elapsed""")
    }
}

/** How few tests are too few: of the two numbers in [file] the first, or, with the nightly tests, the second. */
internal fun minimumTests(file: File, all: Boolean): Int {
    val numbers = file.takeIf(File::isFile)?.readText()?.trim()?.split(WHITE)?.map(String::toIntOrNull)
    return numbers?.takeIf { it.size == 2 }?.get(if (all) 1 else 0)
        ?: throw UserError(
            "$file: expected two whole numbers, the least count of tests without the nightly ones and with them"
        )
}

private val WHITE = Regex("\\s+")
