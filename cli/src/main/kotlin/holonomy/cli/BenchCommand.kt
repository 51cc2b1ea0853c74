package holonomy.cli

import com.fasterxml.jackson.databind.ObjectMapper
import holonomy.bench.Busy
import holonomy.bench.CommutatorBench
import holonomy.bench.Measured
import holonomy.bench.SpectraBench
import holonomy.bench.StepBench
import holonomy.bench.StoreBench
import holonomy.bench.Subject
import holonomy.bench.WorkersBench
import holonomy.laboratory.ExitCode
import holonomy.laboratory.Home
import java.util.Locale
import java.util.concurrent.Callable
import picocli.CommandLine.Command
import picocli.CommandLine.Option

/** `holonomy bench`: how long things take, each beside the floor it can't go below. */
@Command(
    name = "bench",
    description = ["Measure training step, workers, commutators, spectra, store and start, each beside its floor."],
    footer =
        [
            "",
            "Median and quartiles of repetitions taken in turns; (a) (b) (d) (e) (f) in processor time, the rest on the wall.",
            "Times on the wall are void, and say so, where the load is above the number of processors. At most 5 minutes on a quiet",
            "machine. Exits 1 when a ratio is beyond its limit by more than a quarter (noise of a shared machine).",
        ],
)
internal class BenchCommand(private val home: Home, private val streams: Streams) : Callable<Int> {
    @Option(names = ["--json"], description = ["Print the lines as JSON."]) private var json = false

    @Option(names = ["--short"], description = ["Fewer repetitions and smaller sizes: about a minute and a half."])
    private var short = false

    @Option(names = ["--first-step"], hidden = true) private var firstStep = false

    override fun call(): Int {
        if (firstStep) {
            Subject.published().use { it.steps(1) }
            return ExitCode.DONE
        }
        val lines = measure()
        if (json)
            streams.out.println(ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(lines.map(::asMap)))
        return if (lines.all { it.holds(NOISE) }) ExitCode.DONE else ExitCode.BUG
    }

    private fun measure(): List<Measured> {
        val processors = Runtime.getRuntime().availableProcessors()
        val parts =
            listOf(
                { StepBench.run(if (short) 10 else 40) },
                { Busy.unlessBusy(processors) { WorkersBench.run(if (short) 5 else 15) } },
                { CommutatorBench.run(if (short) 3 else 9) },
                { SpectraBench.run(if (short) intArrayOf(50, 100, 200) else intArrayOf(50, 100, 200, 400)) },
                { Busy.unlessBusy(1) { StoreBench.run(if (short) 3 else 7) } },
                { Busy.unlessBusy(processors) { starts() } },
            )
        return parts.flatMap { part -> part().onEach { if (!json) show(it) } }
    }

    /**
     * From the launcher's start to the end of the first training step of a process of its own; nothing without a
     * launcher.
     */
    private fun starts(): List<Measured> {
        val launcher = home.root.resolve("holonomy").toFile()
        if (!launcher.canExecute()) return listOf()
        val seconds = List(if (short) 2 else 5) { start(launcher.path) }
        val measured = Measured.of("(h) launcher to first step, no script", "s", seconds.toDoubleArray())
        return listOf(measured.over("6 s", measured.median() / LONGEST_START).atMost(1.0))
    }

    private fun start(launcher: String): Double {
        val started = System.nanoTime()
        val process = ProcessBuilder(launcher, "bench", "--first-step").inheritIO().start()
        check(process.waitFor() == 0) { "$launcher bench --first-step failed; see ${home.log}" }
        return (System.nanoTime() - started) * 1e-9
    }

    private fun show(line: Measured) {
        streams.out.println(benchLine(line))
        streams.out.flush()
    }

    private companion object {
        const val NOISE = .25
        const val LONGEST_START = 6.0
    }
}

/** One line for people. */
internal fun benchLine(line: Measured): String {
    fun number(x: Double) = String.format(Locale.ROOT, if (x < 1) "%.3f" else "%.2f", x)
    val value = "${number(line.median())} ${line.unit()} (${number(line.low())}..${number(line.high())})"
    val ratio = if (line.ratio().isNaN()) "" else "  ${number(line.ratio())} x ${line.floor()}".trimEnd()
    val sign = if (line.atLeast()) "at least" else "at most"
    val verdict = if (line.holds(0.0)) "holds" else "DOES NOT HOLD"
    val limit =
        when {
            line.voided() != null -> "  VOID: ${line.voided()}"
            line.limit().isNaN() -> ""
            else -> "  $sign ${number(line.limit())}: $verdict"
        }
    return line.name().padEnd(NAME_WIDTH) + value.padEnd(VALUE_WIDTH) + ratio + limit
}

private fun asMap(line: Measured): Map<String, Any?> =
    mapOf(
        "name" to line.name(),
        "unit" to line.unit(),
        "median" to line.median(),
        "low" to line.low(),
        "high" to line.high(),
        "floor" to line.floor(),
        "ratio" to line.ratio().takeUnless { it.isNaN() },
        "limit" to line.limit().takeUnless { it.isNaN() },
        "atLeast" to line.atLeast(),
        "holds" to line.holds(0.0),
        "void" to line.voided(),
    )

private const val NAME_WIDTH = 58
private const val VALUE_WIDTH = 32
